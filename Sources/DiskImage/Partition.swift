import Bytes
import Storage

/// A partition of a disk, or the whole of a disk that has none.
package struct Partition: Sendable, Equatable {
  /// What the table says the partition is for.
  package enum Kind: Sendable, Equatable {
    /// The type byte of an MBR.
    case mbr(UInt8)
    /// The type GUID of a GPT.
    case gpt(UUID)
    /// No table says anything: a bare file system.
    case whole
  }

  /// The number that Linux gives it, from 1; logical partitions from 5. 0 for a bare file system.
  package let number: Int
  /// What the table says it is for.
  package let type: Kind
  /// The first byte, from the start of the disk.
  package let offset: Int
  /// The number of bytes.
  package let size: Int
  /// The PARTUUID as Linux writes it, in lower case; empty for a bare file system.
  package let partUUID: String
  /// The name that a GPT gives it; nil if it has none.
  package let name: String?
  /// Whether the MBR marks it active, or the GPT legacy-bootable.
  package let isActive: Bool

  /// Whether the type is one that the Pi's boot loader looks for its files in: a FAT or an EFI system partition.
  package var isBoot: Bool {
    switch type {
    case .mbr(let type): [0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E, 0xEF].contains(type)
    case .gpt(let type): type == .efiSystem || type == .basicData
    case .whole: false
    }
  }

  /// Whether the type is one for Linux file systems.
  package var isLinux: Bool {
    switch type {
    case .mbr(let type): type == 0x83
    case .gpt(let type): [.linuxData, .linuxRootARM64, .linuxRootARM].contains(type)
    case .whole: false
    }
  }

  /// Whether it only holds logical partitions.
  package var isExtended: Bool {
    if case .mbr(let type) = type { MasterBootRecord.extendedTypes.contains(type) } else { false }
  }

  /// Where it ends, in bytes from the start of the disk.
  var end: Int { offset + size }

  /// The bytes of the partition.
  ///
  /// - Throws: `DiskImageError`: corrupt if `disk` ends before the partition does.
  package func source(in disk: any ByteSource) throws(DiskImageError) -> WindowSource {
    guard end <= disk.size else { throw .corrupt(.cutShort(partition: number, end: end, size: disk.size)) }
    return try availableSource(in: disk)
  }

  /// What `disk` has of the partition: all, unless it is cut short.
  ///
  /// - Throws: `DiskImageError.io`.
  package func availableSource(in disk: any ByteSource) throws(DiskImageError) -> WindowSource {
    let start = min(offset, disk.size)
    do {
      return try WindowSource(
        disk, range: start..<min(end, disk.size), name: number == 0 ? nil : "\(disk.name):\(number)")
    } catch {
      throw .io(error)
    }
  }
}

extension UUID {
  /// The 16 bytes of a GPT's GUID, whose first three fields are little-endian (UEFI specification, appendix A).
  init(guid bytes: Span<UInt8>) {
    var swapped = bytes.array
    swapped.store(be: bytes.le(0, as: UInt32.self), at: 0)
    swapped.store(be: bytes.le(4, as: UInt16.self), at: 4)
    swapped.store(be: bytes.le(6, as: UInt16.self), at: 6)
    self.init(bytes: swapped.span)
  }

  /// The 16 bytes as a GPT has them.
  var guid: [UInt8] {
    var swapped = bytes
    swapped.store(le: bytes.span.be(0, as: UInt32.self), at: 0)
    swapped.store(le: bytes.span.be(4, as: UInt16.self), at: 4)
    swapped.store(le: bytes.span.be(6, as: UInt16.self), at: 6)
    return swapped
  }

  /// The UUID of a constant in the source.
  private init(_ high: UInt64, _ low: UInt64) {
    var bytes = [UInt8](repeating: 0, count: 16)
    bytes.store(be: high, at: 0)
    bytes.store(be: low, at: 8)
    self.init(bytes: bytes.span)
  }

  // UEFI specification, table 5.7; the Discoverable Partitions Specification of UAPI.
  fileprivate static let efiSystem = UUID(0xc12a_7328_f81f_11d2, 0xba4b_00a0_c93e_c93b)
  static let basicData = UUID(0xebd0_a0a2_b9e5_4433, 0x87c0_68b6_b726_99c7)
  static let linuxData = UUID(0x0fc6_3daf_8483_4772, 0x8e79_3d69_d847_7de4)
  fileprivate static let linuxRootARM64 = UUID(0xb921_b045_1df0_41c3, 0xaf44_4c6f_280d_3fae)
  fileprivate static let linuxRootARM = UUID(0x69da_d710_2ce4_4e3c, 0xb16c_21a1_d49a_bed3)
}
