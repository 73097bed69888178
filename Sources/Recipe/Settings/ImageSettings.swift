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
  static let pathKey = Key(
    "path", .imagePath, "The stock image, a file of this machine.", example: "\"raspios-lite.img.xz\"")
  static let urlKey = Key(
    "url", .url, "Where the stock image is downloaded from: http, https or file.",
    example: "\"https://downloads.raspberrypi.com/raspios_lite_arm64_latest\"")
  static let sha256Key = Key(
    "sha256", .sha256, "The SHA-256 of the file as it is downloaded; with url it must be there.",
    example: "\"acff736ca7945e3b305f07cda4abdb870910e12634991da69783611756e381b3\"")
  static let extractSHA256Key = Key(
    "extract_sha256", .sha256, "The SHA-256 of the disk image in the file.",
    example: "\"acff736ca7945e3b305f07cda4abdb870910e12634991da69783611756e381b3\"")
  static let bootPartitionKey = Key(
    "boot_partition", .integer(in: 1...128), "The number of the boot partition.", example: "1",
    fallback: "found by what it holds")
  static let rootPartitionKey = Key(
    "root_partition", .integer(in: 1...128), "The number of the root partition.", example: "2",
    fallback: "found by what it holds")
  static let keys = TableKeys(
    "image", "Where the stock image comes from.",
    [pathKey, urlKey, sha256Key, extractSHA256Key, bootPartitionKey, rootPartitionKey],
    // A digest belongs to its image.
    exclusives: [TableKeys.Exclusive(["path", "url"], dependents: ["sha256", "extract_sha256"])])

  init(reading table: TableReader) {
    location = table[Self.pathKey].map(Location.path) ?? table[Self.urlKey].map(Location.url)
    sha256 = table[Self.sha256Key]
    extractSHA256 = table[Self.extractSHA256Key]
    bootPartition = table[Self.bootPartitionKey]
    rootPartition = table[Self.rootPartitionKey]
  }
}
