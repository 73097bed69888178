import Bytes
import FileTree
import Storage

/// Reads a FAT12, FAT16 or FAT32 file system.
package struct FATReader {
  private let source: any ByteSource
  private let boot: BootSector
  private let table: AllocationTable
  private let policy: ReadPolicy
  /// The root directory, and chains of which its own is taken.
  private let root: [UInt8]
  private let chains: ClusterChains

  /// How many bits an entry of the table has.
  package let width: FATWidth
  /// The label of the root directory, which is the one that blkid, fatlabel and `LABEL=` mean; nil if it has none.
  package let label: String?
  /// The serial number, which blkid shows as the UUID XXXX-XXXX; 0 if there is none.
  package let serial: UInt32
  /// Bytes.
  package var clusterSize: Int { boot.clusterSize }
  /// How many clusters there are.
  package var clusterCount: Int { boot.clusterCount }
  /// How many clusters the table marks as free. Counted anew with each call.
  ///
  /// - Throws: `FATError.io`.
  package var freeClusterCount: Int {
    get throws(FATError) { try table.freeCount() }
  }

  /// Opens the file system that fills `source`.
  ///
  /// - Throws: `FATError`: corrupt if the boot sector is not one, or the file system larger than the source.
  package init(_ source: any ByteSource, policy: ReadPolicy = ReadPolicy()) throws(FATError) {
    guard source.size >= 512 else { throw .corrupt(.cutShort(end: 512, size: source.size)) }
    let sector = try source.bytes(at: 0, count: 512)
    boot = try BootSector(parsing: sector.span, partitionSize: source.size)
    table = AllocationTable(source, boot)
    self.source = source
    self.policy = policy
    width = boot.width
    serial = boot.serial
    var chains = ClusterChains(boot, table)
    root = try Self.root(source, boot, &chains)
    self.chains = chains
    var entries = DirectoryParser(root, width: boot.width)
    var found: String?
    while found == nil, let entry = entries.next() {
      if entry.isLabel { found = String(decoding: entries.name, as: UTF8.self) }
    }
    label = found
  }

  /// How many bytes the file system at the start of `source` takes by its own account; `source` may have fewer.
  ///
  /// - Throws: `FATError` if no boot sector is there.
  package static func length(in source: any ByteSource) throws(FATError) -> Int {
    guard source.size >= 512 else { throw .corrupt(.cutShort(end: 512, size: source.size)) }
    let sector = try source.bytes(at: 0, count: 512)
    let BPB_BytsPerSec = Int(sector.span.le(0x0B, as: UInt16.self))
    let BPB_TotSec16 = Int(sector.span.le(0x13, as: UInt16.self))
    let BPB_TotSec32 = Int(sector.span.le(0x20, as: UInt32.self))
    return (BPB_TotSec16 != 0 ? BPB_TotSec16 : BPB_TotSec32) * BPB_BytsPerSec
  }

  /// The whole file system as a tree. File contents stay ranges of the source.
  ///
  /// Files get mode 0644 and folders 0755, both owned by root; local times are taken as UTC; the root directory has the
  /// time of the label, or 1980-01-01. Inode numbers follow the order on disk, folder after folder.
  ///
  /// What is wrong, but takes nothing away from the tree, is warned of: marks of an unclean unmount, a second copy of
  /// the table that differs, a broken free count, chains longer than their files, remains of long names, wrong `.`
  /// and `..`.
  ///
  /// - Throws: `FATError` at the first contradiction: a chain that leaves the table or meets another, a file larger
  ///   than its chain, an impossible or repeated name, also one that is there in another case.
  package func tree() throws(FATError) -> FileTree {
    try VolumeState(source, boot, table).warn(policy)
    var walk = FolderWalk(source, boot, chains, policy)
    return try walk.tree(root: root)
  }

  /// The bytes of the root directory.
  private static func root(
    _ source: any ByteSource, _ boot: BootSector, _ chains: inout ClusterChains
  ) throws(FATError) -> [UInt8] {
    switch boot.root {
    case .region(let offset, let entries):
      return try source.bytes(at: offset, count: entries * 32)
    case .chain(let cluster):
      try chains.followFolder(from: cluster, path: TreePath())
      return try source.bytes(of: chains.extents)
    }
  }
}

extension ByteSource {
  /// The `count` bytes from `offset` on, with this module's error.
  func bytes(at offset: Int, count: Int) throws(FATError) -> [UInt8] {
    do {
      return try read(at: offset, count: count)
    } catch {
      throw .io(error)
    }
  }

  /// The bytes of `extents`, which follow one another.
  func bytes(of extents: [FileExtent]) throws(FATError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: extents.last.map { $0.offset + $0.count } ?? 0)
    do {
      for extent in extents {
        try read(at: extent.sourceOffset, into: &bytes, range: extent.offset..<extent.offset + extent.count)
      }
    } catch {
      throw .io(error)
    }
    return bytes
  }
}
