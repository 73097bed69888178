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
/// `description` starts in lower case, ends without a full stop, and holds what it is about (path, inode, block, offset); where in the
/// user's own files the cause stands, `place` says.
package protocol Failure: Error, CustomStringConvertible, Sendable {
  /// Which of the four kinds it is.
  var kind: FailureKind { get }
  /// What would help, where something is known to.
  var hint: String? { get }
  /// `file:line:column` of what is wrong, where it stands in a file of the user's.
  var place: String? { get }
  /// What is said one by one, where several things are wrong.
  var parts: [any Failure] { get }
}

extension Failure {
  package var hint: String? { nil }
  package var place: String? { nil }
  package var parts: [any Failure] { [self] }
}
