import Bytes
import FileTree

/// Why a tree cannot be laid out as an ext4 file system.
package enum LayoutProblem: Sendable, Equatable {
  /// The size that was asked for holds less than the tree needs. Both are bytes.
  case tooSmall(size: Int, needed: Int)
  /// More than 16 TiB, the most without the feature `64bit`.
  case tooLarge
  /// The label has more than 16 bytes.
  case label(String)
  /// The time of the file system itself lies outside 1970 to 2038.
  case timestamp(Timestamp)
  /// Something at a path is more than ext4 can hold, in words.
  case unholdable(TreePath, String)
  /// The tree contradicts itself at a path, in words.
  case contradiction(TreePath, String)

  var kind: FailureKind {
    switch self {
    case .tooSmall, .label, .timestamp: .usage
    case .tooLarge, .unholdable: .unsupported
    case .contradiction: .corrupt
    }
  }

  var description: String {
    switch self {
    case .tooSmall(let size, let needed): "the files need \(needed) bytes of ext4, and there are \(size)"
    case .tooLarge: "ext4 of more than 16 TiB is not supported"
    case .label(let label): "the label \"\(label)\" has more than the 16 bytes that ext4 holds"
    case .timestamp(let time): "ext4 cannot be made at \(time.seconds) seconds after 1970"
    case .unholdable(let path, let what): "\(path): \(what)"
    case .contradiction(let path, let what): "\(path): \(what)"
    }
  }
}
