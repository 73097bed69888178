import Bytes

extension FATShape {
  /// Everything before the first table: the boot sector and, in a FAT32, the count of free clusters and copies of both.
  func bootSectors(_ options: FATOptions, label: [UInt8], freeClusters: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: reservedSectors * Self.sectorSize)
    let boot = bootSector(options, label: label)
    guard width == .fat32 else { return boot }
    let info = infoSector(freeClusters: freeClusters)
    // The third sector of Microsoft's boot code, without the code.
    var last = [UInt8](repeating: 0, count: Self.sectorSize)
    last.store(le: UInt16(0xAA55), at: 0x1FE)
    for start in [0, Self.backupSector] {
      for (index, sector) in [boot, info, last].enumerated() {
        bytes.store(sector, at: (start + index) * Self.sectorSize)
      }
    }
    return bytes
  }

  private static let backupSector = 6

  /// Names of fields as in fatgen103.
  private func bootSector(_ options: FATOptions, label: [UInt8]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.sectorSize)
    let isSmall = width != .fat32 && totalSectors < 0x1_0000
    let tail = width == .fat32 ? 0x40 : 0x24
    bytes.store([0xEB, UInt8(tail + 24), 0x90], at: 0x00)  // BS_jmpBoot
    bytes.store(Array("pibake  ".utf8), at: 0x03)  // BS_OEMName
    bytes.store(le: UInt16(Self.sectorSize), at: 0x0B)  // BPB_BytsPerSec
    bytes[0x0D] = UInt8(sectorsPerCluster)  // BPB_SecPerClus
    bytes.store(le: UInt16(reservedSectors), at: 0x0E)  // BPB_RsvdSecCnt
    bytes[0x10] = 2  // BPB_NumFATs
    bytes.store(le: UInt16(rootSectors * Self.sectorSize / 32), at: 0x11)  // BPB_RootEntCnt
    bytes.store(le: isSmall ? UInt16(totalSectors) : 0, at: 0x13)  // BPB_TotSec16
    bytes[0x15] = 0xF8  // BPB_Media
    bytes.store(le: UInt16(63), at: 0x18)  // BPB_SecPerTrk
    bytes.store(le: UInt16(255), at: 0x1A)  // BPB_NumHeads
    bytes.store(le: options.hiddenSectors, at: 0x1C)  // BPB_HiddSec
    bytes.store(le: isSmall ? 0 : UInt32(totalSectors), at: 0x20)  // BPB_TotSec32
    if width == .fat32 {
      bytes.store(le: UInt32(tableSectors), at: 0x24)  // BPB_FATSz32
      bytes.store(le: UInt32(2), at: 0x2C)  // BPB_RootClus
      bytes.store(le: UInt16(1), at: 0x30)  // BPB_FSInfo
      bytes.store(le: UInt16(Self.backupSector), at: 0x32)  // BPB_BkBootSec
    } else {
      bytes.store(le: UInt16(tableSectors), at: 0x16)  // BPB_FATSz16
    }
    bytes[tail] = 0x80  // BS_DrvNum
    bytes[tail + 2] = 0x29  // BS_BootSig
    bytes.store(le: options.serial, at: tail + 3)  // BS_VolID
    bytes.store(label, at: tail + 7)  // BS_VolLab
    bytes.store(Array((width == .fat32 ? "FAT32   " : "FAT16   ").utf8), at: tail + 18)  // BS_FilSysType
    bytes.store(le: UInt16(0xAA55), at: 0x1FE)
    return bytes
  }

  private func infoSector(freeClusters: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.sectorSize)
    bytes.store(Array("RRaA".utf8), at: 0x000)  // FSI_LeadSig
    bytes.store(Array("rrAa".utf8), at: 0x1E4)  // FSI_StrucSig
    bytes.store(le: UInt32(freeClusters), at: 0x1E8)  // FSI_Free_Count
    bytes.store(le: UInt32(clusterCount - freeClusters + 1), at: 0x1EC)  // FSI_Nxt_Free: the last one in use
    bytes.store(le: UInt16(0xAA55), at: 0x1FE)
    return bytes
  }
}
