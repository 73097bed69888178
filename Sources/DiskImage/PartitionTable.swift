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
  /// The partitions by number, an extended one among them; of a bare file system one that is the whole disk.
  package let partitions: [Partition]

  /// Reads the table of `source`, whose sectors have 512 bytes, or 4096 with a GPT.
  ///
  /// - Throws: `DiskImageError`: cut short if a partition ends after the source, unsupported if the source is neither a
  ///   disk nor a file system.
  package init(reading source: any ByteSource, policy: ReadPolicy = ReadPolicy()) throws(DiskImageError) {
    let size = source.size
    guard size >= MasterBootRecord.sectorSize else { throw .unsupported(.content) }
    let sector = try source.bytes(at: 0, count: MasterBootRecord.sectorSize)
    let record = MasterBootRecord(parsing: sector.span)
    let whole = Partition(number: 0, type: .whole, offset: 0, size: size, partUUID: "", isActive: false)
    if let record, record.isProtective {
      kind = .gpt
      signature = record.signature
      partitions = try GUIDPartitionTable(reading: source).partitions
    } else if let record, record.isPlausible {
      kind = .mbr
      signature = record.signature
      partitions = try record.partitions(of: source)
    } else if try PartitionContent(of: source) != .unknown {
      // The boot sector of a bare FAT ends like an MBR; its table is empty or nonsense.
      kind = .none
      signature = 0
      partitions = [whole]
    } else if let record {
      kind = .mbr
      signature = record.signature
      partitions = []
    } else {
      throw .unsupported(.content)
    }
    for partition in partitions where partition.offset + partition.size > size {
      let end = partition.offset + partition.size
      throw .corrupt(.cutShort(partition: partition.number, end: end, size: size))
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
