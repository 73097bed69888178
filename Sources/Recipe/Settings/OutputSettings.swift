import SystemPackage

/// `[output]`: what is written where.
package struct OutputSettings: Sendable {
  /// What a node's files are written as instead of disk images.
  package enum Tree: String, Sendable, CaseIterable {
    /// Folders with owners and devices.
    case directory
    /// A tar archive with owners and devices.
    case tar
    /// Subvolumes of the btrfs that the output folder is on.
    case btrfs
    /// Send streams, of which a server makes subvolumes.
    case btrfsStream = "btrfs-stream"
  }

  /// The form of send streams.
  package enum Stream: String, Sendable, CaseIterable {
    /// Version 1, which every btrfs-progs receives.
    case v1
    /// Version 2 with data that zstd has compressed.
    case v2Zstd = "v2-zstd"
  }

  /// How disk images are packed.
  package enum Compression: String, Sendable, CaseIterable {
    /// Not at all: a sparse file.
    case none
    /// As .xz of many blocks.
    case xz
    /// As .zst of many frames.
    case zstd
  }

  /// How disk images are divided.
  package enum Table: String, Sendable, CaseIterable {
    /// By a master boot record, as stock images are.
    case mbr
    /// By a GUID partition table.
    case gpt
    /// By a GUID partition table, beside which an MBR names the boot partition.
    case hybrid
  }

  /// The folder that receives one folder a node; nil: as the command line says.
  package var folder: FilePath?
  /// What files are written as instead of disk images; nil: disk images.
  package var tree: Tree?
  /// The form of send streams; `v1` where the recipe says nothing.
  package var stream: Stream
  /// How disk images are packed; not at all where the recipe says nothing.
  package var compression = Compression.none
  /// How disk images are divided; by an MBR where the recipe says nothing.
  package var table = Table.mbr
  /// Whether a block map for bmaptool is written beside each disk image.
  package var blockMap = false

  /// Settings that say only what is given.
  package init(folder: FilePath? = nil, tree: Tree? = nil, stream: Stream = .v1) {
    self.folder = folder
    self.tree = tree
    self.stream = stream
  }
}

extension OutputSettings {
  static let folderKey = Key(
    "folder", .path, "The folder that receives one folder a node.", example: "\"out\"", fallback: "\"out\"")
  static let treeKey = Key<Tree>(
    "tree", .choice(), "What a node's files are written as instead of disk images.", example: "\"btrfs-stream\"",
    fallback: "disk images")
  static let streamKey = Key<Stream>(
    "stream", .choice(), "The form of send streams: v2-zstd compresses the data.", example: "\"v2-zstd\"",
    fallback: "\"v1\"")
  static let compressKey = Key<Compression>(
    "compress", .choice(), "How disk images are packed.", example: "\"xz\"", fallback: "\"none\"")
  static let tableKey = Key<Table>(
    "table", .choice(), "How disk images are divided.", example: "\"gpt\"", fallback: "\"mbr\"")
  static let blockMapKey = Key(
    "bmap", .boolean, "Whether a block map for bmaptool is written beside each disk image.", example: "true",
    fallback: "false")
  static let imageKeys = TableKeys("image", "The form of disk images.", [compressKey, tableKey, blockMapKey])
  static let keys = TableKeys(
    "output", "What is written where.", [folderKey, treeKey, streamKey, imageKeys.table])

  init(reading table: TableReader) {
    self.init(folder: table[Self.folderKey], tree: table[Self.treeKey], stream: table[Self.streamKey] ?? .v1)
    let image = table.table(Self.imageKeys)
    compression = image[Self.compressKey] ?? .none
    self.table = image[Self.tableKey] ?? .mbr
    blockMap = image[Self.blockMapKey] ?? false
  }
}
