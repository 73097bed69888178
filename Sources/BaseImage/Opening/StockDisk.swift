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

  /// Reads the partition table of `image`; its file systems are read as `policy` says, which
  /// takes warnings without the name.
  ///
  /// Of a partition that ends after the image its file system counts: Linux too shortens such partitions, and mounts what is
  /// whole. That is warned of; where a part of the file system is missing, it is an error for those who open it.
  ///
  /// - Throws: `ImageError.image` with what the disk is or does not have.
  package init(_ image: UnpackedImage, name: String, policy: ReadPolicy) throws(ImageError) {
    self.name = name
    self.policy = policy
    self.image = image
    do throws(DiskImageError) {
      table = try PartitionTable(reading: image.source, policy: self.policy)
      volumes = try Self.volumes(of: table, in: image.source, policy)
    } catch {
      throw .image(name, error)
    }
  }

  private static func volumes(
    of table: PartitionTable, in disk: any ByteSource, _ policy: ReadPolicy
  ) throws(DiskImageError) -> [Volume] {
    var volumes: [Volume] = []
    for partition in table.partitions where !partition.isExtended {
      let source = try partition.availableSource(in: disk)
      let content = try PartitionContent(of: source)
      var problem: DiskImageError?
      do {
        _ = try partition.source(in: disk)
      } catch {
        problem = error
        if let end = fileSystemLength(content, in: source).map({ partition.offset + $0 }) {
          let isWhole = end <= disk.size
          problem =
            isWhole
            ? nil : .corrupt(.fileSystemCutShort(partition: partition.number, end: end, size: disk.size))
          if isWhole {
            policy.warn(
              "partition \(partition.number) ends \(partition.offset + partition.size - disk.size) bytes after the image; its file "
                + "system is whole")
          }
        }
      }
      volumes.append(Volume(partition: partition, content: content, source: source, problem: problem))
    }
    return volumes
  }

  /// How many bytes a file system takes by its own account; nil if it does not say, or pibake does not read it.
  private static func fileSystemLength(_ content: PartitionContent, in source: any ByteSource) -> Int? {
    // Whatever else is wrong with it, the reader of the file system tells.
    switch content {
    case .ext4: try? Ext4Reader.length(in: source)
    case .fat: try? FATReader.length(in: source)
    default: nil
    }
  }

  /// The tree of a volume.
  ///
  /// - Throws: `ImageError` if pibake does not read what it holds, or cannot.
  package func tree(of volume: Volume) throws(ImageError) -> FileTree { try tree(of: volume, policy) }

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
      throw ImageError.image("\(name): \(label)", error)
    }
  }

  private func label(of volume: Volume) -> String {
    volume.partition.number == 0 ? "the whole disk" : "partition \(volume.partition.number)"
  }

  /// The tree of a volume that may not be the one that is wanted: nobody is warned of what is wrong with it.
  func quietTree(of volume: Volume) throws(ImageError) -> FileTree {
    try tree(of: volume, ReadPolicy(verifiesChecksums: policy.verifiesChecksums))
  }

  private func tree(of volume: Volume, _ policy: ReadPolicy) throws(ImageError) -> FileTree {
    if let problem = volume.problem { throw .image(name, problem) }
    let label = label(of: volume)
    let policy = policy.within(label)
    switch volume.content {
    case .fat:
      do { return try FATReader(volume.source, policy: policy).tree() } catch {
        throw .image("\(name): \(label)", error)
      }
    case .ext4:
      do { return try Ext4Reader(volume.source, policy: policy).tree() } catch {
        throw .image("\(name): \(label)", error)
      }
    default:
      throw .unreadablePartition(image: name, partition: volume.partition.number, content: volume.content.name)
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
