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
    package let source: any ByteSource
  }

  /// The path by which messages call it.
  package let name: String
  package let image: UnpackedImage
  package let table: PartitionTable
  package let volumes: [Volume]
  private let policy: ReadPolicy

  /// Reads the partition table of `image`; its file systems are read as `policy` says.
  ///
  /// - Throws: `BakeError.image` with what the disk is or does not have.
  package init(_ image: UnpackedImage, name: String, policy: ReadPolicy = ReadPolicy()) throws(BakeError) {
    self.name = name
    self.policy = policy.within(name)
    self.image = image
    do throws(DiskImageError) {
      table = try PartitionTable(reading: image.source, policy: self.policy)
      var volumes: [Volume] = []
      for partition in table.partitions where !partition.isExtended {
        let source = try partition.source(in: image.source)
        volumes.append(
          Volume(partition: partition, content: try PartitionContent(of: source), source: source))
      }
      self.volumes = volumes
    } catch {
      throw .image(name, error)
    }
  }

  /// Which partition is meant: by its role or its number.
  package enum Selector: Sendable, Hashable {
    case boot
    case root
    case number(Int)

    /// `root`, `boot` or a number from 1; nil for anything else.
    package init?(_ text: String) {
      switch text {
      case "boot": self = .boot
      case "root": self = .root
      default:
        guard let number = Int(text), number > 0 else { return nil }
        self = .number(number)
      }
    }
  }

  /// The volume that `selector` means: the boot partition is the first FAT of a boot type, the root the first ext4 of
  /// a Linux type; where no type fits, the content alone decides.
  ///
  /// - Throws: `BakeError.noPartition` if there is none.
  package func volume(_ selector: Selector) throws(BakeError) -> Volume {
    let found: Volume? =
      switch selector {
      case .boot:
        volumes.first { $0.content == .fat && $0.partition.isBoot } ?? volumes.first { $0.content == .fat }
      case .root:
        volumes.first { $0.content == .ext4 && $0.partition.isLinux } ?? volumes.first { $0.content == .ext4 }
      case .number(let number): volumes.first { $0.partition.number == number }
      }
    guard let found else { throw .noPartition(image: name, role: "\(selector)", found: summary) }
    return found
  }

  /// The tree of a volume.
  ///
  /// - Throws: `BakeError` if pibake does not read what it holds, or cannot.
  package func tree(of volume: Volume) throws(BakeError) -> FileTree {
    let label = "partition \(volume.partition.number)"
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

  private var summary: String {
    volumes.isEmpty
      ? "no partitions"
      : volumes.map { "\($0.partition.number): \($0.content.name)" }.joined(separator: ", ")
  }
}

extension StockDisk.Selector: CustomStringConvertible {
  package var description: String {
    switch self {
    case .boot: "boot"
    case .root: "root"
    case .number(let number): "\(number)"
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
    case .unknown: "something unknown"
    }
  }
}
