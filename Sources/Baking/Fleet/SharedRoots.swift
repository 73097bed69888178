import Bytes
import Ext4
import FileTree
import RaspberryPiOS
import Recipe
import Storage
import Synchronization

/// The ext4 layouts of a stock image's root, one for each size. Each is made once, when the first node asks for it, and all nodes
/// share it.
///
/// A layout depends on the stock image alone, so a node's bytes are the same whichever nodes are baked beside it.
final class SharedRoots: Sendable {
  private let tree: FileTree
  private let options: Ext4Options
  private let slots = Mutex<[Slot]>([])

  /// How many layouts are kept: each takes some hundred bytes for each of the tree's inodes.
  private static let mostSlots = 4
  /// With `size = "fit"`, a node that adds at least so many bytes to the stock image gets a larger disk.
  private static let growthStep = 64 << 20

  /// The layout of one size.
  private final class Slot: Sendable {
    let size: Ext4Options.Size
    /// nil until it is made.
    let base = Mutex<Result<Ext4Base, Ext4Error>?>(nil)

    init(_ size: Ext4Options.Size) { self.size = size }
  }

  /// Layouts of `tree`, the root of a stock image.
  ///
  /// - Parameters:
  ///   - uuid: the stock file system's own.
  ///   - label: what the nodes' file systems are called.
  ///   - blockSource: the stock file system, if its blocks are multiples of 4096 bytes.
  ///   - time: when the file systems were made, as they say.
  init(_ tree: FileTree, uuid: UUID, label: String, blockSource: (any ByteSource)?, time: Timestamp) {
    self.tree = tree
    options = Ext4Options(
      size: .minimum(free: 0), uuid: uuid, checksumSeed: UUID(name: "checksum-seed", in: uuid),
      blockSource: blockSource, hashSeed: UUID(name: "hash-seed", in: uuid), label: label, timestamp: time)
  }

  /// The layout of a node's root.
  ///
  /// - Parameters:
  ///   - size: the bytes of the partition; nil: as many as the stock image needs, pi-gen's margin of a fifth and 200 MiB
  ///     (export-image/prerun.sh), and more only for a node that adds much.
  /// - Returns: the layout and its size in bytes.
  func layout(of root: FileTree, uuid: UUID, size: Int?) throws(Ext4Error) -> (layout: Ext4Layout, size: Int) {
    if let size { return (try layout(of: root, uuid: uuid, size: .bytes(size)), size) }
    let fit = Ext4Options.Size.roomy(percent: 20, bytes: 200 << 20, multipleOf: NodeDisks.alignment)
    let base = try base(of: fit)
    if let layout = try? Ext4Layout(root, uuid: uuid, sharing: base),
      base.layout.statistics.freeBlocks - layout.statistics.freeBlocks < Self.growthStep / 4096
    {
      return (layout, base.size)
    }
    // In coarse steps, so that nodes that add about the same have one size.
    var own = options
    own.uuid = uuid
    let content = try Ext4Layout.minimumSize(root, options: own)
    let larger = (content + content / 5 + 200 << 20).rounded(upTo: Self.growthStep)
    return (try layout(of: root, uuid: uuid, size: .bytes(larger)), larger)
  }

  private func layout(of root: FileTree, uuid: UUID, size: Ext4Options.Size) throws(Ext4Error) -> Ext4Layout {
    // A size that is too small for the stock image, or for its layout with the node's changes at the end, may do for the
    // node by itself.
    if let base = try? base(of: size), let shared = try? Ext4Layout(root, uuid: uuid, sharing: base) { return shared }
    var own = options
    own.uuid = uuid
    own.size = size
    return try Ext4Layout(root, options: own)
  }

  /// The fewest whole MiB that hold `root`, in bytes.
  ///
  /// - Throws: `Ext4Error.layout` for something in the tree that ext4 cannot hold.
  func smallestSize(of root: FileTree, uuid: UUID) throws(Ext4Error) -> Int {
    var own = options
    own.uuid = uuid
    var size = try Ext4Layout.minimumSize(root, options: own)
    while true {
      size = size.rounded(upTo: 1 << 20)
      own.size = .bytes(size)
      do {
        _ = try Ext4Layout(root, options: own)
        return size
      } catch .layout(.tooSmall(_, let needed)) {
        // A larger file system may have larger tables; it grows by a MiB at least.
        size = max(needed, size + 1)
      }
    }
  }

  private func base(of size: Ext4Options.Size) throws(Ext4Error) -> Ext4Base {
    let slot = slots.withLock { slots in
      if let known = slots.first(where: { $0.size == size }) { return known }
      let new = Slot(size)
      slots.append(new)
      if slots.count > Self.mostSlots { slots.removeFirst() }
      return new
    }
    // Others that want the same size wait here; those of other sizes do not.
    let result = slot.base.withLock { base in
      if let base { return base }
      var sized = options
      sized.size = size
      let made = Result { () throws(Ext4Error) in try Ext4Base(tree, options: sized) }
      base = made
      return made
    }
    return try result.get()
  }
}
