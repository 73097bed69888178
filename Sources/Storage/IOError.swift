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
    if case .content(let kind, _) = cause { kind } else { .io }
  }

  package var description: String {
    switch cause {
    case .system(let errno): "\(path): cannot \(operation): \(errno)"
    case .endOfFile(let offset): "\(path): cannot \(operation): the file ends before byte \(offset)"
    case .cancelled: "\(path): interrupted"
    case .content(_, let text): "\(path): \(text)"
    case .message(let text): "\(path): cannot \(operation): \(text)"
    }
  }
}
