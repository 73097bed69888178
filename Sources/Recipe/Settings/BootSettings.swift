/// `[boot]`: where the firmware finds its files.
package struct BootSettings: Sendable {
  /// Where /boot is.
  package enum Source: String, Sendable, CaseIterable {
    /// On the same disk as the root.
    case disk
    /// On an SD card of its own.
    case card
    /// Over the network.
    case tftp
  }
  /// Where /boot is; `disk` where the recipe says nothing.
  package var from: Source
  /// Lines appended to config.txt after `[all]`.
  package var configText: [String]
  /// Kernel parameters to append to cmdline.txt, one word each.
  package var cmdlineAdd: [String]
  /// Kernel parameters to take away: a whole word, or a key that stands before `=`.
  package var cmdlineRemove: [String]
  /// The MBR signature of a card; nil: derived.
  package var diskID: DiskID?
  /// The size of a card's image.
  package var size: DiskSize

  /// Settings that say only what is given.
  package init(
    from: Source = .disk, configText: [String] = [], cmdlineAdd: [String] = [], cmdlineRemove: [String] = [],
    diskID: DiskID? = nil, size: DiskSize = .fit
  ) {
    self.from = from
    self.configText = configText
    self.cmdlineAdd = cmdlineAdd
    self.cmdlineRemove = cmdlineRemove
    self.diskID = diskID
    self.size = size
  }
}

extension BootSettings {
  static let fromKey = Key<Source>(
    "from", .choice(),
    "Where the firmware finds its files: on the disk of the root, on an SD card of their own, or on the server.",
    example: "\"tftp\"", fallback: "\"disk\"")
  static let configTextKey = ListKey(
    "config_txt", of: .configLine, "Lines that are appended to config.txt, after [all].",
    example: "[\"dtparam=audio=on\"]")
  static let cmdlineAddKey = ListKey(
    "add", of: .kernelParameter, "Kernel parameters that are appended to cmdline.txt.", example: "[\"quiet\"]")
  static let cmdlineRemoveKey = ListKey(
    "remove", of: .kernelParameter,
    "Kernel parameters that are taken away: a whole word, or what stands before its \"=\".",
    example: "[\"console=serial0,115200\"]")
  static let cmdlineKeys = TableKeys("cmdline", "What changes in cmdline.txt.", [cmdlineAddKey, cmdlineRemoveKey])
  static let diskIDKey = Key(
    "disk_id", .diskID, "The MBR signature of a card.", example: "\"c1f95d15\"",
    fallback: "derived from the fleet's seed and the node's name")
  static let sizeKey = Key(
    "size", .diskSize, "The size of a card's image.", example: "\"1GiB\"", fallback: "\"fit\"")
  static let keys = TableKeys(
    "boot", "Where the firmware finds its files, and what it is told.",
    [fromKey, configTextKey, cmdlineKeys.table, diskIDKey, sizeKey])

  init(reading table: TableReader) {
    let cmdline = table.table(Self.cmdlineKeys)
    self.init(
      from: table[Self.fromKey] ?? .disk, configText: table[Self.configTextKey] ?? [],
      cmdlineAdd: cmdline[Self.cmdlineAddKey] ?? [], cmdlineRemove: cmdline[Self.cmdlineRemoveKey] ?? [],
      diskID: table[Self.diskIDKey], size: table[Self.sizeKey] ?? .fit)
  }
}
