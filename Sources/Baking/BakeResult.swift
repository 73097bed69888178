import Bytes
import SystemPackage

/// The result of one node's bake.
package struct BakeResult: Sendable {
  /// A node that was baked.
  package struct Success: Sendable {
    /// The folder that it is in.
    package let folder: FilePath
    /// The files and folders in it that the node boots from.
    package let outputs: [String]
    /// The bytes of its files, as far as they are counted.
    package let size: Int
    /// The bytes that had to be written for them.
    package let written: Int
  }

  /// How it ended.
  package enum Outcome: Sendable {
    case done(Success)
    case failed(any Failure)
  }

  /// The node's name.
  package let node: String
  package let outcome: Outcome
  /// How long it took, waiting for others included.
  package let time: Duration
}
