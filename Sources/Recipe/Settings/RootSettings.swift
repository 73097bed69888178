/// `[root]`: where the root file system is.
package struct RootSettings: Sendable {
  /// Where the root is.
  package enum Place: String, Sendable, CaseIterable {
    /// On the same disk as /boot.
    case disk
    /// On a USB disk of its own.
    case usb
    /// On the server.
    case nfs
  }
  /// The protocol by which a root on the server is mounted.
  package enum NFSVersion: String, Sendable, CaseIterable {
    case v3 = "3"
    case v4_1 = "4.1"
  }
  /// Where the root is; `disk` where the recipe says nothing.
  package var on: Place
  /// The MBR signature of the disk that holds the root; nil: derived.
  package var diskID: DiskID?
  /// The size of the disk image that holds the root.
  package var size: DiskSize
  /// The protocol of a root on the server; version 3 where the recipe says nothing.
  package var nfsVersion: NFSVersion

  /// Settings that say only what is given.
  package init(on: Place = .disk, diskID: DiskID? = nil, size: DiskSize = .fit, nfsVersion: NFSVersion = .v3) {
    self.on = on
    self.diskID = diskID
    self.size = size
    self.nfsVersion = nfsVersion
  }
}

/// The size of a disk image.
package enum DiskSize: Sendable, Hashable {
  /// As large as its content wants; the node grows it on its first start.
  case fit
  /// This many bytes, a multiple of 512.
  case bytes(Int)
}

extension RootSettings {
  static let onKey = Key<Place>(
    "on", .choice(),
    "Where the root file system is: on the disk of the boot files, on a disk of its own, or on the server.",
    example: "\"usb\"", fallback: "\"disk\"")
  static let diskIDKey = Key(
    "disk_id", .diskID, "The MBR signature of the root's disk, so that its PARTUUID is known.", example: "\"c1f95d14\"",
    fallback: "derived from the fleet's seed and the node's name")
  static let filesystemKey = Key(
    "filesystem", .filesystem, "The file system.", example: "\"ext4\"", fallback: "\"ext4\"")
  static let sizeKey = Key(
    "size", .diskSize, "The size of the disk's image; \"fit\" is grown by the node on its first start.",
    example: "\"8GiB\"", fallback: "\"fit\"")
  static let nfsVersionKey = Key<NFSVersion>(
    "nfs_version", .choice(), "The protocol of a root on the server.", example: "\"4.1\"", fallback: "\"3\"")
  static let overlayKey = Key(
    "overlay", .overlay, "A read-only root, with changes in memory.", example: "false", fallback: "false")
  static let keys = TableKeys(
    "root", "Where the root file system is.", [onKey, diskIDKey, filesystemKey, sizeKey, nfsVersionKey, overlayKey])

  init(reading table: TableReader) {
    self.init(
      on: table[Self.onKey] ?? .disk, diskID: table[Self.diskIDKey], size: table[Self.sizeKey] ?? .fit,
      nfsVersion: table[Self.nfsVersionKey] ?? .v3)
  }
}
