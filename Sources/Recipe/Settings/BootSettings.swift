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
  init(reading table: TableReader) {
    let cmdline = table.table("cmdline")
    self.init(
      from: table.value("from", .choice()) ?? .disk,
      configText: table.list("config_txt", of: .configLine) ?? [],
      cmdlineAdd: cmdline?.list("add", of: .kernelParameter) ?? [],
      cmdlineRemove: cmdline?.list("remove", of: .kernelParameter) ?? [],
      diskID: table.value("disk_id", .diskID),
      size: table.value("size", .diskSize) ?? .fit)
  }
}
