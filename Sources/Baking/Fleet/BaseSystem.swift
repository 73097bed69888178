import BaseImage
import Bytes
import DiskImage
import Ext4
import FAT
import FileTree
import RaspberryPiOS
import Storage
import SystemPackage
import Unpack

/// The base: the stock image's two trees, and the properties of its disk that the nodes' disks take over.
struct BaseSystem: Sendable {
  let stock: StockDisk
  let boot: FileTree
  let root: FileTree
  /// What the nodes' root file systems have in common.
  let roots: SharedRoots
  /// The large boot files that the first node has written, for further nodes to clone.
  let bootFiles = SharedBootFiles()
  let system: StockImage
  /// The partitions of the stock disk, by all their names.
  let layout: StockLayout
  /// The boot code at the start of the stock image's MBR.
  let bootCode: BootCode
  /// The labels of the nodes' file systems.
  let labels: VolumeLabels
  /// The size of the boot partition, in bytes.
  let bootSize: Int
  /// The sectors in a cluster of the boot partition.
  let sectorsPerCluster: Int
  /// The boot and the root partition as sources whose content the image's digest identifies; empty if that is not known.
  let known: [KnownSource]
  /// The digests of blocks that nodes' disks cut from the image.
  let digests: DigestMemory
  /// The warnings of the image's readers, without its name.
  let warnings: [String]
  /// When the root was last written: the time of everything that pibake makes of it.
  let time: Timestamp

  /// Reads the boot and the root partition of `stock` at the same time. Partitions whose number is nil are found by what they hold.
  /// Digests of the image's blocks are kept in the folder `digests`; `warnings` holds what the readers of `stock` warn of.
  ///
  /// - Throws: `ImageError` if one is missing, or cannot be read.
  init(
    _ stock: StockDisk, boot bootNumber: Int?, root rootNumber: Int?, digests folder: HeldFolder,
    warnings found: ImageWarnings, warn: @escaping @Sendable (String) -> Void
  ) throws {
    let bootVolume = try stock.volume(bootNumber.map { .number($0) } ?? .boot)
    let rootVolume = try stock.volume(rootNumber.map { .number($0) } ?? .root)
    let trees = sideBySide {
      Result { () throws(ImageError) in try stock.tree(of: rootVolume) }
    } and: {
      Result { () throws(ImageError) in try stock.tree(of: bootVolume) }
    }
    var root = try trees.0.get()
    var boot = try trees.1.get()
    // Once for all nodes.
    root.indexNames()
    boot.indexNames()
    self.stock = stock
    self.boot = boot
    self.root = root
    system = StockImage(boot: boot, root: root)
    layout = StockLayout(of: stock, boot: bootVolume, root: rootVolume)
    do throws(DiskImageError) {
      bootCode = try BootCode(of: stock.image.source)
    } catch {
      throw ImageError.image(stock.name, error)
    }
    labels = VolumeLabels(boot: bootVolume, root: rootVolume)
    bootSize = bootVolume.partition.size
    sectorsPerCluster = try FATReader(bootVolume.source).clusterSize / 512
    known = [bootVolume, rootVolume].compactMap { volume in
      stock.image.imageDigest.map { image in
        let place = "\(image) \(volume.partition.offset) \(volume.partition.size)"
        return KnownSource(volume.source, digest: SHA256.of(Array(place.utf8)))
      }
    }
    digests = DigestMemory(
      "\(stock.image.imageDigest?.description ?? "unknown").digests", in: folder, of: known, warn: warn)
    // Its checksums were checked, and warned of, when the tree was read.
    let policy = ReadPolicy(verifiesChecksums: false)
    let superblock = try Ext4Reader(rootVolume.source, policy: policy).superblock
    time = superblock.written
    warnings = found.texts
    roots = SharedRoots(
      root, uuid: superblock.uuid, label: labels.root,
      blockSource: superblock.blockSize.isMultiple(of: 4096) ? rootVolume.source : nil,
      time: time)
  }

  /// The system in a few words.
  var summary: String {
    "\(system.prettyName ?? "an unknown system"), \(root.ids.count) inodes, \(boot.ids.count) boot files"
  }
}
