import Synchronization

/// The parts of a tree that were not read: entries of directories, and inodes. Each access to one is recorded here.
///
/// A reader begins with the root directory, lets its caller look, reads the parts that were recorded, and lets it look again.
package final class UnreadParts: Sendable {
  /// What was looked at.
  package struct Asked: Sendable {
    /// Directories whose entries are wanted.
    package fileprivate(set) var directories: Set<InodeID> = []
    /// Inodes whose names were found. Some may have been read since.
    package fileprivate(set) var inodes: Set<InodeID> = []
  }

  private let asked = Mutex(Asked())

  package init() {}

  /// What was looked at since this was last called.
  package func takeAsked() -> Asked { asked.withLock { exchange(&$0, with: Asked()) } }

  func note(directory id: InodeID) { asked.withLock { _ = $0.directories.insert(id) } }

  func note(inode id: InodeID) { asked.withLock { _ = $0.inodes.insert(id) } }
}
