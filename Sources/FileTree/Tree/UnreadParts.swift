import Synchronization

/// Parts that a tree names and that were not read, the entries of directories and inodes: who looks at one leaves a note.
///
/// So a reader can begin with the root alone, and read what somebody wants to see as he goes.
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
