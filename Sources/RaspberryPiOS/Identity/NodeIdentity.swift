import Bytes
import Recipe

/// What tells a node from its siblings, all of it a function of the fleet's seed and the node's name: the same recipe
/// gives the same identity everywhere. Each value comes from a version 5 UUID of a name of its own.
package struct NodeIdentity: Sendable, Hashable {
  /// The disk that holds the root.
  package let disk: DiskIdentity
  /// The card that holds the boot files, where that is another disk.
  package let card: DiskIdentity
  /// What /etc/machine-id holds, when it is derived: 32 lower-case hexadecimal digits.
  package let machineID: String
  /// The UUID of the root file system.
  package let rootUUID: UUID
  /// The volume serial of the boot file system. Two disks of one node never need the same.
  package let bootSerial: UInt32

  private let seed: String
  private let node: String

  /// The identity of `node` in the fleet of `seed`, its disks divided by `table`; signatures given replace derived ones.
  package init(
    node: HostName, fleetSeed: String?, diskID: DiskID? = nil, cardID: DiskID? = nil,
    table: OutputSettings.Table = .mbr
  ) {
    let fleet = UUID(name: "fleet \(fleetSeed ?? "")", in: .pibake)
    func derive(_ label: String) -> UUID { UUID(name: "\(label) \(node)", in: fleet) }
    let disk = diskID ?? NodeIdentity.diskID(of: derive("disk-id"), other: cardID)
    let card = cardID ?? NodeIdentity.diskID(of: derive("card-id"), other: disk)
    self.disk = DiskIdentity(table: table, signature: disk, guid: derive("disk-guid"))
    self.card = DiskIdentity(table: table, signature: card, guid: derive("card-guid"))
    machineID = derive("machine-id").bytes.hex
    rootUUID = derive("root-uuid")
    bootSerial = derive("boot-serial").bytes.span.be(0)
    seed = fleetSeed ?? ""
    self.node = node.description
  }

  /// The identity of the node that `recipe` describes.
  package init(_ recipe: NodeRecipe) {
    self.init(
      node: recipe.name, fleetSeed: recipe.fleetSeed, diskID: recipe.root.diskID, cardID: recipe.boot.diskID,
      table: recipe.output.table)
  }

  /// 32 bytes for the use that `label` names, such as a key's seed or a salt.
  func bytes(for label: String) -> [UInt8] {
    // Neither a label nor a node's name holds a NUL, so no two triples make the same message.
    SHA256.of(Array("pibake \(label)\0\(node)\0\(seed)".utf8)).bytes
  }

  /// The first four bytes of `uuid` that are a signature: not zero, and not the other disk's.
  private static func diskID(of uuid: UUID, other: DiskID?) -> DiskID {
    let bytes = uuid.bytes
    for offset in 0...12 {
      if let id = DiskID(bytes.span.be(offset, as: UInt32.self)), id != other { return id }
    }
    // The version nibble keeps thirteen windows from all being zero or one value.
    preconditionFailure("a version 5 UUID has four bytes that are not zero")
  }
}
