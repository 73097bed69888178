import Bytes
import Storage

/// The inode tables of all groups, read in pieces that are large enough for bulk and small enough to throw away.
struct InodeTables {
  private let source: any ByteSource
  private let superblock: Ext4Superblock
  private let groups: [GroupDescriptor]
  /// Pieces of tables by their number: pieces of group 0 first.
  private var pieces: [Int: [UInt8]] = [:]
  private var memory = 0
  /// Pieces that were thrown away: what is asked of them again is read window by window, so that an image cannot
  /// make a whole piece be read for each inode.
  private var thrownAway: Set<Int> = []
  /// What was read last, which inodes in ascending order mostly ask for again: a range of inodes and their bytes.
  private var last: (inodes: Range<Int>, bytes: [UInt8]) = (0..<0, [])

  private static let pieceSize = 256 << 10
  private static let windowSize = 4096
  private static let memoryLimit = 64 << 20

  init(_ superblock: Ext4Superblock, _ groups: [GroupDescriptor], in source: any ByteSource) {
    self.superblock = superblock
    self.groups = groups
    self.source = source
  }

  /// Where inode `number` stands: a group, and a place in its table.
  ///
  /// - Throws: `Ext4Error` if there is no such inode, or it lies in the part of a table that is not in use.
  func place(of number: UInt32) throws(Ext4Error) -> (group: Int, index: Int) {
    guard number >= 1, Int(number) <= superblock.inodeCount else {
      throw .corrupt(.noSuchInode(count: superblock.inodeCount), at: .inode(number))
    }
    let (group, index) = (Int(number) - 1).quotientAndRemainder(dividingBy: superblock.inodesPerGroup)
    guard index < groups[group].usedInodes else { throw .corrupt(.unusedInode, at: .inode(number)) }
    return (group, index)
  }

  /// Which bytes of the source are read when inode `number` is asked for; nil if that was done.
  ///
  /// - Throws: as `place` does.
  func unreadRange(of number: UInt32) throws(Ext4Error) -> Range<Int>? {
    let (group, index) = try place(of: number)
    if pieces[piece(group: group, index: index)] != nil { return nil }
    let inodes = range(group: group, index: index)
    let table = groups[group].inodeTable * superblock.blockSize
    return table + inodes.lowerBound * superblock.inodeSize..<table + inodes.upperBound * superblock.inodeSize
  }

  /// The bytes that hold inode `number`, and where in them it starts.
  ///
  /// - Throws: as `place` does.
  mutating func bytes(of number: UInt32) throws(Ext4Error) -> (piece: [UInt8], offset: Int) {
    let (group, index) = try place(of: number)
    let zeroBased = Int(number) - 1
    if !last.inodes.contains(zeroBased) { last = try load(group: group, index: index) }
    return (last.bytes, (zeroBased - last.inodes.lowerBound) * superblock.inodeSize)
  }

  private mutating func load(group: Int, index: Int) throws(Ext4Error) -> (inodes: Range<Int>, bytes: [UInt8]) {
    let piece = piece(group: group, index: index)
    let firstInode = group * superblock.inodesPerGroup
    if let bytes = pieces[piece] {
      let start = firstInode + index / perPiece * perPiece
      return (start..<start + bytes.count / superblock.inodeSize, bytes)
    }
    let range = range(group: group, index: index)
    var bytes = [UInt8](repeating: 0, count: range.count * superblock.inodeSize)
    let table = groups[group].inodeTable * superblock.blockSize
    try source.fill(&bytes, from: table + range.lowerBound * superblock.inodeSize)
    if !thrownAway.contains(piece) { keep(piece, bytes) }
    return (firstInode + range.lowerBound..<firstInode + range.upperBound, bytes)
  }

  private var perPiece: Int { Self.pieceSize / superblock.inodeSize }

  private func piece(group: Int, index: Int) -> Int {
    group * superblock.inodesPerGroup.dividedRoundingUp(by: perPiece) + index / perPiece
  }

  /// The inodes of the group that are read with the one at `index`.
  private func range(group: Int, index: Int) -> Range<Int> {
    let isThrownAway = thrownAway.contains(piece(group: group, index: index))
    let count = isThrownAway ? max(Self.windowSize, superblock.inodeSize) / superblock.inodeSize : perPiece
    return index / count * count..<min(index / count * count + count, groups[group].usedInodes)
  }

  private mutating func keep(_ piece: Int, _ bytes: [UInt8]) {
    if memory + bytes.count > Self.memoryLimit {
      thrownAway.formUnion(pieces.keys)
      pieces.removeAll()
      memory = 0
    }
    memory += bytes.count
    pieces[piece] = bytes
  }
}
