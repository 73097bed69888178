import Bytes
import FileTree
import Storage

/// What keeps a tree from becoming a btrfs subvolume.
package enum BtrfsError: Failure {
  /// Reading contents or writing the output failed.
  case io(IOError)
  /// btrfs, or its receiver, cannot hold what is at this path.
  case unsupported(path: [UInt8], String)
  /// The place that should hold subvolumes is not on btrfs, or not what pibake may touch.
  case place(String, hint: String?)

  package var kind: FailureKind {
    switch self {
    case .io(let error): error.kind
    case .unsupported: .unsupported
    case .place: .usage
    }
  }

  package var description: String {
    switch self {
    case .io(let error): error.description
    case .unsupported(let path, let what): "/\(path.escaped): \(what)"
    case .place(let what, _): what
    }
  }

  package var hint: String? {
    switch self {
    case .io(let error): error.hint
    case .place(_, let hint): hint
    case .unsupported: nil
    }
  }

  /// Runs `body`, whose failures of input and output become this module's.
  static func wrapping<Result>(_ body: () throws(IOError) -> Result) throws(BtrfsError) -> Result {
    do throws(IOError) { return try body() } catch { throw .io(error) }
  }
}
