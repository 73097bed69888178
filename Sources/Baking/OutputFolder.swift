import CLinux
import Glibc
import HostFiles
import Storage
import SystemPackage

/// A folder that appears whole or not at all: it is filled under a temporary name beside its place, synced, and then
/// takes the place in one step, even from a folder of an earlier run.
final class OutputFolder {
  /// Where it will be.
  let target: FilePath
  /// Where it is until then.
  let partial: FilePath
  /// Locked as long as this run lives, so that another can tell a leftover from work in progress.
  private let descriptor: FileDescriptor
  private var isPublished = false

  /// The file whose presence says that a folder is pibake's own, and may be replaced.
  static let mark = "manifest.json"

  /// Makes the temporary folder for `target`, and removes what killed runs have left of it.
  ///
  /// - Throws: `BakeError` if `target` holds something that is not an output of pibake, or cannot be made.
  init(_ target: FilePath) throws {
    guard let name = target.lastComponent else { throw BakeError.badOutput(target) }
    let parent = target.removingLastComponent()
    let folder: FilePath = parent.isEmpty ? "." : parent
    try makeFolders(folder)
    try OutputFolder.checkReplaceable(target)
    try OutputFolder.removeLeftovers(of: name.string, in: folder)
    self.target = target
    partial = folder.appending("\(OutputFolder.prefix(name.string))\(getpid())")
    guard unsafe mkdir(partial.string, 0o700) == 0 else {
      throw IOError(partial, "create", Errno(rawValue: errno))
    }
    do {
      descriptor = try FileDescriptor.open(partial, .readOnly, options: [.directory, .closeOnExec])
    } catch {
      throw IOError(partial, "open", error as? Errno ?? .ioError)
    }
    _ = flock(descriptor.rawValue, LOCK_EX | LOCK_NB)
  }

  deinit {
    try? descriptor.close()
    if !isPublished { try? Removal.remove(partial) }
  }

  /// The path of a file in the folder, as long as it is being filled.
  func appending(_ name: String) -> FilePath { partial.appending(name) }

  /// Puts the folder in its place; what was there is gone afterwards.
  func publish() throws(IOError) {
    guard unsafe chmod(partial.string, 0o755) == 0 else {
      throw IOError(partial, "change the mode of", Errno(rawValue: errno))
    }
    guard fsync(descriptor.rawValue) == 0 else { throw IOError(partial, "sync", Errno(rawValue: errno)) }
    var result = rename(from: partial, to: target, flags: UInt32(PB_RENAME_NOREPLACE))
    if result == -EEXIST {
      result = rename(from: partial, to: target, flags: UInt32(PB_RENAME_EXCHANGE))
      if result == 0 { try Removal.remove(partial) }
    }
    guard result >= 0 else { throw IOError(target, "publish", Errno(rawValue: -result)) }
    isPublished = true
  }

  private func rename(from: FilePath, to: FilePath, flags: UInt32) -> Int32 {
    unsafe pb_renameat2(AT_FDCWD, from.string, AT_FDCWD, to.string, flags)
  }

  private static func prefix(_ name: String) -> String { ".\(name).partial-" }

  private static func checkReplaceable(_ target: FilePath) throws {
    var status = stat()
    guard unsafe lstat(target.string, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw BakeError.notOurs(target) }
    let isMarked = unsafe access(target.appending(mark).string, F_OK) == 0
    guard try isMarked || FolderHandle(target).names().isEmpty else { throw BakeError.notOurs(target) }
  }

  private static func removeLeftovers(of name: String, in folder: FilePath) throws {
    for entry in try FolderListing.names(in: folder) where entry.hasPrefix(prefix(name)) {
      let path = folder.appending(entry)
      guard let leftover = try? FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec]) else {
        continue
      }
      defer { try? leftover.close() }
      if flock(leftover.rawValue, LOCK_EX | LOCK_NB) == 0 { try Removal.remove(path) }
    }
  }
}

/// Makes the folder at `path` and those above it, where they are missing.
func makeFolders(_ path: FilePath) throws(IOError) {
  var made = FilePath(root: path.root)
  for component in path.components {
    made.append(component)
    guard unsafe mkdir(made.string, 0o755) != 0, errno != EEXIST else { continue }
    throw IOError(made, "create", Errno(rawValue: errno))
  }
}
