import Bytes
import DiskImage
import Ext4
import FAT
import FileTree
import HostFiles
import RaspberryPiOS
import Recipe
import Storage

/// A file that a node's bake writes: a disk, or a file system by itself.
struct DiskOutput: Sendable {
  /// The name in the node's folder.
  let name: String
  let runs: [Run]
  let size: Int
  /// The bytes that belong to the node alone, ascending: edited files and metadata, not the stock image's contents.
  let nodeRanges: [Range<Int>]
  /// The kind of its partition table; nil for a file system without one.
  let table: DiskPlan.Scheme?
  /// Its content, ascending.
  let volumes: [Volume]

  /// A file system in the file.
  struct Volume: Sendable {
    /// From 1; nil for a file system without a partition table.
    let number: Int?
    /// The first byte.
    let offset: Int
    /// The number of bytes.
    let size: Int
    /// "ext4" or "vfat", as mount(8) calls them.
    let type: String
    /// The UUID or serial as blkid shows it.
    let uuid: String
    let partitionUUID: String?
  }
}

/// Lays out the disks of a node: where its recipe wants boot files and root to be.
struct NodeDisks {
  let recipe: NodeRecipe
  let identity: NodeIdentity
  let boot: FileTree
  let root: FileTree
  /// What the file systems are called.
  let labels: VolumeLabels
  /// The boot code at the start of the MBRs.
  let bootCode: BootCode
  /// The size of the stock image's boot partition, which a new one takes over.
  let bootSize: Int
  /// The sectors of a cluster in the stock image's FAT.
  let sectorsPerCluster: Int
  /// What the root file system has in common with those of other nodes.
  let roots: SharedRoots

  /// pi-gen's alignment of partitions.
  static let alignment = 8 << 20

  private var scheme: DiskPlan.Scheme { DiskPlan.Scheme(recipe.output.table) }

  /// The files to write, first to last.
  func outputs() throws -> [DiskOutput] {
    switch (recipe.boot.from, recipe.root.on) {
    case (.disk, _): [try wholeDisk()]
    case (.card, .nfs): [try card(), try bareRoot()]
    case (.card, _): [try card(), try rootDisk()]
    case (.tftp, .nfs): [try bareRoot()]
    case (.tftp, _): [try rootDisk()]
    }
  }

  /// Boot and root on one disk, as on a stock image.
  private func wholeDisk() throws -> DiskOutput {
    let start = (NodeDisks.alignment + bootSize).rounded(upTo: NodeDisks.alignment)
    let root = try rootLayout(of: recipe.root.size, after: start + scheme.tailSize)
    let plan = try plan(
      [
        .init(.boot, name: labels.bootPartition, size: bootSize),
        .init(.linux, name: labels.rootPartition, size: root.size),
      ], recipe.root.size)
    let fat = try bootLayout(size: bootSize, firstSector: plan.placements[0].firstSector)
    return try disk(
      "\(recipe.name).img", identity.disk, plan,
      [Contents(fat.runs, size: bootSize, differences: [0..<bootSize]), root])
  }

  /// The boot partition alone.
  private func card() throws -> DiskOutput {
    var size = bootSize
    if let total = recipe.boot.size.total {
      let others = NodeDisks.alignment + scheme.tailSize
      size = max(total - others, 0)
      let needed = try holdsBoot(size) ? 0 : smallestBoot() + others
      if needed > total { throw BakeError.diskTooSmall(key: "[boot] size", size: total, needed: needed) }
    }
    let plan = try plan([.init(.boot, name: labels.bootPartition, size: size)], recipe.boot.size)
    let fat = try bootLayout(size: size, firstSector: plan.placements[0].firstSector)
    return try disk(
      "\(recipe.name)-card.img", identity.card, plan, [Contents(fat.runs, size: size, differences: [0..<size])])
  }

  /// The root partition alone.
  private func rootDisk() throws -> DiskOutput {
    let root = try rootLayout(of: recipe.root.size, after: NodeDisks.alignment + scheme.tailSize)
    let plan = try plan([.init(.linux, name: labels.rootPartition, size: root.size)], recipe.root.size)
    return try disk("\(recipe.name)-usb.img", identity.disk, plan, [root])
  }

  /// The root as a file system that the server mounts at the exported folder: without root rights there is no other
  /// place for owners and devices.
  private func bareRoot() throws -> DiskOutput {
    let root = try rootLayout(of: recipe.root.size, after: 0)
    let volume = DiskOutput.Volume(
      number: nil, offset: 0, size: root.size, type: "ext4", uuid: "\(identity.rootUUID)", partitionUUID: nil)
    return DiskOutput(
      name: "\(recipe.name)-root.ext4", runs: root.runs, size: root.size, nodeRanges: root.nodeRanges, table: nil,
      volumes: [volume])
  }

