import Bytes
import SystemPackage

/// What stops a bake that no module beneath can know of.
package enum BakeError: Failure {
  /// The recipe names no image, and neither does the command line.
  case noImage(node: String)
  /// The output's place cannot be a folder's name.
  case badOutput(FilePath)
  /// The image has no partition that could be `role`.
  case noPartition(image: String, role: String, found: String)
  /// The image has several partitions that could be `role`.
  case ambiguousPartition(image: String, role: String, found: String)
  /// A partition was asked for that the image does not have, or whose file system pibake does not read.
  case unreadablePartition(image: String, partition: String, content: String)
  /// The path is not in the partition.
  case noSuchPath(String)
  /// The path is there, but not of the kind that the command wants.
  case notAFile(String)
  /// A disk of the size that a key of the recipe gives does not hold what lies on it, which takes `needed` bytes.
  case diskTooSmall(key: String, size: Int, needed: Int)
  /// A tree with owners was asked for by somebody who is not root.
  case treeNeedsRoot
  /// An old base was named for outputs none of which knows of bases.
  case sinceWithoutSubvolumes
  /// Whatever a module says of the image, with the image's name before it.
  case image(String, any Failure)
  /// Whatever a module says while a node is made, with the node's name before it.
  case node(String, any Failure)
  /// The operator pressed control-C.
  case interrupted

  package var kind: FailureKind {
    switch self {
    case .noImage, .badOutput, .noSuchPath, .notAFile, .diskTooSmall, .treeNeedsRoot, .sinceWithoutSubvolumes,
      .ambiguousPartition:
      .usage
    case .noPartition, .unreadablePartition: .unsupported
    case .image(_, let failure), .node(_, let failure): failure.kind
    case .interrupted: .io
    }
  }

  package var description: String {
    switch self {
    case .noImage(let node): "\(node): the recipe names no image"
    case .badOutput(let path): "\(path): cannot be an output folder"
    case .noPartition(let image, let role, let found): "\(image): no partition \(role); found \(found)"
    case .ambiguousPartition(let image, let role, let found):
      "\(image): several partitions could be \(role): \(found)"
    case .unreadablePartition(let image, let partition, let content):
      "\(image): partition \(partition): \(content)"
    case .noSuchPath(let path): "\(path): no such file or folder in the image"
    case .notAFile(let path): "\(path): not a file"
    case .diskTooSmall(let key, let size, let needed):
      "\(key): the disk needs at least \(needed.inMebibytes), which is \((needed - size).inMebibytes) more than it has"
    case .treeNeedsRoot: "trees and subvolumes keep owners and devices, which takes root"
    case .sinceWithoutSubvolumes: "--since tells of a base on btrfs, and no recipe asks for btrfs"
    case .image(let image, let failure): "\(image): \(failure)"
    case .node(let node, let failure): "\(node): \(failure)"
    case .interrupted: "interrupted"
    }
  }

  package var hint: String? {
    switch self {
    case .noImage: "set [image] path or url in the recipe, or pass --image"
    case .diskTooSmall(_, _, let needed): "size = \"\(needed.inMebibytes)\", or \"fit\", which leaves room to work"
    case .noPartition: "`pibake inspect` lists the partitions of an image"
    case .ambiguousPartition:
      "say which with --partition NUMBER, or in a recipe with boot_partition and root_partition of [image]"
    case .treeNeedsRoot:
      "run as root; [output] tree = \"tar\" or \"btrfs-stream\" carries owners without it"
    case .sinceWithoutSubvolumes: "set [output] tree, or --format, to btrfs-stream or btrfs"
    case .image(_, let failure), .node(_, let failure): failure.hint
    default: nil
    }
  }
}

extension Int {
  /// The number of bytes as recipes write sizes, rounded up.
  fileprivate var inMebibytes: String { "\((self + (1 << 20) - 1) >> 20)MiB" }
}
