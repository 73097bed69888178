import Bytes
import Recipe

/// What tells a node from its siblings, all of it a function of the fleet's seed and the node's name: the same recipe
/// gives the same identity everywhere. Each value comes from a version 5 UUID of a name of its own.
///
/// Without a seed, the node's hardware address and serial number stand for it, as far as the recipe says them.
package struct NodeIdentity: Sendable {
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

  private let fleet: FleetKey?
  /// Whether `privateBytes` gives the same bytes at every build.
  var repeats: Bool { fleet != nil }
  private let node: String

  /// The identity of `node` in the fleet of `seed`, its disks divided by `table`; signatures given replace derived ones.
  ///
  /// - Parameter hardware: what else tells the node from nodes of its name elsewhere, where there is no seed.
  package init(
    node: HostName, fleetSeed: FleetSeed?, hardware: String = "", diskID: DiskID? = nil, cardID: DiskID? = nil,
    table: OutputSettings.Table = .mbr
  ) {
    let key = fleetSeed.map { FleetKey.of($0) }
    let namespace = key?.publicNamespace
    let fleet = namespace.map { UUID(bytes: $0.span) } ?? UUID(name: "no seed \(hardware)", in: .pibake)
    func derive(_ label: String) -> UUID { UUID(name: "\(label) \(node)", in: fleet) }
    let disk = diskID ?? NodeIdentity.diskID(of: derive("disk-id"), other: cardID)
    let card = cardID ?? NodeIdentity.diskID(of: derive("card-id"), other: disk)
    self.disk = DiskIdentity(table: table, signature: disk, guid: derive("disk-guid"))
    self.card = DiskIdentity(table: table, signature: card, guid: derive("card-guid"))
    machineID = derive("machine-id").bytes.hex
    rootUUID = derive("root-uuid")
    bootSerial = derive("boot-serial").bytes.span.be(0)
    self.fleet = key
    self.node = node.description
  }

  /// The identity of the node that `recipe` describes.
  package init(_ recipe: NodeRecipe) {
    self.init(
      node: recipe.name, fleetSeed: recipe.fleetSeed,
      hardware: "\(recipe.mac?.description ?? "") \(recipe.serial ?? "")", diskID: recipe.root.diskID,
      cardID: recipe.boot.diskID,
      table: recipe.output.table)
  }

  /// 32 bytes that nobody may know, for the use that `label` names: derived from the fleet's seed, or random without one.
  func privateBytes(for label: String) -> [UInt8] {
    if let fleet { return fleet.privateBytes(for: label, node: node) }
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
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
