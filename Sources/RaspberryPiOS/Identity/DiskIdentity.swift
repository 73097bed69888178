import Bytes
import Recipe

/// What tells one disk of a node from all others, and by what its partitions are named.
package struct DiskIdentity: Sendable, Hashable {
  /// The table that divides the disk.
  package let table: OutputSettings.Table
  /// The signature of its MBR; one that only protects a GPT has none.
  package let signature: DiskID
  /// The GUID of the disk in a GPT.
  package let guid: UUID

  /// The GUID of partition `number` in a GPT.
  package func partitionGUID(_ number: Int) -> UUID { UUID(name: "partition \(number)", in: guid) }

  /// The name that Linux gives to partition `number`, whose GPT it takes where there is one.
  package func partitionUUID(_ number: Int) -> String {
    table == .mbr ? signature.partitionUUID(number) : "\(partitionGUID(number))"
  }
}

extension DiskIdentity: CustomStringConvertible {
  /// The disk's id as Linux tells it (PTUUID).
  package var description: String { table == .mbr ? "\(signature)" : "\(guid)" }
}
