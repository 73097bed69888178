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

/// The stock image as nodes are made of it: its two trees, and what of its disk the nodes' disks take over.
struct BaseSystem: Sendable {
  let stock: StockDisk
  let boot: FileTree
  let root: FileTree
  /// What the nodes' root file systems have in common.
  let roots: SharedRoots
  /// The boot files that a node has written.
  let bootFiles = SharedBootFiles()
  let system: StockImage
  /// The partitions of the stock disk, by all their names.
  let layout: StockLayout
  /// What the stock image's MBR begins with.
  let bootCode: BootCode
  /// The labels of the nodes' file systems.
  let labels: VolumeLabels
  /// The size of the boot partition, in bytes.
  let bootSize: Int
  /// The sectors in a cluster of the boot partition.
  let sectorsPerCluster: Int
  /// The boot partition, then the root, as sources of contents that the image's digest stands for; empty without one.
  let known: [KnownSource]
  /// The digests of blocks that nodes' disks cut from the image.
  let digests: DigestMemory
  /// What is wrong with the image and was read past, without its name.
  let warnings: [String]
  /// When the root was last written: the time of everything that pibake makes of it.
  let time: Timestamp

  /// Reads both partitions of `stock`, side by side; the numbers given, or those that look the part. What is learned of
  /// the image's digests is kept in the folder `digests`; `warnings` takes what the readers of `stock` say.
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
