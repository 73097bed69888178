import Bytes
import FileTree
import Glibc
import Recipe
import SystemPackage
import TestSupport

@testable import RaspberryPiOS

extension StockTrees {
  /// The trees after one step of a node that `recipe` describes, twice over: the second time must change nothing.
  func afterStep(
    of recipe: NodeRecipe, time: Timestamp = StockTrees.time,
    importing: @escaping (FilePath) throws -> FileTree = { _ in throw NoSuchName() },
    _ step: (inout NodeSystem) throws(RaspberryPiOSError) -> Void
  ) throws -> (trees: StockTrees, warnings: [String]) {
    let identity = NodeIdentity(recipe)
    var system = NodeSystem(
      boot: boot, root: root, recipe: recipe, identity: identity, topology: try Topology(recipe, identity: identity),
      bootMountPoint: "boot/firmware", release: 12, stock: StockLayout(),
      references: StockReferences(StockLayout(), boot: nil, root: nil, disks: []), time: time, importing: importing)
    try step(&system)
    let once = system
    try step(&system)
    guard try changes(from: once.root, to: system.root).isEmpty, try changes(from: once.boot, to: system.boot).isEmpty
    else { throw ChangedAgain() }
    var trees = self
    trees.boot = once.boot
    trees.root = once.root
    return (trees, once.warnings.map(\.description))
  }

  /// A step that did not find its own work done.
  struct ChangedAgain: Error {}
}

extension FileTree {
  /// Writes the files below `folder`, links followed, for another tool to read.
  func write(_ folder: TreePath, to path: FilePath) throws {
    for name in names(in: folder) {
      let place = folder.appending(name)
      let target = path.appending(name.description)
      if let bytes = try bytes(at: place) {
        let file = try FileDescriptor.open(
          target, .writeOnly, options: [.create, .truncate], permissions: FilePermissions(rawValue: 0o644))
        try file.closeAfter { _ = try file.writeAll(bytes) }
      } else if case .directory? = inode(at: place)?.body {
        try makeFolder(target)
        try write(place, to: target)
      }
    }
  }
}

/// Makes a folder and those above it.
func makeFolder(_ path: FilePath) throws {
  var open = FilePath(root: path.root)
  for component in path.components {
    open.append(component)
    _ = mkdir(open.string, 0o755)
  }
}

/// A place at a line of nog.toml.
func place(_ line: Int = 3) -> RecipePlace { RecipePlace(file: "nog.toml", line: line, column: 1) }
