import FileTree

/// A tree being put together member by member, as tar(1) would on a disk: a later member of a name replaces an earlier
/// one, missing folders are made, and links on the way are followed, though never out of the tree.
struct TreeDraft {
  /// Why a member has no place.
  enum Problem: Error {
    case name([UInt8])
    case parentLeaves
    case tooLong
    case notDirectory
    case tooManyLinks
    case danglingLink
    case isDirectory
    case missingTarget([UInt8])
    case targetIsDirectory([UInt8])
    case tooMany
    /// What was wrong with the member itself.
    case carried(ArchiveError)
  }

  private struct Node {
    var inode: Inode
    /// The entries of a directory; nil of anything else.
    var children: [[UInt8]: Int]?
  }

  /// The root is the first.
  private var nodes: [Node] = []
  /// The folder of the member before, which is mostly that of the next.
  private var lastFolder: (path: [UInt8], node: Int)?

  /// What one call can name (PATH_MAX); longer names could not be extracted by anybody.
  private static let longestPath = 4095
  /// What Linux follows (MAXSYMLINKS, fs/namei.c).
  private static let mostLinks = 40

  /// Whether there is no member yet.
  var isEmpty: Bool { nodes.isEmpty }

  /// Puts `inode` at `path`; a directory that is there keeps what it holds.
  mutating func add(_ inode: Inode, at path: [UInt8]) throws(Problem) {
    guard let (folder, name) = try place(path, time: inode.modified) else {
      // The root itself.
      guard inode.body.isDirectory else { throw .isDirectory }
      return nodes[0].inode = inode
    }
    let isDirectory = inode.body.isDirectory
    let old = nodes[folder].children?[name]
    if let old, let children = nodes[old].children {
      if isDirectory { return nodes[old].inode = inode }
      guard children.isEmpty else { throw .isDirectory }
    }
    if old != nil { lastFolder = nil }
    let node = try append(Node(inode: inode, children: isDirectory ? [:] : nil))
    nodes[folder].children?[name] = node
  }

  /// Gives what is at `target` one name more, `path`.
  mutating func link(_ path: [UInt8], to target: [UInt8], time: Timestamp) throws(Problem) {
    guard let (targetFolder, targetName) = try place(target, time: time, makesFolders: false),
      let node = nodes[targetFolder].children?[targetName]
    else { throw .missingTarget(target) }
    guard nodes[node].children == nil else { throw .targetIsDirectory(target) }
    guard let (folder, name) = try place(path, time: time) else { throw .isDirectory }
    if let old = nodes[folder].children?[name], nodes[old].children != nil { throw .isDirectory }
    if nodes[folder].children?[name] != nil { lastFolder = nil }
    nodes[folder].children?[name] = node
  }

  /// The whole tree: inodes are numbered in the order of the members that made them.
  func tree() -> FileTree {
    let root = nodes.first?.inode ?? TreeDraft.folder(Timestamp(seconds: 0))
    var tree = FileTree(inode: root)
    let reached = reached()
    for index in nodes.indices where reached[index] {
      var inode = nodes[index].inode
      if let children = nodes[index].children {
        var directory = Directory()
        for (name, child) in children { directory.appendUnsorted(name.span, id(of: child)) }
        // Keys of a dictionary are different names.
        _ = directory.sort()
        inode.body = .directory(directory)
      }
      tree[id(of: index)] = inode
    }
    return tree
  }

  private func id(of node: Int) -> InodeID { node == 0 ? InodeID(2) : InodeID(UInt32(11 + node)) }

  /// Which nodes still have a name.
  private func reached() -> [Bool] {
    var reached = [Bool](repeating: false, count: nodes.count)
    var rest = nodes.isEmpty ? [] : [0]
    while let node = rest.popLast() {
      guard !reached[node] else { continue }
      reached[node] = true
      if let children = nodes[node].children { rest += children.values }
    }
    return reached
  }

  private mutating func append(_ node: Node) throws(Problem) -> Int {
    guard nodes.count < Int(UInt32.max) - 16 else { throw .tooMany }
    nodes.append(node)
    return nodes.count - 1
  }

  /// The folder in which `path` is, made where it is missing, and the last name; nil for the root.
  private mutating func place(
    _ path: [UInt8], time: Timestamp, makesFolders: Bool = true
  ) throws(Problem) -> (folder: Int, name: [UInt8])? {
    if nodes.isEmpty { nodes.append(Node(inode: TreeDraft.folder(time), children: [:])) }
    guard path.count <= Self.longestPath else { throw .tooLong }
    let names = path.split(separator: 0x2F).filter { !$0.elementsEqual([0x2E]) }
    guard let last = names.last else { return nil }
    for name in names where !Name.isValid(name) {
      throw name.elementsEqual([0x2E, 0x2E]) ? .parentLeaves : .name(Array(name))
    }
    let folderPath = Array(path[..<last.startIndex])
    if let lastFolder, lastFolder.path == folderPath { return (lastFolder.node, Array(last)) }
    let folder = try folder(names.dropLast().map(Array.init), time: time, makesFolders: makesFolders)
    lastFolder = (folderPath, folder)
    return (folder, Array(last))
  }

  private mutating func folder(
    _ names: [[UInt8]], time: Timestamp, makesFolders: Bool
  ) throws(Problem) -> Int {
    // The flag says of each name whether it comes from the member itself, and not from a link.
    var rest = names.reversed().map { (name: $0, isOwn: true) }
    var way = [0]
    var links = 0
    while let (name, isOwn) = rest.popLast() {
      let here = way[way.count - 1]
      if name == [0x2E, 0x2E] {
        // The root's parent is the root.
        if way.count > 1 { way.removeLast() }
        continue
      }
      guard let children = nodes[here].children else { throw .notDirectory }
      guard let next = children[name] else {
        guard isOwn && makesFolders else { throw .danglingLink }
        guard Name.isValid(name) else { throw .name(name) }
        let made = try append(Node(inode: TreeDraft.folder(time), children: [:]))
        nodes[here].children?[name] = made
        way.append(made)
        continue
      }
      guard case .symlink(let target) = nodes[next].inode.body else {
        guard nodes[next].children != nil else { throw .notDirectory }
        way.append(next)
        continue
      }
      links += 1
      guard links <= Self.mostLinks else { throw .tooManyLinks }
      if target.first == 0x2F { way = [0] }
      let parts = target.split(separator: 0x2F).filter { !$0.elementsEqual([0x2E]) }
      rest += parts.reversed().map { (name: Array($0), isOwn: false) }
    }
    return way[way.count - 1]
  }

  /// A folder that no member describes.
  private static func folder(_ time: Timestamp) -> Inode {
    Inode(mode: 0o755, time: time, body: .directory(Directory()))
  }
}
