import Bytes
import Storage

/// What can be wrong with a disk image, or with the plan of one.
package enum DiskImageError: Failure {
  /// The source cannot be read.
  case io(IOError)
  /// The image is fine, but of a kind that is not handled.
  case unsupported(Feature)
  /// The image contradicts itself.
  case corrupt(Corruption)
  /// The wanted disk cannot be.
  case plan(PlanFault)

  /// Kinds of disks that are not handled.
  package enum Feature: Sendable, Equatable {
    /// No partition table, and no file system that is known.
    case content
    /// More bytes than the table of the disk can count.
    case tooLarge(size: Int, limit: Int)
    /// A GPT with more entries, or larger ones, than are read.
    case partitionEntries(count: Int, size: Int)
    /// A partition with a number that Linux does not give.
    case partitionNumber(Int)
  }

  /// Contradictions; places are bytes from the start of the image.
  package enum Corruption: Sendable, Equatable {
    /// A partition ends at byte `end`, but the image has only `size`.
    case cutShort(partition: Int, end: Int, size: Int)
    /// The file system of a partition ends at byte `end`, but the image has only `size`.
    case fileSystemCutShort(partition: Int, end: Int, size: Int)
    /// The chain of logical partitions goes on and on, up to this record.
    case logicalCount(offset: Int)
    /// The chain of logical partitions comes back to this record.
    case logicalCycle(offset: Int)
    /// Neither of the two GPT headers is whole.
    case partitionTable
    /// A GPT partition that ends before it starts, or lies beyond what can be addressed.
    case partitionRange(partition: Int)
  }

  /// Wishes that no disk can fulfil.
  package enum PlanFault: Sendable, Equatable {
    /// An all-zero disk signature gives all disks one and the same PARTUUID.
    case zeroSignature
    /// A table has room for one to `most` partitions.
    case partitionCount(Int, most: Int)
    /// Sizes and the alignment are positive multiples of 512 bytes.
    case size(Int)
    /// The partitions end after the wanted end of the disk.
    case disk(needed: Int, size: Int)
    /// More bytes for a partition than it has room for.
    case contents(partition: Int, count: Int, size: Int)
  }

  package var kind: FailureKind {
    switch self {
    case .io(let error): error.kind
    case .unsupported: .unsupported
    case .corrupt: .corrupt
    case .plan: .usage
    }
  }

  package var description: String {
    switch self {
    case .io(let error): error.description
    case .unsupported(let feature): feature.description
    case .corrupt(let corruption): corruption.description
    case .plan(let fault): fault.description
    }
  }
}

extension DiskImageError.Feature: CustomStringConvertible {
  package var description: String {
    switch self {
    case .content: "neither a partition table nor a known file system"
    case .tooLarge(let size, let limit): "a disk of \(size) bytes is more than the \(limit) that its table can count"
    case .partitionNumber(let number): "partition \(number) of a GPT is beyond the 255 that Linux numbers"
    case .partitionEntries(let count, let size): "a GPT of \(count) entries of \(size) bytes is not handled"
    }
  }
}

extension DiskImageError.Corruption: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cutShort(let partition, let end, let size):
      "the image is cut short: partition \(partition) ends at byte \(end), the image at \(size): "
        + "\(end - size) bytes are missing"
    case .fileSystemCutShort(let partition, let end, let size):
      "the image is cut short: the file system of partition \(partition) ends at byte \(end), the image at \(size): "
        + "\(end - size) bytes are missing"
    case .logicalCount(let offset): "more than 256 records of logical partitions, up to byte \(offset)"
    case .logicalCycle(let offset): "the chain of logical partitions comes back to byte \(offset)"
    case .partitionTable: "both copies of the GPT are damaged"
    case .partitionRange(let partition): "partition \(partition) has an impossible range"
    }
  }
}

extension DiskImageError.PlanFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .zeroSignature: "the disk signature must not be zero"
    case .partitionCount(let count, let most): "the table holds one to \(most) partitions, not \(count)"
    case .size(let size): "a size of \(size) bytes is not a positive multiple of 512"
    case .disk(let needed, let size): "the partitions need \(needed) bytes, the disk has \(size)"
    case .contents(let partition, let count, let size):
      "\(count) bytes do not fit into the \(size) of partition \(partition)"
    }
  }
}
