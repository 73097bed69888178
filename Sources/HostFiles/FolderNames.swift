import Bytes
import CLinux
import Glibc
import Storage

/// The names in a folder of this machine, and in all folders beneath it.
package struct FolderNames {
  private struct Entry {
    let path: [UInt8]
    let isFolder: Bool
    let changed: timespec
  }

  private let entries: [Entry]

  /// Reads the names in `folder`. No link is followed.
  package init(_ folder: borrowing FolderHandle) throws(IOError) {
    var entries: [Entry] = []
    var rest: [[UInt8]] = [[]]
    while let path = rest.popLast() {
      let inner = try folder.folder(at: path)
      for name in try inner.names() {
        let status = try inner.status(name)
        let child = path.isEmpty ? name : path + [0x2F] + name
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        entries.append(Entry(path: child, isFolder: isFolder, changed: status.st_ctim))
        if isFolder { rest.append(child) }
      }
    }
    self.entries = entries.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }

  /// The SHA-256 of all paths in ascending order, each followed by a zero.
  package var digest: SHA256Digest {
    let hash = SHA256()
    for entry in entries { hash.update((entry.path + [0]).span) }
    return hash.finish()
  }

  /// The first path that was made, renamed or changed after `time`: a file if there is one, rather than the folder that it is in.
  package func firstChange(after time: timespec?) -> [UInt8]? {
    let later = entries.filter { entry in
      guard let time else { return true }
      return (entry.changed.tv_sec, entry.changed.tv_nsec) > (time.tv_sec, time.tv_nsec)
    }
    return (later.first { !$0.isFolder } ?? later.first)?.path
  }
}
