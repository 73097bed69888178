import Bytes
import FileTree
import Recipe
import struct SystemPackage.FilePath

/// A node's system while it is made out of a stock image: both trees, and what all edits need to know.
struct NodeSystem {
  var boot: FileTree
  var root: FileTree
  let recipe: NodeRecipe
  let identity: NodeIdentity
  let topology: Topology
  /// Where the image mounts its boot partition, without a slash at either end: `boot/firmware` or `boot`.
  let bootMountPoint: TreePath
  /// The Debian release that the image is, such as 12; nil where it does not say.
  let release: Int?
  /// The partitions of the disk that the trees come from.
  let stock: StockLayout
  /// Finds that disk's names in the files of the image.
  let references: StockReferences
  /// The time of everything that is edited or made.
  let time: Timestamp
  /// Takes in a file or folder of this machine: a tree whose root holds that alone.
  let importing: (FilePath) throws -> FileTree
  var warnings: [Warning] = []
  /// Where the image names partitions that the node does not have: parts of sentences.
  var stockUses: [StockReferences.Target: [String]] = [:]
  /// The files that hold the node's kernel parameters.
  var commandLines: [TreePath] = []

  /// What is wrong with the recipe for this image; the steps after it were tried all the same.
  var problems: [RaspberryPiOSError] = []

  mutating func warn(_ text: String) { warnings.append(Warning(text)) }

  /// Does `work`. What the recipe asks for and this image cannot give is reported, and what follows is tried all the same.
  ///
  /// - Parameter isWish: whether what follows can do without it, also where the image is of another kind than it needs.
  /// - Throws: what `work` throws, where it is no problem of the recipe.
  mutating func attempt(
    isWish: Bool = false, _ work: (inout NodeSystem) throws(RaspberryPiOSError) -> Void
  ) throws(RaspberryPiOSError) {
    do throws(RaspberryPiOSError) {
      try work(&self)
    } catch {
      guard error.kind == .usage || isWish && error.kind == .unsupported else { throw error }
      problems.append(error)
    }
  }

  /// Disables the unit called `name` of the root.
  mutating func disable(_ name: String) throws(RaspberryPiOSError) {
    try root.disableUnit(name)
  }
}

extension NodeSystem {
  /// The file at `path` of the root as lines.
  ///
  /// - Throws: `.unsupported` if there is none.
  func required(_ path: TreePath) throws(RaspberryPiOSError) -> TextFile {
    guard let file = try root.text(at: path) else { throw .unsupported("the image has no \(path)") }
    return file
  }

  /// Changes the file at `path` of the root by lines, if there is one.
  mutating func edit(
    _ path: TreePath, _ change: (inout TextFile) throws(RaspberryPiOSError) -> Void
  ) throws(RaspberryPiOSError) {
    guard var file = try root.text(at: path) else { return }
    try change(&file)
    try root.write(file.bytes, to: path, time: time)
  }
}
