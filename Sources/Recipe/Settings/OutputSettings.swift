import SystemPackage

/// `[output]`: what is written where.
package struct OutputSettings: Sendable {
  /// How disk images are packed.
  package enum Compression: String, Sendable, CaseIterable {
    /// Not at all: a sparse file.
    case none
    /// As .xz of many blocks.
    case xz
    /// As .zst of many frames.
    case zstd
  }

  /// The folder that receives one folder a node; nil: as the command line says.
  package var folder: FilePath?
  /// How disk images are packed; not at all where the recipe says nothing.
  package var compression = Compression.none
  /// Whether a block map for bmaptool is written beside each disk image.
  package var blockMap = false

  /// Settings that say only what is given.
  package init(folder: FilePath? = nil) { self.folder = folder }
}

extension OutputSettings {
  init(reading table: TableReader) {
    table.refuse("tree")
    self.init(folder: table.value("folder", .path))
    let image = table.table("image")
    compression = image?.value("compress", .choice()) ?? .none
    blockMap = image?.value("bmap", .boolean) ?? false
  }
}
