import Bytes
import FileTree
import Storage

/// A directory whose entries are still to be read.
struct PendingDirectory {
  /// Where the entries lie.
  enum Place {
    case blocks(ContentMap)
    /// In `i_block` and, if they need more room, in an extended attribute, without `.` and `..` but with the parent's
    /// number (INCOMPAT inline_data).
    case inline(parent: UInt32, [[UInt8]])
  }

  let number: UInt32
  /// The directory that names it; the root's own number for the root.
  let parent: UInt32
  let checksumSeed: UInt32
  let place: Place

  /// Where on the disk the entries start: directories are read in this order.
  var start: Int { if case .blocks(let map) = place { map.start } else { 0 } }

  /// Which bytes of the source its entries are.
  var ranges: [Range<Int>] {
    guard case .blocks(let map) = place else { return [] }
    return map.extents.map { $0.sourceOffset..<$0.sourceOffset + $0.count }
  }
}

/// An inode as a tree has it.
struct LoadedInode {
  /// The inode; a directory has no entries yet.
  let inode: Inode
  /// Set for a directory.
  let directory: PendingDirectory?
  /// How many names it has, as the disk says.
  let links: UInt16
}

extension MetadataReader {
  /// Reads inode `number`, which a name in `parent` leads to.
  mutating func inode(_ number: UInt32, parent: UInt32) throws(Ext4Error) -> LoadedInode {
    let (piece, offset) = try tables.bytes(of: number)
    let bytes = piece.span.extracting(offset..<offset + superblock.inodeSize)
    let disk = try DiskInode(parsing: bytes, number: number, of: superblock, policy: policy)
    guard !disk.layout.contains(.eaInode) else {
      throw .corrupt(.namedValue, at: .inode(number))
    }
    let xattrs = try xattrs(of: disk, bytes)
    let content = try content(of: disk, bytes.extracting(40..<100), xattrs)
    var inode = Inode(disk, parsing: bytes, body: content.body)
    inode.xattrs = xattrs.attributes
    let directory = content.place.map {
      PendingDirectory(number: number, parent: parent, checksumSeed: disk.checksumSeed, place: $0)
    }
    return LoadedInode(inode: inode, directory: directory, links: disk.links)
  }

  private mutating func content(
    of inode: DiskInode, _ i_block: Span<UInt8>, _ xattrs: Xattrs
  ) throws(Ext4Error) -> (body: Inode.Body, place: PendingDirectory.Place?) {
    switch inode.type {
    case .directory:
      return (.directory(Directory()), try directoryPlace(inode, i_block, xattrs))
    case .file:
      if inode.layout.contains(.inlineData) { return (.file(try inlineFile(inode, i_block, xattrs)), nil) }
      let map = try map(inode, i_block)
      return (.file(content(map)), nil)
    case .symlink:
      return (.symlink(try target(of: inode, i_block, xattrs)), nil)
    case .characterDevice: return (.characterDevice(DeviceNumber(i_block: i_block)), nil)
    case .blockDevice: return (.blockDevice(DeviceNumber(i_block: i_block)), nil)
    case .fifo: return (.fifo, nil)
    case .socket: return (.socket, nil)
    }
  }

  private mutating func directoryPlace(
    _ inode: DiskInode, _ i_block: Span<UInt8>, _ xattrs: Xattrs
  ) throws(Ext4Error) -> PendingDirectory.Place {
    if inode.layout.contains(.inlineData) {
      guard let rest = xattrs.inlineData else { throw .corrupt(.noInlineData, at: .inode(inode.number)) }
      return .inline(parent: i_block.le(0), [i_block.extracting(4..<60).array, rest])
    }
    // The entries' names are counted in 32 bits; no directory of use comes near.
    guard inode.size < 1 << 32 else { throw .unsupported("a directory of \(inode.size) bytes (inode \(inode.number))") }
    let map = try map(inode, i_block)
    guard inode.size > 0, inode.size % superblock.blockSize == 0, map.isWhole else {
      throw .corrupt(.directorySize(inode.size), at: .inode(inode.number))
    }
    return .blocks(map)
  }

  private func inlineBytes(
    _ inode: DiskInode, _ i_block: Span<UInt8>, _ xattrs: Xattrs
  ) throws(Ext4Error) -> [UInt8] {
    guard let rest = xattrs.inlineData else { throw .corrupt(.noInlineData, at: .inode(inode.number)) }
    return Array((i_block.array + rest).prefix(inode.size))
  }

  private func inlineFile(
    _ inode: DiskInode, _ i_block: Span<UInt8>, _ xattrs: Xattrs
  ) throws(Ext4Error) -> FileContent {
    let bytes = try inlineBytes(inode, i_block, xattrs)
    if bytes.count == inode.size { return FileContent(bytes: bytes) }
    // A file made longer by truncate(2) keeps its inline data; what lies after reads as zeros.
    let extent = FileExtent(offset: 0, sourceOffset: 0, count: bytes.count)
    return FileContent(size: inode.size, source: MemorySource(bytes, name: source.name), extent: extent)
  }

  private mutating func target(
    of inode: DiskInode, _ i_block: Span<UInt8>, _ xattrs: Xattrs
  ) throws(Ext4Error) -> [UInt8] {
    guard (1...4095).contains(inode.size) else {
      throw .corrupt(.linkSize(inode.size), at: .inode(inode.number))
    }
    let target: [UInt8]
    if inode.layout.contains(.inlineData) {
      target = try inlineBytes(inode, i_block, xattrs)
    } else if isFastLink(inode) {
      guard inode.size < 60 else { throw .corrupt(.linkWithoutBlock, at: .inode(inode.number)) }
      target = i_block.extracting(0..<inode.size).array
    } else {
      let map = try map(inode, i_block)
      target = try bytes(map, of: inode.number)
    }
    guard target.count == inode.size, !target.contains(0) else {
      throw .corrupt(.linkTarget, at: .inode(inode.number))
    }
    return target
  }

  /// Whether the target of a symbolic link lies in `i_block` (ext4_inode_is_fast_symlink): if the link has no blocks
  /// but that of its extended attributes, or with ea_inode, which counts values as blocks, by its size.
  private func isFastLink(_ inode: DiskInode) -> Bool {
    if superblock.incompat.contains(.eaInode) { return inode.size < 60 }
    let xattrSectors = inode.xattrBlock == 0 ? 0 : superblock.blockSize * superblock.blocksPerCluster / 512
    return inode.sectors == UInt64(xattrSectors)
  }
}

extension DeviceNumber {
  /// The device that `i_block` holds: in the first number as Linux 2.4 packed it, else in the second as Linux 2.6 does
  /// (old_decode_dev, new_decode_dev).
  fileprivate init(i_block: Span<UInt8>) {
    let old: UInt32 = i_block.le(0)
    let new: UInt32 = i_block.le(4)
    if old != 0 {
      self.init(major: old >> 8 & 0xFF, minor: old & 0xFF)
    } else {
      self.init(major: new >> 8 & 0xFFF, minor: new & 0xFF | new >> 12 & 0xF_FF00)
    }
  }
}
