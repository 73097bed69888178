import Bytes
import DiskImage
import Ext4
import FAT
import FileTree
import RaspberryPiOS
import Storage
import Unpack

/// What an image is, from its container to its first start, for people and for programs.
package struct ImageDescription: Encodable, Sendable {
  package let name: String
  package let container: String
  /// The size of the disk, in bytes.
  package let size: Int
  /// The SHA-256 of the file and of the disk in it, where they are known without reading for them alone.
  package let sha256: String?
  package let extractSHA256: String?
  /// "mbr", "gpt" or "none"
  package let table: String
  /// Whether an MBR beside the GPT, which is used, names partitions too.
  package let hybridMBR: Bool
  /// The size of the disk's sectors, in bytes.
  package let sectorSize: Int
  /// As Linux tells it: the signature of an MBR, eight hexadecimal digits, or the GUID of a GPT.
  package let diskID: String
  package let partitions: [PartitionDescription]
  /// What the system is; nil if the image has no boot or no root partition that pibake reads.
  package let system: SystemDescription?
  /// Why no system is described: a disk without one of the two may be a card, or a root of its own.
  package let systemProblem: String?

  package struct PartitionDescription: Encodable, Sendable {
    package let number: Int
    /// In bytes, from the start of the disk.
    package let offset: Int
    package let size: Int
    package let type: String
    package let partuuid: String
    /// The name that a GPT gives it.
    package let name: String?
    package let content: String
    package let label: String?
    package let uuid: String?
    /// In bytes: the size of ext4's blocks or FAT's clusters.
    package let blockSize: Int?
    /// In bytes.
    package let free: Int?
    package let features: [String]?
    /// Why the file system cannot be read.
    package let problem: String?
  }

  package struct SystemDescription: Encodable, Sendable {
    package let release: String?
    package let codename: String?
    package let date: String?
    package let bootMountPoint: String?
    package let kernels: [KernelDescription]
    package let modules: [String]
    /// The dialect of the first start: "bookworm", "trixie", "imager" or "none".
    package let firstBoot: String
    package let cloudInit: Bool
    package let firstUser: String?
    package let asksForUser: Bool
    package let hostKeys: [String]
    package let sshEnabled: Bool?
  }

  package struct KernelDescription: Encodable, Sendable {
    package let name: String
    package let size: Int
    package let format: String?
    package let version: String?
    package let initramfs: String?
  }

  /// Looks at all of `disk`. A file system that cannot be read is described with what is wrong with it.
  package init(of disk: StockDisk) {
    name = disk.name
    container = disk.image.container.description
    size = disk.image.source.size
    sha256 = disk.image.inputDigest?.description
    extractSHA256 = disk.image.imageDigest?.description
    table = disk.table.kind.name
    hybridMBR = disk.table.isHybrid
    sectorSize = disk.table.sectorSize
    diskID = disk.table.guid?.description ?? disk.table.signature.hexDigits
    // The parts of a compressed image must be decoded before they are seen.
    let ((partitions, boot), root) = sideBySide {
      (disk.volumes.map(PartitionDescription.init), Result { BootSide(try disk.tree(of: disk.volume(.boot))) })
    } and: {
      Result { try disk.look(at: disk.volume(.root), expecting: StockImage.paths) { StockImage(root: $0) } }
    }
    self.partitions = partitions
    do {
      let boot = try boot.get()
      system = SystemDescription(try root.get().adding(boot))
      systemProblem = nil
    } catch {
      system = nil
      systemProblem = "\(error)"
    }
  }

  /// The description as JSON, keys sorted.
  ///
  /// - Throws: what the encoder throws; no value here gives it a reason.
  package func json() throws -> [UInt8] { try jsonDocument() }
}

extension ImageDescription.PartitionDescription {
  init(_ volume: StockDisk.Volume) {
    var label: String?
    var uuid: String?
    var blockSize: Int?
    var free: Int?
    var features: [String]?
    var problem = volume.problem?.description
    var content = volume.content.name
    do {
      switch volume.content {
      case .ext4:
        // What is in it is told even where checksums are wrong: whoever reads the tree hears of them.
        let policy = ReadPolicy(verifiesChecksums: false)
        let superblock = try Ext4Reader(volume.source, policy: policy).superblock
        label = String(decoding: superblock.label, as: UTF8.self)
        uuid = superblock.uuid.description
        blockSize = superblock.blockSize
        free = superblock.freeBlockCount * superblock.blockSize
        features = superblock.featureNames
      case .fat:
        let reader = try FATReader(volume.source)
        content = "FAT\(reader.width.rawValue)"
        label = reader.label
        uuid = reader.serial.fatUUID
        blockSize = reader.clusterSize
        free = try reader.freeClusterCount * reader.clusterSize
      default: break
      }
    } catch {
      problem = problem ?? "\(error)"
    }
    self.init(
      number: volume.partition.number, offset: volume.partition.offset, size: volume.partition.size,
      type: volume.partition.type.name, partuuid: volume.partition.partUUID, name: volume.partition.name,
      content: content, label: label,
      uuid: uuid, blockSize: blockSize, free: free, features: features, problem: problem)
  }
}

extension ImageDescription.SystemDescription {
  init(_ image: StockImage) {
    self.init(
      release: image.prettyName, codename: image.codename, date: image.date, bootMountPoint: image.bootMountPoint,
      kernels: image.kernels.map {
        .init(
          name: $0.name, size: $0.size, format: $0.format?.rawValue, version: $0.version, initramfs: $0.initramfs)
      },
      modules: image.moduleVersions, firstBoot: image.firstBoot.rawValue, cloudInit: image.hasCloudInit,
      firstUser: image.firstUser, asksForUser: image.asksForUser, hostKeys: image.hostKeys,
      sshEnabled: image.isSSHEnabled)
  }
}

extension PartitionTable.Kind {
  fileprivate var name: String {
    switch self {
    case .mbr: "mbr"
    case .gpt: "gpt"
    case .none: "none"
    }
  }
}

extension Partition.Kind {
  /// The type as tables say it: two hexadecimal digits of an MBR, or a GUID.
  fileprivate var name: String {
    switch self {
    case .mbr(let type): String(type.hexDigits)
    case .gpt(let type): "\(type)"
    case .whole: "none"
    }
  }
}
