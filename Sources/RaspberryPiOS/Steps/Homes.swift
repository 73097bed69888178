import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Makes a home that is not there: a copy of /etc/skel that is the user's, with the mode of the first user's home.
  mutating func makeHome(
    _ home: TreePath, uid: UInt32, gid: UInt32, like first: AccountDatabase.User?
  ) throws(RaspberryPiOSError) {
    guard !root.has(home) else { return }
    let mode = first?.homePath.flatMap { root.inode(at: $0)?.mode } ?? 0o700
    let inode = Inode(mode: mode, uid: uid, gid: gid, time: time, body: .directory(Directory()))
    try root.put(inode, at: home, makingFolders: time)
    guard let skeleton = root.find("etc/skel") else { return }
    try copy(from: root, skeleton, to: home) { inode in
      inode.uid = uid
      inode.gid = gid
    }
  }

  /// Adds `keys` to the user's authorized_keys, each once.
  mutating func authorize(_ keys: [String], home: TreePath, uid: UInt32, gid: UInt32) throws(RaspberryPiOSError) {
    guard !keys.isEmpty else { return }
    let folder = home.appending(text: ".ssh")
    let list = folder.appending(text: "authorized_keys")
    if !root.has(folder) {
      let inode = Inode(mode: 0o700, uid: uid, gid: gid, time: time, body: .directory(Directory()))
      try root.put(inode, at: folder, makingFolders: time)
    }
    var file = try root.text(at: list) ?? TextFile()
    for key in keys where file.firstIndex(where: { $0.trimmed == key.trimmed }) == nil { file.append(key.trimmed) }
    try root.write(file.bytes, to: list, mode: 0o600, time: time)
    // sshd takes no keys that others than the user may write.
    for (path, mode) in [(folder, UInt16(0o700)), (list, 0o600)] {
      guard let id = root.find(path) else { continue }
      root[id]?.mode = mode
      root[id]?.uid = uid
      root[id]?.gid = gid
    }
  }

  /// Gives what is `old`'s under `folder` to `new`.
  mutating func changeOwner(of folder: TreePath, from old: UInt32, to new: UInt32) {
    var open = root.find(folder).map { [$0] } ?? []
    while let id = open.popLast() {
      if root[id]?.uid == old { root[id]?.uid = new }
      if let directory = root.directory(id) { open += directory.indices.map { directory.id(at: $0) } }
    }
  }

  /// Puts copies of what is in the folder `source` of `tree` into the folder at `target`. Folders that are there stay
  /// and take in more; `change` sees every inode first, whose times are the node's.
  mutating func copy(
    from tree: FileTree, _ source: InodeID, to target: TreePath, _ change: (inout Inode) -> Void
  ) throws(RaspberryPiOSError) {
    var copies: [InodeID: InodeID] = [:]
    var open = [(source, target)]
    while let (id, path) = open.popLast() {
      guard let directory = tree.directory(id) else { continue }
      for index in directory.indices {
        let child = directory.id(at: index)
        let place = path.appending(directory[index].name)
        guard var inode = tree[child] else { continue }
        change(&inode)
        (inode.modified, inode.accessed, inode.changed, inode.created) = (time, time, time, time)
        guard inode.body.isDirectory else {
          try copyFile(inode, of: child, to: place, &copies)
          continue
        }
        if root.find(place, followingLast: false).map({ root.isDirectory($0) }) != true {
          inode.body = .directory(Directory())
          try root.put(inode, at: place, followingLast: false, makingFolders: time)
        }
        open.append((child, place))
      }
    }
  }

  /// Puts `inode` at `path`, or another name for it where `id` has been copied before: hard links stay links.
  private mutating func copyFile(
    _ inode: Inode, of id: InodeID, to path: TreePath, _ copies: inout [InodeID: InodeID]
  ) throws(RaspberryPiOSError) {
    if let copy = copies[id], let name = path.names.last, let parent = root.find(path.parent),
      var folder = root.directory(parent), folder[name] == nil
    {
      folder[name] = copy
      root[parent]?.body = .directory(folder)
      return
    }
    try root.put(inode, at: path, followingLast: false, makingFolders: time)
    copies[id] = root.find(path, followingLast: false)
  }
}
