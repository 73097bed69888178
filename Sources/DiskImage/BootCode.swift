import Bytes
import Storage

/// The bytes of an MBR before its signature, which a PC runs and a Pi does not.
///
/// libparted takes a sector whose first byte is zero for one without an MBR: whatever it writes then, it gives the disk
/// a new signature, and every PARTUUID changes (libparted/labels/dos.c, msdos_write). So the first byte is never zero.
package struct BootCode: Sendable, Equatable {
  /// The signature follows at this byte.
  package static let limit = 440

  /// At most ``limit`` bytes, the first of them not zero.
  let bytes: [UInt8]

  /// For a disk whose stock image has no boot code: a PC's BIOS is told to try its next disk, or else stops.
  ///
  ///     CD 18     int 0x18
  ///     F4        hlt
  ///     EB FD     jmp to hlt
  package static let stub = BootCode(bytes: [0xCD, 0x18, 0xF4, 0xEB, 0xFD])

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// The boot code of `disk`, or the stub if the disk has no MBR or none that libparted would know again.
  ///
  /// - Throws: `DiskImageError.io`.
  package init(of disk: any ByteSource) throws(DiskImageError) {
    guard disk.size >= MasterBootRecord.size else {
      self = .stub
      return
    }
    let sector = try disk.bytes(at: 0, count: MasterBootRecord.size)
    guard let record = MasterBootRecord(parsing: sector.span), record.isPlausible, sector[0] != 0 else {
      self = .stub
      return
    }
    self.init(bytes: Array(sector[..<Self.limit]))
  }
}
