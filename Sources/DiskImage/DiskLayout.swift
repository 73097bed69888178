import Bytes
import Storage

/// A whole disk, as runs.
package struct DiskLayout: Sendable {
  /// What tells a disk from others.
  package struct Identity: Sendable {
    /// The signature in the MBR, which PARTUUIDs begin with where there is no GPT.
    let signature: UInt32
    /// The first bytes of the MBR.
    let bootCode: BootCode
    /// The GUID of the disk in a GPT.
    let guid: UUID
    /// The GUID of the partition of each number in a GPT, which is its PARTUUID.
    let partitionGUID: @Sendable (Int) -> UUID

    /// An identity; a table takes of it what it has a place for.
    package init(
      signature: UInt32, bootCode: BootCode = .stub, guid: UUID, partitionGUID: @escaping @Sendable (Int) -> UUID
    ) {
      self.signature = signature
      self.bootCode = bootCode
      self.guid = guid
      self.partitionGUID = partitionGUID
    }
  }

  /// The disk, first byte to last.
  package let runs: [Run]

  /// Joins the contents of the partitions of `plan`, in their order, to a disk.
  ///
  /// Contents that are shorter than their partition are followed by zeros.
  ///
  /// - Throws: `DiskImageError.plan` if the signature is zero, or if contents do not fit.
  package init(_ identity: Identity, plan: DiskPlan, contents: [[Run]]) throws(DiskImageError) {
    guard identity.signature != 0 else { throw .plan(.zeroSignature) }
    guard contents.count == plan.placements.count else {
      throw .plan(.partitionCount(contents.count, most: plan.placements.count))
    }
    let gpt = plan.scheme == .mbr ? nil : GPTLayout(identity, plan)
    var list = RunList()
    list.append(.bytes(MBRLayout(identity, plan).bytes + (gpt?.head ?? [])))
    for (placement, runs) in zip(plan.placements, contents) {
      list.zeros(upTo: placement.offset)
      list.append(contentsOf: runs)
      let count = list.end - placement.offset
      guard count <= placement.size else {
        throw .plan(.contents(partition: placement.number, count: count, size: placement.size))
      }
    }
    let tail = gpt?.tail ?? []
    list.zeros(upTo: plan.size - tail.count)
    list.append(.bytes(tail))
    runs = list.runs
  }
}
