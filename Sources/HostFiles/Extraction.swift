import Bytes
import FileTree
import Glibc
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FilePath

/// Puts some places of a tree into a folder of this machine that may hold other things already.
///
/// Everything is written into a folder of its own in there first, and moved to its names when it is whole: an error or
/// an interrupt leaves nothing. What is there already is looked at before anything is written.
package struct Extraction {
  private let selection: TreeSelection
  private let target: FilePath
  private let writer: FolderWriter
  private let replaces: Bool

  /// An extraction into the folder at `target`, which is made if it is not there.
  ///
  /// - Parameter replaces: whether files that are there are replaced; folders are kept in any case, and filled.
  package init(_ selection: TreeSelection, into target: FilePath, by writer: FolderWriter, replacing replaces: Bool) {
    self.selection = selection
    self.target = target
    self.writer = writer
    self.replaces = replaces
  }

  /// Extracts everything.
  ///
  /// - Throws: `ExtractionError` if something is in the way, `IOError` if something cannot be written.
  package func run() throws {
    let held = try HeldFolder(making: target, mode: 0o777)
    let folder = try FolderHandle(held)
    try Leftovers.remove(from: held)
    try checkFree(in: folder)
    // Never published as a whole: its contents move out of it.
    var publication = try Publication(folder: "extraction", in: held)
    let work = try FolderHandle(publication.folder())
    try writer.write(selection.tree, into: work)
    // What gets its name must have its content after a power cut too.
    try publication.sync()
    try move(from: work, to: folder)
    try publication.abandon()
    // Last of all: the removal above has changed the folder's time.
    try finish(selection.tree.root, at: [], in: folder)
  }

  /// A folder that is there on both sides.
  private struct Common {
    let id: InodeID
    /// Its path from the target, without a slash before it.
    let path: [UInt8]

    func appending(_ name: some Collection<UInt8>) -> [UInt8] { path.isEmpty ? Array(name) : path + [0x2F] + name }
  }

  /// Throws unless everything has a place.
  private func checkFree(in target: borrowing FolderHandle) throws {
    var rest = [Common(id: selection.tree.root, path: [])]
    while let common = rest.popLast() {
      let folder = try target.folder(at: common.path)
      for (name, id) in selection.tree.directory(common.id) ?? Directory() {
        guard let status = try folder.statusIfPresent(name.bytes) else { continue }
        let path = common.appending(name.bytes)
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        switch (isFolder, selection.tree.isDirectory(id)) {
        case (true, true): rest.append(Common(id: id, path: path))
        case (true, false): throw ExtractionError.isFolder(target.child(path).printable)
        case (false, _): if !replaces { throw ExtractionError.exists(target.child(path).printable) }
        }
      }
    }
  }

  /// Moves everything to its names; folders that are there already are filled, and finished from the deepest up.
  private func move(from work: borrowing FolderHandle, to target: borrowing FolderHandle) throws {
    var rest = [Common(id: selection.tree.root, path: [])]
    var filled: [Common] = []
    while let common = rest.popLast() {
      let source = try work.folder(at: common.path)
      let folder = try target.folder(at: common.path)
      // It goes away, and until then must let go of what it holds.
      try source.setMode([0x2E], 0o700)
      for (name, id) in selection.tree.directory(common.id) ?? Directory() {
        let isFolder = selection.tree.isDirectory(id)
        // What the writer left out, such as a device without root.
        guard try source.statusIfPresent(name.bytes) != nil else { continue }
        if try move(name.bytes, id, isFolder, from: source, to: folder) { continue }
        guard try isFolder && folder.isFolder(name.bytes) else {
          throw ExtractionError.exists(folder.child(name.bytes).printable)
        }
        rest.append(Common(id: id, path: common.appending(name.bytes)))
      }
      if !common.path.isEmpty { filled.append(common) }
    }
    for common in filled.reversed() { try finish(common.id, at: common.path, in: target) }
  }

  /// Moves one name.
  ///
  /// - Returns: whether it was moved; false if something stands there that must stay.
  private func move(
    _ name: [UInt8], _ id: InodeID, _ isFolder: Bool, from source: borrowing FolderHandle,
    to folder: borrowing FolderHandle
  ) throws(IOError) -> Bool {
    if isFolder, replaces, let status = try folder.statusIfPresent(name), status.st_mode & S_IFMT != S_IFDIR {
      try folder.remove(name, isFolder: false)
    }
    do throws(IOError) {
      return try source.move(name, into: folder, replacing: replaces && !isFolder)
    } catch {
      // A folder that its owner may not write to cannot be moved: its entry `..` would change.
      guard isFolder, error.cause == .system(.permissionDenied), let inode = selection.tree[id] else { throw error }
      try source.setMode(name, 0o700)
      guard try source.move(name, into: folder, replacing: false) else { return false }
      try folder.setMode(name, writer.metadata(inode, path: []).mode)
      return true
    }
  }

  /// Gives a folder that was there before what the tree says of it, if it was selected itself.
  private func finish(_ id: InodeID, at path: [UInt8], in target: borrowing FolderHandle) throws(IOError) {
    guard !selection.partial.contains(id), let inode = selection.tree[id] else { return }
    // What is lost was counted when the folder was written.
    let silent = FolderWriter(writer.fidelity, losses: writer.losses.map { _ in Losses() })
    try target.folder(at: path).finish(silent.metadata(inode, path: path), losses: silent.losses)
  }
}

/// Something that is in the way of an extraction.
package enum ExtractionError: Failure {
  /// Something is there already.
  case exists(String)
  /// A folder is there, and something else should be.
  case isFolder(String)

  package var kind: FailureKind { .usage }

  package var description: String {
    switch self {
    case .exists(let path): "\(path): is there already"
    case .isFolder(let path): "\(path): is a folder, and would be replaced by something else"
    }
  }

  package var hint: String? {
    switch self {
    case .exists: "--force replaces files"
    case .isFolder: nil
    }
  }
}

extension FilePath {
  /// The path with all that is not printable escaped.
  var printable: String {
    unsafe withPlatformString { unsafe UnsafeBufferPointer(start: $0, count: strlen($0)).map { UInt8(bitPattern: $0) } }
      .escaped
  }
}

extension FolderHandle {
  /// What lstat(2) says of what is called `name`; nil if there is nothing.
  fileprivate func statusIfPresent(_ name: [UInt8]) throws(IOError) -> stat? {
    do throws(IOError) {
      return try status(name)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
  }

  fileprivate func isFolder(_ name: [UInt8]) throws(IOError) -> Bool {
    try status(name).st_mode & S_IFMT == S_IFDIR
  }
}
