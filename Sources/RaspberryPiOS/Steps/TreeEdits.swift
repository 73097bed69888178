import Bytes
import FileTree
import Storage

/// Reading and editing a system's small files in place: modes, owners and extended attributes stay.
extension FileTree {
  /// The content of the file at `path`, links followed; nil if no file is there.
  ///
  /// - Throws: `.io` if it cannot be read or is larger than 16 MiB, which no file is that pibake edits.
  func bytes(at path: TreePath) throws(RaspberryPiOSError) -> [UInt8]? {
    guard case .file(let content)? = inode(at: path)?.body else { return nil }
    do { return try content.read(limit: 16 << 20) } catch { throw .io(error) }
  }

  /// The file at `path` as lines; nil if no file is there.
  ///
  /// - Throws: `.unsupported` if it is larger than a text file may be; `.io` if it cannot be read.
  func text(at path: TreePath) throws(RaspberryPiOSError) -> TextFile? {
    guard case .file(let content)? = inode(at: path)?.body else { return nil }
    guard content.size <= TextFile.sizeLimit else {
      throw .unsupported(
        "\(path): a text file of \(content.size) bytes, of which \(TextFile.sizeLimit) at most are read",
        hint: "an image whose file is damaged or was made to cost time; look at it with pibake cat")
    }
    do { return TextFile(try content.read(limit: TextFile.sizeLimit)) } catch { throw .io(error) }
  }

  /// The first line of the file at `path` without white space around it; nil if no file is there.
  func firstLine(of path: TreePath) throws(RaspberryPiOSError) -> String? {
    guard let file = try text(at: path) else { return nil }
    return file.lines.isEmpty ? "" : file[0].trimmed
  }

  /// Whether a file, folder or anything else is at `path`, links followed.
  func has(_ path: TreePath) -> Bool { find(path) != nil }

  /// Writes `bytes` to the file at `path`. A file that is there keeps everything but content and times; a new one is
  /// root's with `mode`, in folders that are made where missing. The same content again is no edit.
  mutating func write(
    _ bytes: [UInt8], to path: TreePath, mode: UInt16 = 0o644, time: Timestamp
  ) throws(RaspberryPiOSError) {
    if try self.bytes(at: path) == bytes { return }
    let content = Inode.Body.file(FileContent(bytes: bytes))
    var inode = inode(at: path) ?? Inode(mode: mode, time: time, body: content)
    if flavor == .fat, !has(path) { inode.attributes = .archive }
    inode.body = content
    inode.modified = time
    inode.changed = time
    try put(inode, at: path, makingFolders: time)
  }

  /// Writes `text` to the file at `path`, as `write` does bytes.
  mutating func write(
    _ text: String, to path: TreePath, mode: UInt16 = 0o644, time: Timestamp
  ) throws(RaspberryPiOSError) {
    try write(Array(text.utf8), to: path, mode: mode, time: time)
  }

  /// Makes the name at `path` a symbolic link to `target`, unless it is.
  mutating func link(_ path: TreePath, to target: String, time: Timestamp) throws(RaspberryPiOSError) {
    if case .symlink(Array(target.utf8))? = inode(at: path, followingLast: false)?.body { return }
    let inode = Inode(mode: 0o777, time: time, body: .symlink(Array(target.utf8)))
    try put(inode, at: path, followingLast: false, makingFolders: time)
  }

  /// Puts `inode` at `path`; folders that are missing on the way become root's with mode 0755.
  mutating func put(
    _ inode: Inode, at path: TreePath, followingLast: Bool = true, makingFolders time: Timestamp
  ) throws(RaspberryPiOSError) {
    let folder = Inode(mode: 0o755, time: time, body: .directory(Directory()))
    do {
      try makeDirectory(resolve(path, followingLast: followingLast).parent, like: folder)
      try put(inode, at: path, followingLast: followingLast)
    } catch { throw .tree(error) }
  }

  /// Removes what is at `path`, if anything is; a path that leads through no folder holds nothing.
  @discardableResult
  mutating func removeIfPresent(_ path: TreePath) throws(RaspberryPiOSError) -> Bool {
    guard find(path, followingLast: false) != nil else { return false }
    do { return try remove(path) } catch { throw .tree(error) }
  }

  /// Gives the name at `path` another last name in the same folder.
  ///
  /// - Throws: `.tree` if nothing is there; `.recipe` if the new name is taken.
  mutating func rename(_ path: TreePath, to name: Name) throws(RaspberryPiOSError) {
    do {
      try renameLast(of: path, to: name)
    } catch .taken(let taken) {
      throw .recipe("\(taken) is in the image already, so \(path) cannot take its name")
    } catch {
      throw .tree(error)
    }
  }

  /// The names in the folder at `path`, sorted; none if it is no folder.
  func names(in path: TreePath) -> [Name] {
    guard let folder = find(path).flatMap({ directory($0) }) else { return [] }
    // Only names are asked for: no inode is read.
    return folder.indices.compactMap { Name(folder.name(at: $0)) }
  }
}

extension TreePath {
  /// The path with the name that `text` is; a `text` that cannot be a name is the caller's mistake, and leaves the path.
  func appending(text: String) -> TreePath { Name(Array(text.utf8)).map { appending($0) } ?? self }
}
