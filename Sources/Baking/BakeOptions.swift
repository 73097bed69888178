import Recipe
import Storage
import SystemPackage

/// What the command line says about a bake.
package struct BakeOptions: Sendable {
  /// What is written for a node.
  package enum Format: String, Sendable, CaseIterable {
    /// Disk images; plain folders of boot files for what boots over the network.
    case image
    /// Folders with owners and devices, boot and root apart.
    case tree
    /// A tar archive of the root, and a folder of boot files.
    case tar
    /// Subvolumes of the btrfs that the output folder is on: one for the base, a snapshot of it for each node.
    case btrfs
    /// The same as send streams.
    case btrfsStream = "btrfs-stream"
  }

  /// The stock image to take instead of the recipe's.
  package var image: FilePath?
  /// The folder that receives one folder a node; nil: the recipe's, or `out`.
  package var output: FilePath?
  /// The folder of what can be made anew: downloads and decoded images.
  package var cache: FilePath
  /// What to write instead of what the recipes say; nil: what they say.
  package var format: Format?
  /// How many nodes are baked at a time: each takes memory for its layout. More than four gain little, since all that
  /// takes long inside of a node uses all processors.
  package var jobs = min(processorCount(), 4)
  /// What compressed chunks may take of the disk after a build, in bytes.
  package var chunkLimit = 4 << 30
  /// The stock image whose base a server has already: the new base's stream tells only what differs.
  package var since: FilePath?

  package init(
    image: FilePath?, output: FilePath?, cache: FilePath, format: Format? = nil, since: FilePath? = nil
  ) {
    self.since = since
    self.image = image
    self.output = output
    self.cache = cache
    self.format = format
  }
}

extension BakeOptions.Format {
  /// What a recipe asks for.
  init(_ output: OutputSettings) {
    self =
      switch output.tree {
      case nil: .image
      case .directory: .tree
      case .tar: .tar
      case .btrfs: .btrfs
      case .btrfsStream: .btrfsStream
      }
  }
}

/// What happens during a bake, to be shown.
package enum BakeEvent: Sendable {
  /// A step begins: what it is about, and what it does.
  case began(subject: String, work: String)
  /// A step is done: what came of it, and how long it took.
  case done(subject: String, result: String, time: Duration)
  /// A remark, such as that a download is tried again.
  case note(String)
  /// Something that the operator should know.
  case warning(String)
}
