import Glibc
import HostFiles
import Storage
import SystemPackage

/// What the cache folder holds, all of which can be made or fetched again.
package struct CacheContents: Sendable {
  /// What an entry is.
  package enum Kind: String, Sendable, CaseIterable {
    /// A stock image as it was downloaded.
    case download
    /// What has arrived of a download that was cut off, or that goes on now.
    case partial
    /// A stock image, decoded.
    case image
    /// A piece of a compressed disk.
    case chunk
    /// The digest of a file that was read.
    case record
    /// The digests of what disks cut from a stock image.
    case digests
  }

  /// A file of the cache, with what belongs to it.
  package struct Entry: Sendable {
    package let kind: Kind
    /// The file.
    package let path: FilePath
    /// The bytes that it takes of the disk.
    package let size: Int
    /// When it was last used, in seconds since 1970.
    package let lastUse: Int
    /// A small file that goes with it.
    fileprivate let record: FilePath?
  }

  private let folder: FilePath
  private let directory: CacheDirectory

  /// The cache in `folder`, which need not be there.
  package init(folder: FilePath) {
    self.folder = folder
    directory = CacheDirectory(folder)
  }

  /// Everything in the cache, what was used last at the end.
  ///
  /// - Throws: `IOError` if a folder cannot be read.
  package func entries() throws(IOError) -> [Entry] {
    let all =
      try list("downloads", .download).filter { !isRecordOfPart($0.path) }
      + list("images", .image).filter { $0.path.extension == "img" }
      + list("chunks", .chunk) + list("inputs", .record) + list("digests", .digests)
    return all.sorted { ($0.lastUse, $0.path.string) < ($1.lastUse, $1.path.string) }
  }

  /// Removes what was not used for longest, until the rest takes no more than `limit` bytes.
  ///
  /// - Returns: what was removed.
  /// - Throws: `IOError` if something cannot be removed.
  package func prune(to limit: Int) throws(IOError) -> [Entry] {
    guard try directory.existing() != nil else { return [] }
    return try locked { () throws(IOError) in
      try removeLeftovers()
      return try remove(entries(), to: limit)
    }
  }

  /// Removes everything.
  ///
  /// - Returns: what was removed.
  /// - Throws: `IOError` if something cannot be removed.
  package func clear() throws(IOError) -> [Entry] {
    // Also what takes no room at all.
    try prune(to: -1)
  }

  /// Removes the least used chunks until they take no more than `limit` bytes.
  package func trimChunks(to limit: Int) throws(IOError) {
    try locked { () throws(IOError) in
      try removeLeftovers()
      _ = try remove(entries().filter { $0.kind == .chunk }, to: limit)
    }
  }

  private func remove(_ entries: [Entry], to limit: Int) throws(IOError) -> [Entry] {
    var size = entries.reduce(0) { $0 + $1.size }
    var removed: [Entry] = []
    for entry in entries where size > limit {
      if entry.kind == .partial, try !removePartial(entry.path) { continue }
      for path in [entry.record, entry.path].compactMap(\.self) where unsafe unlink(path.string) != 0 && errno != ENOENT
      {
        throw IOError(path, "remove", Errno(rawValue: errno))
      }
      size -= entry.size
      removed.append(entry)
    }
    return removed
  }

  /// Removes a download that is not whole, unless a process goes on with it now.
  private func removePartial(_ path: FilePath) throws(IOError) -> Bool {
    guard let name = path.lastComponent else { return false }
    return try ResumableFile.remove(name.string, from: HeldFolder(path.removingLastComponent()))
  }

  /// Removes files in the making that killed runs have left.
  private func removeLeftovers() throws(IOError) {
    for name in ["chunks", "digests", "downloads", "images", "inputs"] {
      if let part = try directory.existing(name) { try Leftovers.remove(from: part) }
    }
  }

  private func list(_ name: String, _ kind: Kind) throws(IOError) -> [Entry] {
    let folder = folder.appending(name)
    guard exists(folder) else { return [] }
    var entries: [Entry] = []
    for name in try FolderListing.names(in: folder) {
      let path = folder.appending(name)
      var status = stat()
      guard unsafe lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      let isPartial = kind == .download && path.extension == "part"
      let record =
        switch kind {
        case .image: folder.appending("\(path.stem ?? "").record")
        case .download where isPartial: folder.appending("\(name).record")
        default: FilePath?.none
        }
      entries.append(
        Entry(
          kind: isPartial ? .partial : kind, path: path, size: Int(status.st_blocks) * 512,
          lastUse: max(status.st_atim.tv_sec, status.st_mtim.tv_sec), record: record))
    }
    return entries
  }

  /// Whether the file says what a download that is not whole is a part of: it goes with that.
  private func isRecordOfPart(_ path: FilePath) -> Bool {
    path.string.hasSuffix(".part.record") && exists(FilePath(String(path.string.dropLast(".record".count))))
  }

  private func exists(_ path: FilePath) -> Bool { unsafe access(path.string, F_OK) == 0 }

  /// Does `body` while no other process publishes in the cache.
  private func locked<Value>(_ body: () throws(IOError) -> Value) throws(IOError) -> Value {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
    } catch {
      throw IOError(folder, "open", error as? Errno ?? .ioError)
    }
    defer { try? file.close() }
    while flock(file.rawValue, LOCK_EX) != 0 {
      guard errno == EINTR else { throw IOError(folder, "lock", Errno(rawValue: errno)) }
    }
    return try body()
  }
}
