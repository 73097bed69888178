import Bytes
import Storage

/// What keeps a file system from being read or written.
package enum Ext4Error: Failure {
  /// The image cannot be read.
  case io(IOError)
  /// The file system uses something that is not handled, said by its name.
  case unsupported(String)
  /// What is wrong, and where.
  case corrupt(Corruption, at: Place)
  /// A tree cannot be laid out.
  case layout(LayoutProblem)

  /// Where in a file system something is wrong.
  package enum Place: Hashable, Sendable, CustomStringConvertible {
    case superblock
    /// A block group, by its number.
    case group(Int)
    /// An inode, by its number.
    case inode(UInt32)
    /// A block of the file system, used by an inode.
    case block(Int, inode: UInt32)
    /// A block of the journal, counted from the journal's first.
    case journal(block: Int)

    package var description: String {
      switch self {
      case .superblock: "superblock"
      case .group(let number): "group \(number)"
      case .inode(let number): "inode \(number)"
      case .block(let block, let inode): "block \(block) of inode \(inode)"
      case .journal(let block): "block \(block) of the journal"
      }
    }
  }

  package var kind: FailureKind {
    switch self {
    case .io(let error): error.kind
    case .unsupported: .unsupported
    case .corrupt: .corrupt
    case .layout(let problem): problem.kind
    }
  }

  package var description: String {
    switch self {
    case .io(let error): error.description
    case .unsupported(let name): "ext4 with \(name) is not supported"
    case .corrupt(let corruption, let place): "corrupt ext4: \(place): \(corruption)"
    case .layout(let problem): problem.description
    }
  }

  package var hint: String? {
    switch self {
    case .io(let error): error.hint
    case .unsupported, .corrupt, .layout: nil
    }
  }
}
