import Bytes
import FileTree
import Storage

/// A tree as a tar archive of the pax format, in runs: the same tree gives the same bytes.
///
/// Members are sorted by their paths, have numbers for owners and no names, and carry what GNU tar (`--xattrs --acls`)
/// and bsdtar both restore: `SCHILY.xattr` records, ACLs as `SCHILY.acl` records, sparse files of GNU's version 1.0.
/// Sockets cannot be in an archive.
package struct TarWriter: Sequence, IteratorProtocol {
  private var records: TreeRecords
  private let tree: FileTree
  /// Runs that are ready, last first.
  private var ready: [Run] = []
  private var written = 0
  private var isEnded = false

  /// tar(1) reads by records of twenty blocks.
  private static let recordSize = 20 * TarHeader.size
  /// Below this, holes cost less than their map.
  private static let smallestHoles = 4096

  /// Far more than any medium holds, and far from where sums of sizes overflow.
  private static let contentLimit = 1 << 60

  /// A writer of `tree`.
  ///
  /// - Throws: `IOError` if its files hold 1 EiB or more, holes included.
  package init(_ tree: FileTree) throws(IOError) {
    try tree.checkContents(limit: Self.contentLimit, operation: "archive")
    self.tree = tree
    records = TreeRecords(tree)
  }

  /// The size of the archive of `tree` in bytes, by a dry run.
  package static func size(of tree: FileTree) throws(IOError) -> Int { try TarWriter(tree).reduce(0) { $0 + $1.count } }

  /// The paths of `tree` that its archive does not have: sockets.
  package static func leftOut(of tree: FileTree) -> [[UInt8]] {
    TreeWalk(tree).compactMap { entry in
      if case .socket? = tree[entry.id]?.body { entry.path } else { nil }
    }
  }

  /// The next run of the archive.
  package mutating func next() -> Run? {
    while ready.isEmpty && !isEnded {
      if let (record, id) = records.next() {
        if let inode = tree[id] { ready = Array(member(record, inode).reversed()) }
      } else {
        isEnded = true
        // Two blocks of zeros, and zeros up to a whole record.
        ready = [.zeros((written + 2 * TarHeader.size).rounded(upTo: Self.recordSize) - written)]
      }
    }
    guard let run = ready.popLast() else { return nil }
    written += run.count
    return run
  }

  private func member(_ record: ManifestRecord, _ inode: Inode) -> [Run] {
    var header = HeaderDraft(path: [0x2E] + (record.path == [0x2F] ? [] : record.path), inode)
    if let first = record.same, !inode.body.isDirectory {
      if case .socket = inode.body { return [] }
      header.flag = UInt8(ascii: "1")
      header.linkPath = [0x2E] + first
      return [.bytes(header.blocks)]
    }
    switch inode.body {
    case .directory:
      header.flag = UInt8(ascii: "5")
      header.path.append(0x2F)
    case .file(let content): return file(content, &header)
    case .symlink(let target):
      header.flag = UInt8(ascii: "2")
      header.linkPath = target
    case .characterDevice(let device):
      header.flag = UInt8(ascii: "3")
      header.device = device
    case .blockDevice(let device):
      header.flag = UInt8(ascii: "4")
      header.device = device
    case .fifo: header.flag = UInt8(ascii: "6")
    case .socket: return []
    }
    header.addAttributes(inode.xattrs)
    return [.bytes(header.blocks)]
  }

  private func file(_ content: FileContent, _ header: inout HeaderDraft) -> [Run] {
    header.addAttributes(header.inode.xattrs)
    guard content.size - content.extents.reduce(0, { $0 + $1.count }) >= Self.smallestHoles else {
      header.dataSize = content.size
      return [.bytes(header.blocks)] + content.runs + [padding(content.size)]
    }
    // GNU tar manual, "PAX Format, Versions 1.0": the map is the first thing in the data.
    let regions = regions(of: content)
    var map = "\(regions.count + 1)\n"
    for region in regions { map += "\(region.lowerBound)\n\(region.count)\n" }
    map += "\(content.size)\n0\n"
    var mapBytes = Array(map.utf8)
    mapBytes += [UInt8](repeating: 0, count: mapBytes.count.rounded(upTo: TarHeader.size) - mapBytes.count)
    let stored = regions.reduce(0) { $0 + $1.count }
    header.dataSize = mapBytes.count + stored
    header.makeSparse(realSize: content.size)
    return [.bytes(header.blocks + mapBytes)] + runs(of: content, in: regions) + [padding(stored)]
  }

  /// The parts of a sparse file that are stored: its extents in whole blocks. GNU tar begins each part at a block of the
  /// archive, so that only the last may end in the middle of one.
  private func regions(of content: FileContent) -> [Range<Int>] {
    var regions: [Range<Int>] = []
    for extent in content.extents {
      let start = extent.offset / TarHeader.size * TarHeader.size
      let end = Swift.min((extent.offset + extent.count).rounded(upTo: TarHeader.size), content.size)
      if let last = regions.last, start <= last.upperBound {
        regions[regions.count - 1] = last.lowerBound..<end
      } else {
        regions.append(start..<end)
      }
    }
    return regions
  }

  private func runs(of content: FileContent, in regions: [Range<Int>]) -> [Run] {
    var list = RunList()
    var rest = content.extents[...]
    for region in regions {
      // Where the region begins in the list.
      let base = list.end - region.lowerBound
      while let extent = rest.first, extent.offset < region.upperBound {
        list.zeros(upTo: base + extent.offset)
        list.append(content.run(of: extent))
        rest = rest.dropFirst()
      }
      list.zeros(upTo: base + region.upperBound)
    }
    return list.runs
  }

  private func padding(_ size: Int) -> Run { .zeros(size.rounded(upTo: TarHeader.size) - size) }
}
