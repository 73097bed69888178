import SystemPackage

/// `[output]`: what is written where.
package struct OutputSettings: Sendable {
  /// The folder that receives one folder a node; nil: as the command line says.
  package var folder: FilePath?

  /// Settings that say only what is given.
  package init(folder: FilePath? = nil) { self.folder = folder }
}

extension OutputSettings {
  init(reading table: TableReader) {
    table.refuse("image", "tree")
    self.init(folder: table.value("folder", .path))
  }
}
