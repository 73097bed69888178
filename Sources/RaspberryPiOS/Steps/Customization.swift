import FileTree
import Recipe
import struct SystemPackage.FilePath

/// A recipe's wishes for one node as edits of a stock image's two trees.
///
/// Applied twice it changes nothing the second time. What neither the recipe asks for nor its way of booting demands
/// stays as the image has it.
package struct Customization {
  private let recipe: NodeRecipe
  private let identity: NodeIdentity
  private let stock: StockLayout
  private let time: Timestamp
  private let importing: (FilePath) throws -> FileTree

  /// The wishes of `recipe`.
  ///
  /// - Parameters:
  ///   - identity: what the node's disks, too, are made with.
  ///   - stock: the partitions of the stock disk, whose names the node's files must not keep.
  ///   - time: the time of every file that is edited or made.
  ///   - importing: reads a file or folder of this machine: a tree whose root holds that alone, under its own name.
  ///     What it throws should be a `Failure`.
  package init(
    _ recipe: NodeRecipe, identity: NodeIdentity, stock: StockLayout = StockLayout(), time: Timestamp,
    importing: @escaping (FilePath) throws -> FileTree
  ) {
    self.recipe = recipe
    self.identity = identity
    self.stock = stock
    self.time = time
    self.importing = importing
  }

  /// Makes the node out of the stock image whose boot partition is `boot` and whose root is `root`.
  ///
  /// - Returns: what the operator should know.
  /// - Throws: `RaspberryPiOSError`; the trees are then as they were.
  package func apply(boot: inout FileTree, root: inout FileTree) throws(RaspberryPiOSError) -> [Warning] {
    guard let fstab = try root.text(at: "etc/fstab").map(Fstab.init) else {
      throw .unsupported("the image has no /etc/fstab")
    }
    guard
      let mountPoint = fstab.bootMountPoint
        ?? (boot.has("cmdline.txt") || boot.has("config.txt") ? "/boot/firmware" : nil),
      let mountPath = TreePath(mountPoint)
    else { throw .unsupported("/etc/fstab mounts nothing at /boot/firmware or /boot") }
    let topology = try Topology(recipe, identity: identity)
    let references = StockReferences(
      stock, boot: topology.bootCounterpart(identity), root: topology.rootCounterpart(identity),
      disks: try NodeSystem.deviceStems(boot: boot, fstab))
    var system = NodeSystem(
      boot: boot, root: root, recipe: recipe, identity: identity, topology: topology, bootMountPoint: mountPath,
      release: try StockImage.debianRelease(of: root), stock: stock, references: references, time: time,
      importing: importing)
    for step in Step.all { try system.attempt(isWish: step.isWish, step.run) }
    if let problem = system.problems.first {
      throw system.problems.count == 1 ? problem : .several(system.problems)
    }
    boot = system.boot
    root = system.root
    return system.warnings
  }
}
