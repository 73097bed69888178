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

  /// The folder that receives one folder a node; nil: as the command line says.
  package var folder: FilePath?
  /// What files are written as instead of disk images; nil: disk images.
  package var tree: Tree?
  /// The form of send streams; `v1` where the recipe says nothing.
  package var stream: Stream

  /// Settings that say only what is given.
  package init(folder: FilePath? = nil, tree: Tree? = nil, stream: Stream = .v1) {
    self.folder = folder
    self.tree = tree
    self.stream = stream
  }
}

extension OutputSettings {
  init(reading table: TableReader) {
    table.refuse("image")
    self.init(
      folder: table.value("folder", .path), tree: table.value("tree", .choice()),
      stream: table.value("stream", .choice()) ?? .v1)
  }
}
