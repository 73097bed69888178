import FileTree
import Glibc
import Storage
import Synchronization
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath

/// The folders beneath one that is held open, each known by a number: what they hold is opened beneath the held folder and
/// through no symbolic link, whatever somebody has put in place of a folder since.
final class HostFolders: Sendable {
  private struct Entry {
    let parent: Int
    let name: [UInt8]
  }

  /// The number of the held folder itself.
  static let top = 0

  private let held: FolderHandle
  /// The folders beneath the held one; the first has number 1.
  private let entries = Mutex<[Entry]>([])

  init(_ held: consuming FolderHandle) { self.held = held }

  /// Adds the folder called `name` in folder `parent`.
  ///
  /// - Returns: its number.
  func add(_ name: [UInt8], in parent: Int) -> Int {
    entries.withLock { entries in
      entries.append(Entry(parent: parent, name: name))
      return entries.count
    }
  }

  /// The path of `folder`, as messages call it.
  func path(of folder: Int) -> FilePath { folder == Self.top ? held.path : held.path.child(beneath(folder)) }

  /// The path of what is called `name` in `folder`, as messages call it.
  func path(of name: [UInt8], in folder: Int) -> FilePath {
    held.path.child(folder == Self.top ? name : beneath(folder) + [0x2F] + name)
  }

  /// Opens the regular file called `name` in `folder` for reading.
  ///
  /// - Throws: `IOError` if it cannot be opened, or a link stands in its way.
  func open(_ name: [UInt8], in folder: Int) throws(IOError) -> FileDescriptor {
    if folder == Self.top { return try held.file(name) }
    return try held.folder(at: beneath(folder)).file(name)
  }

  /// The path of `folder` beneath the held one; empty for that one itself.
  private func beneath(_ folder: Int) -> [UInt8] {
    let names = entries.withLock { entries in
      var names: [[UInt8]] = []
      var number = folder
      // A parent was added before its folder, so the numbers fall.
      while number > Self.top {
        names.append(entries[number - 1].name)
        number = entries[number - 1].parent
      }
      return names
    }
    return Array(names.reversed().joined(separator: [0x2F]))
  }
}
