import Bytes
import SystemPackage

/// Why a bake stops, where the reason lies in the bake itself; modules beneath have errors of their own.
package enum BakeError: Failure {
  /// The recipe names no image, and neither does the command line.
  case noImage(node: String)
  /// The path cannot be that of an output folder.
  case badOutput(FilePath)
  /// The key of the recipe gives a disk `size` bytes, and its content takes `needed`.
  case diskTooSmall(key: String, size: Int, needed: Int)
  /// Trees with owners were asked for, and pibake does not run as root.
  case treeNeedsRoot
  /// `--since` names an old base, and no node is written as btrfs subvolumes or streams.
  case sinceWithoutSubvolumes
  /// An error of a module beneath while the node was made; messages put the node's name first.
  case node(String, any Failure)

  package var kind: FailureKind {
    switch self {
    case .noImage, .badOutput, .diskTooSmall, .treeNeedsRoot, .sinceWithoutSubvolumes: .usage
    case .node(_, let failure): failure.kind
    }
  }

  package var description: String {
    switch self {
    case .noImage(let node): "\(node): the recipe names no image"
    case .badOutput(let path): "\(path): cannot be an output folder"
    case .diskTooSmall(let key, let size, let needed):
      "\(key): the disk needs at least \(needed.inMebibytes), which is \((needed - size).inMebibytes) more than it has"
    case .treeNeedsRoot: "trees and subvolumes keep owners and devices, which takes root"
    case .sinceWithoutSubvolumes: "--since tells of a base on btrfs, and no recipe asks for btrfs"
    case .node(let node, let failure): "\(node): \(failure)"
    }
  }

  package var hint: String? {
    switch self {
    case .noImage: "set [image] path or url in the recipe, or pass --image"
    case .diskTooSmall(_, _, let needed): "size = \"\(needed.inMebibytes)\", or \"fit\", which leaves room to work"
    case .treeNeedsRoot:
      "run as root; [output] tree = \"tar\" or \"btrfs-stream\" carries owners without it"
    case .sinceWithoutSubvolumes: "set [output] tree, or --format, to btrfs-stream or btrfs"
    case .node(_, let failure): failure.hint
    default: nil
    }
  }

  package var place: String? { if case .node(_, let failure) = self { failure.place } else { nil } }

  package var parts: [any Failure] {
    guard case .node(let node, let failure) = self else { return [self] }
    return failure.parts.map { BakeError.node(node, $0) }
  }
}

extension Int {
  /// The number of bytes as recipes write sizes, rounded up.
  fileprivate var inMebibytes: String { "\((self + (1 << 20) - 1) >> 20)MiB" }
}
