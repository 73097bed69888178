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
  init(reading table: TableReader) {
    _ = table.value("filesystem", .filesystem)
    _ = table.value("overlay", .overlay)
    self.init(
      on: table.value("on", .choice()) ?? .disk,
      diskID: table.value("disk_id", .diskID),
      size: table.value("size", .diskSize) ?? .fit,
      nfsVersion: table.value("nfs_version", .choice()) ?? .v3)
  }
}
