import DiskImage
import Ext4
import FAT
import FileTree
import Storage

/// Disks with an ext4; the choice's first bit makes wrong checksums errors, which few changed images get past.
enum Ext4Target: FuzzTarget {
  static func read(_ input: [UInt8]) {
    guard let input = SparseInput(input) else { return }
    let policy = ReadPolicy(verifiesChecksums: input.choice & 1 != 0)
    guard let tree = try? Ext4Reader(input.disk, policy: policy).tree() else { return }
    tree.requirePromises(sourceSize: input.disk.size)
  }
}

/// Disks with a FAT.
enum FATTarget: FuzzTarget {
  static func read(_ input: [UInt8]) {
    guard let input = SparseInput(input) else { return }
    guard let tree = try? FATReader(input.disk).tree() else { return }
    tree.requirePromises(sourceSize: input.disk.size)
  }
}

/// Disks with a partition table, and what their partitions begin with.
enum TableTarget: FuzzTarget {
  static func read(_ input: [UInt8]) {
    guard let input = SparseInput(input) else { return }
    let policy = ReadPolicy(verifiesChecksums: input.choice & 1 != 0)
    guard let table = try? PartitionTable(reading: input.disk, policy: policy) else { return }
    require(table.partitions.count < 4096, "\(table.partitions.count) partitions")
    for partition in table.partitions {
      require(partition.offset >= 0 && partition.size >= 0, "partition \(partition.number) has a place")
      guard let source = try? partition.source(in: input.disk) else { continue }
      _ = try? PartitionContent(of: source)
    }
  }
}
