import Bytes
import Recipe

/// Where a node finds its boot files and its root: what `[boot] from` and `[root] on` mean together.
package struct Topology: Sendable, Hashable {
  /// Where the boot files are.
  package let boot: BootSettings.Source
  /// Where the root is.
  package let root: Root

  /// Where the kernel mounts the root from.
  package enum Root: Sendable, Hashable {
    /// A partition, by its PARTUUID.
    case partition(String)
    /// A folder of a server.
    case nfs(server: String, folder: String, version: RootSettings.NFSVersion)
  }

  /// The PARTUUID of the boot partition; nil when the boot files come over the network.
  package let bootPartition: String?

  /// What `recipe` asks for.
  ///
  /// - Throws: `.recipe` if the two places contradict each other, or a server is needed and not named.
  package init(_ recipe: NodeRecipe, identity: NodeIdentity) throws(RaspberryPiOSError) {
    boot = recipe.boot.from
    switch (recipe.boot.from, recipe.root.on) {
    case (.disk, .disk):
      bootPartition = identity.disk.partitionUUID(1)
      root = .partition(identity.disk.partitionUUID(2))
    case (.card, .usb), (.card, .nfs):
      bootPartition = identity.card.partitionUUID(1)
      root = try Topology.root(recipe, identity)
    case (.tftp, .usb), (.tftp, .nfs):
      bootPartition = nil
      root = try Topology.root(recipe, identity)
    case (let from, let on):
      throw .recipe(
        "[boot] from = \"\(from.rawValue)\" and [root] on = \"\(on.rawValue)\" contradict each other",
        hint:
          "\"disk\" means both on one disk; a root on \"usb\" or \"nfs\" goes with boot files from \"card\" or \"tftp\""
      )
    }
  }

  /// A root that is not beside the boot files: the only partition of a disk of its own, or a folder of the server.
  private static func root(_ recipe: NodeRecipe, _ identity: NodeIdentity) throws(RaspberryPiOSError) -> Root {
    guard recipe.root.on == .nfs else { return .partition(identity.disk.partitionUUID(1)) }
    guard let server = recipe.server, let address = server.address else {
      throw .recipe("[root] on = \"nfs\" needs [server] address")
    }
    let base = server.nfsRoot.hasSuffix("/") ? String(server.nfsRoot.dropLast()) : server.nfsRoot
    return .nfs(server: address, folder: "\(base)/\(recipe.name)", version: recipe.root.nfsVersion)
  }

  /// The boot partition's names on the node; nil if it has none.
  func bootCounterpart(_ identity: NodeIdentity) -> StockReferences.Counterpart? {
    bootPartition.map { StockReferences.Counterpart(partUUID: $0, uuid: identity.bootSerial.fatUUID) }
  }

  /// The root partition's names on the node; nil if it has none.
  func rootCounterpart(_ identity: NodeIdentity) -> StockReferences.Counterpart? {
    guard case .partition(let partition) = root else { return nil }
    return StockReferences.Counterpart(partUUID: partition, uuid: "\(identity.rootUUID)")
  }

  /// Whether the root is on a disk of the node's own.
  package var hasRootDisk: Bool { if case .partition = root { true } else { false } }

  /// Whether the node hangs on to the network or to USB for its boot files or its root: where an initramfs made for
  /// the machine that it was made on need not work.
  package var needsGenericInitramfs: Bool { boot != .disk }
}
