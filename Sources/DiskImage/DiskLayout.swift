import Bytes
import Storage

/// A whole disk with an MBR, as runs.
package struct DiskLayout: Sendable {
  /// The disk, first byte to last.
  package let runs: [Run]

  /// Joins the contents of the partitions of `plan`, in their order, to a disk.
  ///
  /// Contents that are shorter than their partition are followed by zeros.
  ///
  /// - Parameter signature: the disk signature, which PARTUUIDs begin with.
  /// - Throws: `DiskImageError.plan` if the signature is zero, or if contents do not fit.
  package init(signature: UInt32, plan: DiskPlan, contents: [[Run]]) throws(DiskImageError) {
    guard signature != 0 else { throw .plan(.zeroSignature) }
    guard contents.count == plan.placements.count else { throw .plan(.partitionCount(contents.count)) }
    var list = RunList()
    list.append(.bytes(Self.record(signature: signature, plan.placements)))
    for (placement, runs) in zip(plan.placements, contents) {
      list.zeros(upTo: placement.offset)
      list.append(contentsOf: runs)
      let count = list.end - placement.offset
      guard count <= placement.size else {
        throw .plan(.contents(partition: placement.number, count: count, size: placement.size))
      }
    }
    list.zeros(upTo: plan.size)
    runs = list.runs
  }

  /// The first sector. The Pi runs no boot code, so there is none.
  private static func record(signature: UInt32, _ placements: [DiskPlan.Placement]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes.store(le: signature, at: 0x1B8)
    for (index, placement) in placements.enumerated() {
      let entry = 0x1BE + 16 * index
      let first = placement.firstSector
      bytes.store(chs(first), at: entry + 1)
      bytes[entry + 4] = placement.type
      bytes.store(chs(first + placement.sectorCount - 1), at: entry + 5)
      bytes.store(le: first, at: entry + 8)
      bytes.store(le: placement.sectorCount, at: entry + 12)
    }
    bytes.store(le: UInt16(0xAA55), at: 0x1FE)
    return bytes
  }

  /// The sector's address as cylinder, head and sector with 255 heads and 63 sectors; the last address there is for
  /// all that lie beyond it, as parted and sfdisk write it.
  private static func chs(_ sector: UInt32) -> [UInt8] {
    let (cylinder, rest) = sector.quotientAndRemainder(dividingBy: 255 * 63)
    guard cylinder < 1024 else { return [0xFE, 0xFF, 0xFF] }
    let (head, index) = rest.quotientAndRemainder(dividingBy: 63)
    return [UInt8(head), UInt8(index + 1) | UInt8(cylinder >> 8) << 6, UInt8(cylinder & 0xFF)]
  }
}
