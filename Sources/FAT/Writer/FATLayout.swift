import Bytes
import FileTree
import Storage

/// A whole FAT16 or FAT32 file system, as runs.
///
/// Every file and folder lies in one piece. Contents that are ranges of another source come first, in the order of
/// the tree; folders and contents in memory follow: so the file systems that a fleet's nodes get from one base agree
/// in nearly all of their clusters.
package struct FATLayout: Sendable {
  /// The file system, first byte to last: exactly the size that was wanted.
  package let runs: [Run]

  /// Clusters that are left free at the end: firmware from before 2024 misreads a file in the last one.
  static let spareClusters = 8

  /// Lays `tree` out.
  ///
  /// The volume label gets the time of the root directory. Times before 1980 or after 2107 become the nearest that FAT
  /// has; owners and modes are left out.
  ///
  /// - Throws: `FATError`: cannotHold with the path of what FAT has no place for, or options.
  package init(_ tree: FileTree, options: FATOptions) throws(FATError) {
    let label = try options.paddedLabel()
    let plan = try ContentsPlan(tree)
    let shape = try FATShape(
      size: options.size, sectorsPerCluster: options.sectorsPerCluster, rootEntries: plan.rootSlots)
    let needed = plan.clusterCount(in: shape)
    guard needed + Self.spareClusters <= shape.clusterCount else {
      throw .options(
        .tooSmall(size: options.size, clusters: shape.clusterCount - Self.spareClusters, needed: needed))
    }
    let places = Allocation(plan, shape)
    let writer = DirectoryWriter(tree, places, label: label)

    var list = RunList()
    list.append(.bytes(shape.bootSectors(options, label: label, freeClusters: shape.clusterCount - needed)))
    let table = places.table(shape)
    for copy in 1...2 {
      list.append(.bytes(table))
      list.zeros(upTo: (shape.reservedSectors + copy * shape.tableSectors) * FATShape.sectorSize)
    }
    if shape.width != .fat32 {
      list.append(.bytes(writer.bytes(of: plan.folders[0])))
      list.zeros(upTo: shape.dataSector * FATShape.sectorSize)
    }
    for piece in places.pieces {
      switch piece.content {
      case .folder(let index): list.append(.bytes(writer.bytes(of: plan.folders[index])))
      case .file(let index): list.append(contentsOf: plan.files[index].content.runs)
      }
      list.zeros(upTo: shape.dataSector * FATShape.sectorSize + Int(piece.clusters.upperBound - 2) * shape.clusterSize)
    }
    list.zeros(upTo: options.size)
    runs = list.runs
  }

  /// A size in whole MiB that holds `tree`: the smallest one, or from 1 GiB on one at most a thousandth above it.
  ///
  /// - Throws: as `init` does for the tree, or options if no size will do.
  package static func minimumSize(of tree: FileTree, sectorsPerCluster: Int? = nil) throws(FATError) -> Int {
    let plan = try ContentsPlan(tree)
    let mebibyte = 1 << 20
    var size = (plan.files.reduce(0) { $0 + $1.content.size } + 1).rounded(upTo: mebibyte)
    while size < Int(UInt32.max) * FATShape.sectorSize {
      // Not every size can be: there is a gap where FAT16 ends and FAT32 has not begun.
      if let shape = try? FATShape(size: size, sectorsPerCluster: sectorsPerCluster, rootEntries: plan.rootSlots),
        plan.clusterCount(in: shape) + spareClusters <= shape.clusterCount
      {
        return size
      }
      size += max(mebibyte, (size / 1024).rounded(upTo: mebibyte))
    }
    throw .options(.clusterSize(size, sectors: sectorsPerCluster))
  }
}
