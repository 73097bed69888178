import Glibc
import HostFiles
import Storage
import SystemPackage

/// A file that appears whole or not at all: it is written under a temporary name beside its place, synced, and renamed.
final class OutputFile: Sendable {
  /// Where it will be.
  let target: FilePath
  /// Open for writing, and locked as long as this run lives, so that another can tell a leftover from work in progress.
  let descriptor: FileDescriptor
  private let partial: FilePath

  /// Makes the temporary file for `target`, which only its owner may read, and removes what killed runs have left of it.
  ///
  /// - Throws: `IOError` if it cannot be made.
  init(_ target: FilePath) throws(IOError) {
    guard let name = target.lastComponent?.string else { throw IOError(target, "create", .invalidArgument) }
    let folder = target.removingLastComponent()
    let prefix = ".\(name).partial-"
    for entry in try FolderListing.names(in: folder) where entry.hasPrefix(prefix) {
      OutputFile.removeLeftover(folder.appending(entry))
    }
    self.target = target
    partial = folder.appending("\(prefix)\(getpid())")
    do {
      descriptor = try FileDescriptor.open(
        partial, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
    } catch {
      throw IOError(partial, "create", error as? Errno ?? .ioError)
    }
    _ = flock(descriptor.rawValue, LOCK_EX | LOCK_NB)
  }

  deinit {
    try? descriptor.close()
    // Nothing is there any more once it is published.
    unsafe unlink(partial.string)
  }

  /// Writes `bytes` behind what was written so far.
  func write(_ bytes: Span<UInt8>) throws(IOError) {
    do {
      try unsafe bytes.withUnsafeBytes { _ = unsafe try descriptor.writeAll($0) }
    } catch {
      throw IOError(partial, "write", error as? Errno ?? .ioError)
    }
  }

  /// Puts the file in its place, with `mode`; what was there is gone afterwards.
  func publish(mode: UInt32 = 0o600) throws(IOError) {
    guard fchmod(descriptor.rawValue, mode) == 0 else {
      throw IOError(partial, "change the mode of", Errno(rawValue: errno))
    }
    try sync(descriptor, path: partial)
    guard unsafe rename(partial.string, target.string) == 0 else {
      throw IOError(target, "publish", Errno(rawValue: errno))
    }
  }

  private static func removeLeftover(_ path: FilePath) {
    guard let leftover = try? FileDescriptor.open(path, .writeOnly, options: [.closeOnExec]) else { return }
    if flock(leftover.rawValue, LOCK_EX | LOCK_NB) == 0 { unsafe unlink(path.string) }
    try? leftover.close()
  }
}
