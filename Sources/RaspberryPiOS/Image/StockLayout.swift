import Bytes

/// The partitions of the stock disk, by every name that a file of the image may give them.
package struct StockLayout: Sendable {
  /// What becomes of a partition.
  package enum Role: Sendable, Hashable {
    /// Its files become the node's boot files.
    case boot
    /// Its files become the node's root.
    case root
    /// The node does not get it.
    case leftOut
  }

  /// One partition and its names.
  package struct Partition: Sendable, Hashable {
    /// The number that Linux gives it.
    package let number: Int
    package let role: Role
    /// In bytes.
    package let size: Int
    /// What it holds, as people call it: "ext4", "swap".
    package let content: String
    /// As Linux writes it, in lower case.
    package let partUUID: String
    /// The name in a GPT; nil if it has none.
    package let name: String?
    /// The label of its file system; nil if it has none.
    package let label: String?
    /// The UUID of its file system as blkid shows it; nil if it has none that pibake reads.
    package let uuid: String?

    /// A partition; names that it does not have are nil.
    package init(
      number: Int, role: Role, size: Int, content: String, partUUID: String, name: String? = nil, label: String? = nil,
      uuid: String? = nil
    ) {
      self.number = number
      self.role = role
      self.size = size
      self.content = content
      self.partUUID = partUUID
      self.name = name
      self.label = label
      self.uuid = uuid
    }

    /// "partition 2 ("PIPST", ext4, 8 MiB)"
    var title: String {
      let label = self.label ?? name
      let parts = [label.map { "\"\($0.printable)\"" }, content, StockLayout.size(size)].compactMap(\.self)
      return "partition \(number) (\(parts.joined(separator: ", ")))"
    }
  }

  /// The partitions by number; none if nothing is known of the disk.
  package let partitions: [Partition]
  /// What the PARTUUIDs of an MBR begin with, or the GUID of a GPT; empty if nothing is known of the disk.
  package let diskID: String

  /// The partitions of a disk.
  package init(partitions: [Partition] = [], diskID: String = "") {
    self.partitions = partitions
    self.diskID = diskID
  }

  /// The one that `role` names: boot or root.
  func partition(_ role: Role) -> Partition? { partitions.first { $0.role == role } }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
  }
}
