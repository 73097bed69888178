import Glibc
import Storage
import struct SystemPackage.FilePath

/// Removes folders of this machine with all that they hold, following no link.
package enum Removal {
  /// Removes what is at `path`, whatever it is; nothing there is fine.
  ///
  /// - Throws: `IOError` if something cannot be removed; what was removed so far is gone.
  package static func remove(_ path: FilePath) throws(IOError) {
    guard let name = path.lastComponent else { throw IOError(path, "remove", .invalidArgument) }
    let parent = path.removingLastComponent()
    try remove(name.bytes, in: try FolderHandle(parent.isEmpty ? "." : parent))
  }

  /// As deep as folders are, which the limit of open files ends.
  private static func remove(_ name: [UInt8], in folder: borrowing FolderHandle) throws(IOError) {
    let status: stat
    do throws(IOError) {
      status = try folder.status(name)
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return }
      throw error
    }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    if isFolder {
      let inner = try folder.folder(name)
      for child in try inner.names() { try remove(child, in: inner) }
    }
    try folder.remove(name, isFolder: isFolder)
  }
}