  private func plan(_ partitions: [DiskPlan.Request], _ size: DiskSize) throws -> DiskPlan {
    try DiskPlan(scheme: scheme, partitions: partitions, alignment: NodeDisks.alignment, totalSize: size.total)
  }

  /// The layout of the root on a disk of `size`, of which other things take `others` bytes.
  private func rootLayout(of size: DiskSize, after others: Int) throws -> Contents {
    let room = size.total.map { max($0 - others, 0) }
    do throws(Ext4Error) {
      let (layout, size) = try roots.layout(of: root, uuid: identity.rootUUID, size: room)
      return Contents(layout.runs, size: size, differences: layout.differences)
    } catch {
      guard let total = size.total, case .layout(.tooSmall) = error else { throw error }
      let needed = try roots.smallestSize(of: root, uuid: identity.rootUUID) + others
      throw BakeError.diskTooSmall(key: "[root] size", size: total, needed: needed)
    }
  }

  private func holdsBoot(_ size: Int) -> Bool { (try? bootLayout(size: size, firstSector: 0)) != nil }

  /// A boot partition that holds the boot files: whole MiB up to the stock image's size, or that.
  ///
  /// - Throws: `FATError` if they do not fit there either.
  private func smallestBoot() throws -> Int {
    _ = try bootLayout(size: bootSize, firstSector: 0)
    let whole = bootSize >> 20
    guard whole > 0 else { return bootSize }
    let least = (1..<whole).partitioningIndex { holdsBoot($0 << 20) }
    return holdsBoot(least << 20) ? least << 20 : bootSize
  }

  private func bootLayout(size: Int, firstSector: Int) throws(FATError) -> FATLayout {
    var options = FATOptions(
      size: size, serial: identity.bootSerial, label: labels.boot, hiddenSectors: UInt32(clamping: firstSector),
      sectorsPerCluster: sectorsPerCluster)
    do {
      return try FATLayout(boot, options: options)
    } catch .options(.clusterSize) {
      // The stock image's clusters are too large or too small for a card of another size.
      options.sectorsPerCluster = nil
      return try FATLayout(boot, options: options)
    }
  }

  private func disk(
    _ name: String, _ id: DiskIdentity, _ plan: DiskPlan, _ contents: [Contents]
  ) throws -> DiskOutput {
    let layout = try DiskLayout(
      DiskLayout.Identity(signature: id.signature.value, bootCode: bootCode, guid: id.guid) { id.partitionGUID($0) },
      plan: plan,
      contents: contents.map(\.runs))
    let nodeRanges = zip(plan.placements, contents).flatMap { place, content in
      content.nodeRanges.map { $0.lowerBound + place.offset..<$0.upperBound + place.offset }
    }
    let volumes = plan.placements.map { place in
      let isBoot = place.use == .boot
      return DiskOutput.Volume(
        number: place.number, offset: place.offset, size: place.size, type: isBoot ? "vfat" : "ext4",
        uuid: isBoot ? identity.bootSerial.fatUUID : "\(identity.rootUUID)",
        partitionUUID: id.partitionUUID(place.number))
    }
    return DiskOutput(
      name: name, runs: layout.runs, size: plan.size, nodeRanges: nodeRanges, table: plan.scheme, volumes: volumes)
  }

  /// What fills a partition.
  private struct Contents {
    let runs: [Run]
    let size: Int
    /// The bytes that belong to the node alone, ascending.
    let nodeRanges: [Range<Int>]

    /// - Parameter differences: where the layout differs from the stock image's own, which every node may have.
    init(_ runs: [Run], size: Int, differences: [Range<Int>]) {
      self.runs = runs
      self.size = size
      var ranges: [Range<Int>] = []
      var offset = 0
      for run in runs {
        let range = offset..<offset + run.count
        offset = range.upperBound
        if run.isNodes { ranges += differences.parts(in: range) }
      }
      nodeRanges = ranges
    }
  }
}

extension Run {
  /// Whether the bytes are pibake's own or of a file of this machine that the recipe names, and not the stock image's.
  fileprivate var isNodes: Bool {
    switch self {
    case .zeros: false
    case .bytes: true
    case .source(let source, _, _): source is HostFile
    }
  }
}

extension DiskPlan.Scheme {
  /// What a recipe asks for.
  init(_ table: OutputSettings.Table) {
    self =
      switch table {
      case .mbr: .mbr
      case .gpt: .gpt
      case .hybrid: .hybrid
      }
  }
}

extension DiskSize {
  /// The size of the disk, where the recipe gives it.
  var total: Int? { if case .bytes(let count) = self { count } else { nil } }
}
