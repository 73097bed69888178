import FileTree
import Synchronization

/// The parts of a tree that were looked up before they were read: entries of directories, and inodes.
final class UnreadParts: ReadObserver {
  /// What was looked up.
  struct LookedUp {
    /// Directories whose entries are wanted.
    fileprivate(set) var directories: Set<InodeID> = []
    /// Inodes whose names were found. Some may have been read since.
    fileprivate(set) var inodes: Set<InodeID> = []
  }

  private let lookedUp = Mutex(LookedUp())

  /// What was looked up since this was last called.
  func takeLookedUp() -> LookedUp { lookedUp.withLock { exchange(&$0, with: LookedUp()) } }

  func lookedUp(entriesOf id: InodeID) { lookedUp.withLock { _ = $0.directories.insert(id) } }

  func lookedUp(inode id: InodeID) { lookedUp.withLock { _ = $0.inodes.insert(id) } }
}
