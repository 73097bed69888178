import Bytes
import SystemPackage

/// Input or output that failed: which file, what was tried, and what the system said.
package struct IOError: Failure {
  /// What went wrong.
  package enum Cause: Sendable, Equatable {
    /// The system call's errno.
    case system(Errno)
    /// The file ended before the bytes that were asked for.
    case endOfFile(offset: Int)
    /// The operator wants it no more.
    case cancelled
    /// No fault of the machine: the source decodes what it reads, and this is wrong with that, in words that say where.
    case content(FailureKind, String)
    /// The file is no longer what it was when reading it began.
    case changed
    /// What the path names must not be used: what is wrong with it, and what to do. A usage error.
    case refused(String, hint: String?)
    /// Anything else, in words.
    case message(String)
  }

  /// The file, or whatever name the source goes by.
  package let path: String
  /// What was tried, as a verb: "read", "open", "write".
  package let operation: String
  package let cause: Cause

  package init(path: String, operation: String, cause: Cause) {
    self.path = path
    self.operation = operation
    self.cause = cause
  }

  /// The error of a system call that failed with `errno`.
  package init(_ path: FilePath, _ operation: String, _ errno: Errno) {
    self.init(path: path.description, operation: operation, cause: .system(errno))
  }

  package var kind: FailureKind {
    switch cause {
    case .content(let kind, _): kind
    case .refused: .usage
    default: .io
    }
  }

  package var hint: String? {
    switch cause {
    case .refused(_, let hint): hint
    case .changed: "run again while nothing writes to it; nothing of this run was kept"
    default: nil
    }
  }

  package var description: String {
    switch cause {
    case .system(let errno): "\(path): cannot \(operation): \(errno)"
    case .endOfFile(let offset): "\(path): cannot \(operation): the file ends before byte \(offset)"
    case .cancelled: "\(path): interrupted"
    case .changed: "\(path): changed while it was read"
    case .content(_, let text), .refused(let text, _): "\(path): \(text)"
    case .message(let text): "\(path): cannot \(operation): \(text)"
    }
  }
}
