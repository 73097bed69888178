import Bytes
import Storage

/// How a disk is divided: by an MBR, by a GPT, or not at all.
package struct PartitionTable: Sendable, Equatable {
  /// Which table it is.
  package enum Kind: Sendable, Equatable {
    /// A master boot record, with logical partitions where it has them.
    case mbr
    /// A GUID partition table; also where an MBR beside it names some of its partitions (hybrid).
    case gpt
    /// A bare file system.
    case none
  }

  package let kind: Kind
  /// The MBR's disk signature, which PARTUUIDs begin with; 0 where there is none.
  package let signature: UInt32
  /// The GUID that a GPT gives the disk; nil where there is none.
  package let guid: UUID?
  /// Whether an MBR beside the GPT, which is used, names partitions too.
  package let isHybrid: Bool
  /// The size of the disk's sectors, in bytes: 512 or 4096.
  package let sectorSize: Int
  /// The partitions by number, an extended one among them; of a bare file system one that is the whole disk. Where the
  /// image is cut short, some lie after its end: it is an error to open them.
  package let partitions: [Partition]

  /// Reads the table of `source`.
  ///
  /// Partitions that overlap, and a GPT of which only one copy is whole, are warned of.
  ///
  /// - Throws: `DiskImageError`: corrupt if the table contradicts itself, unsupported if the source is neither a disk
  ///   nor a file system.
  package init(reading source: any ByteSource, policy: ReadPolicy = ReadPolicy()) throws(DiskImageError) {
    guard source.size >= MasterBootRecord.size else { throw .unsupported(.content) }
    let sector = try source.bytes(at: 0, count: MasterBootRecord.size)
    let record = MasterBootRecord(parsing: sector.span)
    if let record, record.isProtective {
      try self.init(gpt: record, of: source, policy)
    } else if let record, record.isPlausible {
      try self.init(mbr: record, of: source, policy)
    } else if try PartitionContent(of: source) != .unknown {
      // The boot sector of a bare FAT ends like an MBR; its table is empty or nonsense.
      self.init(bare: source)
    } else if try GUIDPartitionTable.isPresent(in: source) {
      policy.warn("no MBR protects the GPT, which is used")
      try self.init(gpt: nil, of: source, policy)
    } else if let record {
      try self.init(mbr: record, of: source, policy)
    } else {
      throw .unsupported(.content)
    }
    warnOfOverlaps(policy)
  }

  private init(
    gpt record: MasterBootRecord?, of source: any ByteSource, _ policy: ReadPolicy
  ) throws(DiskImageError) {
    let table = try GUIDPartitionTable(reading: source, policy: policy)
    kind = .gpt
    signature = record?.signature ?? 0
    guid = table.guid
    isHybrid = record?.isHybrid ?? false
    sectorSize = table.sectorSize
    partitions = table.partitions
    guard let record, isHybrid else { return }
    for entry in record.entries where entry.isUsed && !entry.isProtective {
      let (offset, size) = (entry.offset(sectorSize), entry.size(sectorSize))
      if !partitions.contains(where: { $0.offset == offset && $0.size == size }) {
        policy.warn("the MBR names a partition at byte \(offset) that the GPT, which is used, does not have")
      }
    }
  }

  private init(mbr record: MasterBootRecord, of source: any ByteSource, _ policy: ReadPolicy) throws(DiskImageError) {
    kind = .mbr
    signature = record.signature
    guid = nil
    isHybrid = false
    sectorSize = try record.sectorSize(of: source)
    partitions = try record.partitions(of: source, sectorSize: sectorSize, policy: policy)
    if try GUIDPartitionTable.isPresent(in: source) { policy.warn("the MBR, which is used, does not know of the GPT") }
  }

  private init(bare source: any ByteSource) {
    kind = .none
    signature = 0
    guid = nil
    isHybrid = false
    sectorSize = 512
    partitions = [
      Partition(number: 0, type: .whole, offset: 0, size: source.size, partUUID: "", name: nil, isActive: false)
    ]
  }

  private func warnOfOverlaps(_ policy: ReadPolicy) {
    var last: Partition?
    for partition in partitions.filter({ !$0.isExtended }).sorted(by: { $0.offset < $1.offset }) {
      if let last, last.end > partition.offset {
        policy.warn("partitions \(last.number) and \(partition.number) overlap")
      }
      if partition.end > last?.end ?? 0 { last = partition }
    }
  }
}

extension ByteSource {
  /// The `count` bytes from `offset` on, with this module's error.
  func bytes(at offset: Int, count: Int) throws(DiskImageError) -> [UInt8] {
    do {
      return try read(at: offset, count: count)
    } catch {
      throw .io(error)
    }
  }
}
