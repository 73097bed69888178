/// Which of the four kinds a failure is. They are never mixed, and each has its own answer.
package enum FailureKind: Sendable {
  /// The recipe or the command line is wrong: its author mends it. Exit status 2.
  case usage
  /// Input or output failed: the machine, its disks or the network. Exit status 1.
  case io
  /// The image uses something that pibake does not handle, said by its name. Exit status 1.
  case unsupported
  /// The image contradicts itself or its format. Exit status 1.
  case corrupt
}

/// An error that a person will read.
///
/// `description` starts in lower case, ends without a full stop, and holds the place (path, line, inode, block, offset).
package protocol Failure: Error, CustomStringConvertible, Sendable {
  /// Which of the four kinds it is.
  var kind: FailureKind { get }
  /// What would help, where something is known to.
  var hint: String? { get }
}

extension Failure {
  package var hint: String? { nil }
}
