import Bytes
import DiskImage
import Ext4
import FAT
import FileTree
import RaspberryPiOS
import Storage
import SystemPackage
import Unpack

/// A stock image, open: its container, its partitions and what they hold. Nothing of it is changed, ever.
package struct StockDisk: Sendable {
  /// One partition with what its first bytes say.
  package struct Volume: Sendable {
    package let partition: Partition
    package let content: PartitionContent
    /// What the image has of it.
    package let source: any ByteSource
    /// Why it cannot be opened; nil if nothing is known against it.
    package let problem: DiskImageError?
  }

  /// The path by which messages call it.
  package let name: String
  package let image: UnpackedImage
  package let table: PartitionTable
  package let volumes: [Volume]
  let policy: ReadPolicy

  /// Reads the partition table of `image`; its file systems are read as `policy` says.
  ///
  /// A partition that the image has only a part of is an error only to who opens it.
  ///
  /// - Throws: `BakeError.image` with what the disk is or does not have.
  package init(_ image: UnpackedImage, name: String, policy: ReadPolicy = ReadPolicy()) throws(BakeError) {
    self.name = name
    self.policy = policy.within(name)
    self.image = image
    do throws(DiskImageError) {
      table = try PartitionTable(reading: image.source, policy: self.policy)
      volumes = try Self.volumes(of: table, in: image.source)
    } catch {
      throw .image(name, error)
    }
  }

  private static func volumes(
    of table: PartitionTable, in disk: any ByteSource
  ) throws(DiskImageError) -> [Volume] {
    var volumes: [Volume] = []
    for partition in table.partitions where !partition.isExtended {
      let source = try partition.availableSource(in: disk)
      var problem: DiskImageError?
      do {
        _ = try partition.source(in: disk)
      } catch {
        problem = error
      }
      let content = try PartitionContent(of: source)
      volumes.append(Volume(partition: partition, content: content, source: source, problem: problem))
    }
    return volumes
  }

  /// The tree of a volume.
  ///
  /// - Throws: `BakeError` if pibake does not read what it holds, or cannot.
  package func tree(of volume: Volume) throws(BakeError) -> FileTree { try tree(of: volume, policy) }

  /// What `look` makes of the tree of a volume, of which no more may be read than what it looks at. `look` may be called several
  /// times, the last of which counts; fewer times where it is known at which `paths` it looks.
  ///
  /// - Throws: as `tree(of:)` does, and what `look` throws.
  package func look<Value>(at volume: Volume, expecting paths: [TreePath] = [], _ look: (FileTree) throws -> Value)
    throws -> Value
  {
    guard volume.content == .ext4, volume.problem == nil else { return try look(tree(of: volume)) }
    let label = label(of: volume)
    do {
      return try Ext4Reader(volume.source, policy: policy.within(label)).look(expecting: paths, look)
    } catch let error as Ext4Error {
      throw BakeError.image("\(name): \(label)", error)
    }
  }

  private func label(of volume: Volume) -> String {
    volume.partition.number == 0 ? "the whole disk" : "partition \(volume.partition.number)"
  }

  /// The tree of a volume that may not be the one that is wanted: nobody is warned of what is wrong with it.
  func quietTree(of volume: Volume) throws(BakeError) -> FileTree {
    try tree(of: volume, ReadPolicy(verifiesChecksums: policy.verifiesChecksums))
  }

  private func tree(of volume: Volume, _ policy: ReadPolicy) throws(BakeError) -> FileTree {
    if let problem = volume.problem { throw .image(name, problem) }
    let label = label(of: volume)
    let policy = policy.within(label)
    do {
      switch volume.content {
      case .fat: return try FATReader(volume.source, policy: policy).tree()
      case .ext4: return try Ext4Reader(volume.source, policy: policy).tree()
      default:
        throw BakeError.unreadablePartition(
          image: name, partition: "\(volume.partition.number)", content: "\(volume.content.name) is not read yet")
      }
    } catch let error as BakeError {
      throw error
    } catch let error as any Failure {
      throw .image("\(name): \(label)", error)
    } catch {
      throw .unreadablePartition(image: name, partition: "\(volume.partition.number)", content: "\(error)")
    }
  }
}

extension PartitionContent {
  /// The name by which people call it.
  package var name: String {
    switch self {
    case .fat: "FAT"
    case .ext4: "ext4"
    case .btrfs: "btrfs"
    case .squashfs: "squashfs"
    case .swap: "swap"
    case .f2fs: "f2fs"
    case .xfs: "xfs"
    case .erofs: "erofs"
    case .ntfs: "ntfs"
    case .exfat: "exFAT"
    case .luks: "LUKS"
    case .lvm: "LVM"
    case .unknown: "something unknown"
    }
  }
}
