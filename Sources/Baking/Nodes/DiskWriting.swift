import Bytes
import Recipe
import Storage
import Synchronization
import SystemPackage

/// A disk as it was written.
struct WrittenDisk {
  /// The file's name in the node's folder.
  let name: String
  /// The size of the file; of a sparse one, holes included.
  let size: Int
  /// The bytes that were written: fewer than the file has where the file system shares extents.
  let written: Int
  /// The digest of a compressed file.
  let sha256: SHA256Digest?
  /// The digest of the blocks of the disk.
  let blocks: SHA256Digest
  /// The name of the block map, if there is one.
  let blockMap: String?
}

/// Writes the disks of one node into its folder. They are on the disk once the folder is synced.
struct DiskWriting {
  let folder: HeldFolder
  let settings: OutputSettings
  let fleet: Fleet
  /// The digests of blocks that are known.
  let digests: DigestMemory
  let progress: Progress

  /// Writes `disk` of `node` as its recipe wants it, as files that only their owner may read.
  ///
  /// - Throws: `IOError` if a source cannot be read or a file not be written.
  func write(_ disk: DiskOutput, of node: String) throws(IOError) -> WrittenDisk {
    let kind = Fleet.Kind(suffix: String(disk.name.dropFirst(node.count)), size: disk.size)
    let source = RunSource(disk.runs, name: disk.name)
    var result: WrittenDisk?
    try fleet.make(kind) { (leader) throws(IOError) in
      let sibling = leader.map { ($0, RunDifference(between: $0.source.runs, and: source.runs)) }
      let blocks: BlockDigests
      let written: WrittenDisk
      switch Compression(settings.compression) {
      case nil: (blocks, written) = try writePlain(disk, source, sibling)
      case let compression?:
        blocks = try digestBlocks(of: disk, source, sibling)
        written = try write(disk, source, blocks, compression)
      }
      if let name = written.blockMap { try folder.writeFile(name, BlockMap(blocks).text) }
      result = written
      // Only the leader's is cloned further.
      let isCloned = settings.compression == .none && leader == nil
      return Fleet.Disk(
        source: source, digests: blocks, clone: isCloned ? PrivateClone.make(of: disk.name, in: folder) : nil)
    }
    guard let result else { preconditionFailure("`make` runs its closure once, or throws") }
    return result
  }

  private func blockMap(_ disk: DiskOutput) -> String? { settings.blockMap ? "\(disk.name).bmap" : nil }

  /// Writes a sparse file and computes the digests beside that: both walk the same runs.
  private func writePlain(
    _ disk: DiskOutput, _ source: RunSource, _ sibling: (Fleet.Disk, RunDifference)?
  ) throws(IOError) -> (BlockDigests, WrittenDisk) {
    let path = folder.path.appending(disk.name)
    let blocks = Mutex<BlockDigests?>(nil)
    let written = Atomic<Int>(0)
    try parallel(2) { (part) throws(IOError) in
      if part == 0 {
        let file = try folder.makeFile(disk.name)
        defer { try? file.close() }
        written.store(try writePlain(source, sibling, to: file, path), ordering: .relaxed)
      } else {
        let value = try digestBlocks(of: disk, source, sibling)
        blocks.withLock { $0 = value }
      }
    }
    guard let blocks = blocks.withLock({ $0 }) else {
      throw IOError(path: path.description, operation: "write", cause: .cancelled)
    }
    let result = WrittenDisk(
      name: disk.name, size: disk.size, written: written.load(ordering: .relaxed), sha256: nil,
      blocks: blocks.digest, blockMap: blockMap(disk))
    return (blocks, result)
  }

  private func digestBlocks(
    of disk: DiskOutput, _ source: RunSource, _ sibling: (Fleet.Disk, RunDifference)?
  ) throws(IOError) -> BlockDigests {
    try BlockDigests(
      of: source, like: sibling.map { ($0.digests, $1) }, memory: digests, ownRanges: disk.nodeRanges,
      progress: progress)
  }

  private func writePlain(
    _ source: RunSource, _ sibling: (Fleet.Disk, RunDifference)?, to file: FileDescriptor, _ path: FilePath
  ) throws(IOError) -> Int {
    if let (leader, difference) = sibling, let image = leader.clone,
      let written = try CloneSink.write(source, difference: difference, from: image, to: file, path: path)
    {
      progress.advance(by: source.size)
      return written
    }
    var sink = SparseFileSink(file, path: path)
    try sink.write(source.runs, progress: progress)
    _ = try sink.finish()
    return source.runs.reduce(0) { if case .zeros = $1 { $0 } else { $0 + $1.count } }
  }

  private func write(
    _ disk: DiskOutput, _ source: RunSource, _ blocks: BlockDigests, _ compression: Compression
  ) throws(IOError) -> WrittenDisk {
    let name = disk.name + compression.suffix
    let path = folder.path.appending(name)
    let file = try folder.makeFile(name)
    defer { try? file.close() }
    let image = CompressedImage(
      source, digests: blocks, compression: compression, stores: fleet.stores(nodeRanges: disk.nodeRanges),
      gate: fleet.gate(compression))
    let (size, digest, _) = try image.write(to: file, path: path, progress: progress)
    return WrittenDisk(
      name: name, size: size, written: size, sha256: digest, blocks: blocks.digest, blockMap: blockMap(disk))
  }
}

extension Compression {
  /// What a recipe asks for; nil: nothing.
  fileprivate init?(_ compression: OutputSettings.Compression) {
    switch compression {
    case .none: return nil
    case .xz: self = .xz
    case .zstd: self = .zstd
    }
  }
}
