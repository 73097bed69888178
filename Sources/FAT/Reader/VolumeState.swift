import Bytes
import FileTree
import Storage

/// What a volume says of itself beside its files: nobody needs it to read, but where it is wrong, more may be.
struct VolumeState {
  private let source: any ByteSource
  private let boot: BootSector
  private let table: AllocationTable

  init(_ source: any ByteSource, _ boot: BootSector, _ table: AllocationTable) {
    self.source = source
    self.boot = boot
    self.table = table
  }

  /// Warns of everything that is not as a clean volume has it.
  ///
  /// - Throws: `FATError.io`.
  func warn(_ policy: ReadPolicy) throws(FATError) {
    try warnOfMarks(policy)
    try warnOfInfo(policy)
    if boot.isMirrored {
      try warnOfCopy(policy)
    } else {
      policy.warn("copy \(boot.activeTable + 1) of the table is the only one in use, and is read")
    }
  }

  /// The first two entries of the table belong to no cluster (fatgen103, "FAT Type Determination").
  private func warnOfMarks(_ policy: ReadPolicy) throws(FATError) {
    var table = table
    let first = UInt8(truncatingIfNeeded: try table.value(of: 0))
    // fsck.fat gives up on such a volume; Linux has stopped to look, since many devices write it.
    if first != boot.media { policy.warn("the table begins with \(first), not with the medium \(boot.media)") }
    let marks = try table.value(of: 1)
    let (clean, sound): (UInt32, UInt32) =
      switch boot.width {
      case .fat12: (0, 0)
      case .fat16: (0x8000, 0x4000)
      case .fat32: (0x0800_0000, 0x0400_0000)
      }
    if boot.isDirty || marks & clean != clean { policy.warn("the file system was not unmounted, and may be damaged") }
    if marks & sound != sound { policy.warn("the file system remembers errors of its disk") }
  }

  /// The sector with the count of free clusters.
  private func warnOfInfo(_ policy: ReadPolicy) throws(FATError) {
    guard let place = boot.infoOffset else { return }
    guard place + 512 <= source.size else { return policy.warn("FSInfo lies after the end") }
    let bytes = try source.bytes(at: place, count: 512)
    let FSI_LeadSig: UInt32 = bytes.span.le(0)
    let FSI_StrucSig: UInt32 = bytes.span.le(0x1E4)
    let FSI_Free_Count: UInt32 = bytes.span.le(0x1E8)
    if FSI_LeadSig != 0x4161_5252 || FSI_StrucSig != 0x6141_7272 {
      policy.warn("FSInfo is not one")
    } else if FSI_Free_Count != .max, FSI_Free_Count > boot.clusterCount {
      policy.warn("FSInfo counts \(FSI_Free_Count) free clusters, of \(boot.clusterCount)")
    }
  }

  /// The second copy of the table, as far as 4 MiB: a million clusters, more than a boot partition has. A boot sector
  /// may claim 254 more copies of a GiB each.
  private func warnOfCopy(_ policy: ReadPolicy) throws(FATError) {
    guard boot.tableCount > 1 else { return }
    let size = min(boot.tableSize, 4 << 20)
    var done = 0
    while done < size {
      let count = min(64 << 10, size - done)
      let first = try source.bytes(at: boot.tableOffset(of: 0) + done, count: count)
      let second = try source.bytes(at: boot.tableOffset(of: 1) + done, count: count)
      guard first.span.isSame(as: second.span) else {
        return policy.warn("copy 2 of the table differs from copy 1, which is read")
      }
      done += count
    }
  }
}
