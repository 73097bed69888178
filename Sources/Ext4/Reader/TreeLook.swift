import FileTree
import Storage

/// Reads only those parts of a file system that a caller looks up.
///
/// The caller gets a tree in which some directories lack their entries, and some names lead to inodes that are not there. The
/// directories tell `unread` which of these parts were looked up. They are read, and the caller looks again.
struct TreeLook {
  private var builder: TreeBuilder
  /// The observer of the tree's directories.
  private let unread = UnreadParts()
  /// The directories of the tree whose entries were not read.
  private var directories: [InodeID: PendingDirectory] = [:]
  /// The names of inodes that were not read.
  private var names: [InodeID: [NamedChild]] = [:]

  /// Files that are expected to be read are made ready up to this size, in bytes.
  private static let fileLimit = 64 << 10

  /// Reads what `look` looks at of the tree of the file system that `reader` reads.
  ///
  /// `look` is called again after each reading, until it missed nothing. The last time is the one that counts.
  static func look(
    _ reader: MetadataReader, expecting paths: [TreePath], _ look: (FileTree) -> Void
  ) throws(Ext4Error) {
    let (builder, root) = try TreeBuilder.start(reader, isWhole: false)
    var reading = TreeLook(builder: builder)
    reading.leave([root])
    var expected = paths
    var ranges: [Range<Int>]
    repeat { ranges = reading.places(of: &expected) } while try reading.readMissed(with: ranges)
    repeat { look(reading.builder.tree) } while try reading.readMissed()
  }

  private init(builder: TreeBuilder) { self.builder = builder }

  /// Looks at `paths`, and removes those that were found.
  ///
  /// - Returns: where the contents of the files among them lie.
  private func places(of paths: inout [TreePath]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    paths.removeAll { path in
      guard let inode = builder.tree.inode(at: path) else { return false }
      switch inode.body {
      case .directory(let directory): _ = directory.count
      case .file(let content) where content.size <= Self.fileLimit: ranges += builder.reader.places(of: content)
      default: break
      }
      return true
    }
    return ranges
  }

  /// Reads the unread parts that were looked up.
  ///
  /// - Parameter ranges: bytes of the source to make ready together with them.
  /// - Returns: whether there were any.
  private mutating func readMissed(with ranges: [Range<Int>] = []) throws(Ext4Error) -> Bool {
    let asked = unread.takeLookedUp()
    let children = asked.inodes.compactMap { names.removeValue(forKey: $0) }.flatMap(\.self)
    let missed = asked.directories.compactMap { directories.removeValue(forKey: $0) }
    var ranges = ranges
    for child in children {
      if let range = try builder.reader.tables.unreadRange(of: child.number) { ranges.append(range) }
    }
    for directory in missed { ranges += directory.ranges }
    builder.reader.source.prefetch(ranges)
    leave(try builder.load(children))
    try leave(builder.read(missed), namedBy: missed)
    return !children.isEmpty || !missed.isEmpty
  }

  /// Leaves the entries of `missed` for later.
  private mutating func leave(_ missed: [PendingDirectory]) {
    for directory in missed {
      let id = InodeID(directory.number)
      directories[id] = directory
      builder.replace(id, by: Directory(unread: id, observedBy: unread))
    }
  }

  /// Leaves the inodes of `children`, which `parents` name, for later. Those that are known get one more name.
  private mutating func leave(_ children: [NamedChild], namedBy parents: [PendingDirectory]) throws(Ext4Error) {
    var known: [NamedChild] = []
    for child in children {
      let id = InodeID(child.number)
      if builder.tree[id] != nil {
        known.append(child)
      } else {
        try builder.checkName(of: child.number)
        names[id, default: []].append(child)
      }
    }
    _ = try builder.load(known)
    if let last = children.map(\.number).max() { builder.makeRoom(upTo: last) }
    for parent in parents {
      let id = InodeID(parent.number)
      guard let directory = builder.tree.directory(id) else { continue }
      builder.replace(id, by: directory.namingUnread(observedBy: unread))
    }
  }
}
