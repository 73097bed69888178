import Synchronization

/// Directories that a tree names and whose entries were not read: who looks into one leaves a note.
///
/// So a reader can begin with the root alone, and read what somebody wants to see as he goes.
package final class UnreadDirectories: Sendable {
  private let asked = Mutex<Set<InodeID>>([])

  package init() {}

  /// Those that were looked into since this was last called, ascending.
  package func takeAsked() -> [InodeID] {
    asked.withLock { asked in
      let ids = asked.sorted()
      asked.removeAll()
      return ids
    }
  }

  fileprivate func note(_ id: InodeID) { asked.withLock { _ = $0.insert(id) } }

  /// One of them.
  final class Mark: Sendable {
    private let all: UnreadDirectories
    private let id: InodeID

    init(_ id: InodeID, in all: UnreadDirectories) {
      self.id = id
      self.all = all
    }

    /// Notes that somebody looked.
    func note() { all.note(id) }
  }
}
