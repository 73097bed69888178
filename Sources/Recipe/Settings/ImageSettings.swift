import SystemPackage

/// `[image]`: where the stock image comes from.
package struct ImageSettings: Sendable, Equatable {
  /// Where it is.
  package enum Location: Sendable, Hashable {
    /// A file of this machine.
    case path(FilePath)
    /// An http, https or file URL. It may hold credentials: whatever shows or records it takes its `bareURL`.
    case url(String)
  }
  /// nil when the recipe names none: the command line must then.
  package var location: Location?
  /// The SHA-256 of the bytes as downloaded, 64 lower-case hexadecimal digits.
  package var sha256: String?
  /// The SHA-256 of the disk image inside.
  package var extractSHA256: String?
  /// The number of the boot partition, from 1; nil: found by type and content.
  package var bootPartition: Int?
  /// The number of the root partition, from 1; nil: found by type and content.
  package var rootPartition: Int?

  /// Settings that say only what is given.
  package init(
    location: Location? = nil, sha256: String? = nil, extractSHA256: String? = nil, bootPartition: Int? = nil,
    rootPartition: Int? = nil
  ) {
    self.location = location
    self.sha256 = sha256
    self.extractSHA256 = extractSHA256
    self.bootPartition = bootPartition
    self.rootPartition = rootPartition
  }
}

extension ImageSettings {
  init(reading table: TableReader) {
    let path = table.value("path", .imagePath)
    let url = table.value("url", .url)
    table.permitOne(of: ["path", "url"])
    location = path.map(Location.path) ?? url.map(Location.url)
    sha256 = table.value("sha256", .sha256)
    extractSHA256 = table.value("extract_sha256", .sha256)
    bootPartition = table.value("boot_partition", .integer(in: 1...128))
    rootPartition = table.value("root_partition", .integer(in: 1...128))
  }
}
