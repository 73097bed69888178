import Bytes
import FileTree
import Recipe
import struct SystemPackage.FilePath

// `[[files]]`: what the recipe puts anywhere. What lies under the boot mount point goes to the boot partition.
extension NodeSystem {
  /// Adds, replaces and removes files in the order of the recipe.
  mutating func placeFiles() throws(RaspberryPiOSError) {
    for file in recipe.files {
      try attempt { (system) throws(RaspberryPiOSError) in
        do throws(RaspberryPiOSError) { try system.place(file) } catch { throw error.placed(file.place) }
      }
    }
  }

  private mutating func place(_ file: FileSettings) throws(RaspberryPiOSError) {
    guard let path = TreePath(file.path), !path.names.isEmpty else {
      throw .recipe("\"\(file.path)\" is not a path below /")
    }
    guard path.names.starts(with: bootMountPoint.names), path != bootMountPoint else {
      try refuseOtherMountPoint(path, onBoot: nil)
      return try place(file, at: path)
    }
    let name = TreePath(Array(path.names.dropFirst(bootMountPoint.names.count)))
    try refuseOtherMountPoint(path, onBoot: name)
    try place(file, onBoot: name)
  }

  private mutating func place(_ file: FileSettings, at path: TreePath) throws(RaspberryPiOSError) {
    let old = root.inode(at: path, followingLast: false)
    let keeper = try homeOwner(of: path)
    let (uid, gid) = try owners(of: file, in: keeper)
    var inode = Inode(mode: 0, uid: uid, gid: gid, time: time, body: .directory(Directory()))
    if case .remove = file.action {} else if let keeper { try makeFolders(above: path, of: keeper) }
    switch file.action {
    case .content(let text):
      inode.mode = file.mode ?? old?.fileMode ?? 0o644
      inode.body = .file(FileContent(bytes: Array(text.utf8)))
      try root.put(inode, at: path, followingLast: false, makingFolders: time)
    case .symlink(let target):
      inode.mode = 0o777
      inode.body = .symlink(Array(target.utf8))
      try root.put(inode, at: path, followingLast: false, makingFolders: time)
    case .directory: try placeFolder(file, inode, at: path)
    case .remove: try root.removeIfPresent(path)
    case .source(let source):
      let (tree, id, top) = try imported(source, place: file.place)
      guard top.body.isDirectory else {
        inode.mode = file.mode ?? top.mode
        inode.body = top.body
        return try root.put(inode, at: path, followingLast: false, makingFolders: time)
      }
      inode.mode = top.mode
      try placeFolder(file, inode, at: path)
      let (uid, gid) = (inode.uid, inode.gid)
      try copy(from: tree, id, to: path) { inode in
        (inode.uid, inode.gid) = (uid, gid)
        // What this machine's own file system attached means nothing to the node.
        (inode.xattrs, inode.flags) = ([], [])
      }
    }
  }

  /// The user in whose home `path` lies; nil if it lies in none.
  private func homeOwner(of path: TreePath) throws(RaspberryPiOSError) -> AccountDatabase.User? {
    guard path.names.count > 1, root.has("etc/passwd") else { return nil }
    // Accounts of the system have homes such as /bin.
    let people = try AccountDatabase(root).users.filter { user in
      guard let home = user.homePath, (1000...60000).contains(user.uid) || home == "root" else { return false }
      return home.names.count < path.names.count && path.names.starts(with: home.names)
    }
    return people.max { ($0.homePath?.names.count ?? 0) < ($1.homePath?.names.count ?? 0) }
  }

  /// Makes the folders in a home that lead to `path`, where they are missing, the user's.
  private mutating func makeFolders(above path: TreePath, of user: AccountDatabase.User) throws(RaspberryPiOSError) {
    guard let home = user.homePath, root.has(home) else { return }
    let folder = Inode(mode: 0o755, uid: user.uid, gid: user.gid, time: time, body: .directory(Directory()))
    do {
      try root.makeDirectory(root.resolve(path, followingLast: false).parent, like: folder)
    } catch { throw .tree(error) }
  }

  /// Refuses a path under the mount point that other releases have: the firmware reads nothing there.
  ///
  /// - Parameter name: where `path` lies on the boot partition; nil if it lies on the root.
  private func refuseOtherMountPoint(_ path: TreePath, onBoot name: TreePath?) throws(RaspberryPiOSError) {
    let older: TreePath = "boot"
    let newer: TreePath = "boot/firmware"
    if bootMountPoint == older, path.names.starts(with: newer.names), let name {
      let right = bootMountPoint.names + name.names.dropFirst()
      throw .recipe(
        "the image mounts its boot partition at /boot, not at /boot/firmware", hint: "write \(TreePath(right))")
    }
    guard bootMountPoint == newer, name == nil, path.names.count > 1, path.names.starts(with: older.names) else {
      return
    }
    let rest = TreePath(Array(path.names.dropFirst()))
    let first = TreePath(Array(rest.names.prefix(1)))
    let names = ["config.txt", "cmdline.txt", "overlays", "ssh", "ssh.txt", "userconf", "userconf.txt", "user-data"]
    guard names.contains("\(first.names[0])") || boot.has(boot.pathIgnoringCase(first)) else { return }
    throw .recipe(
      "the image mounts its boot partition at /boot/firmware: nothing reads \(path)",
      hint: "write \(TreePath(bootMountPoint.names + rest.names))")
  }

  /// Makes a folder; of one that is there, only what the recipe names changes.
  private mutating func placeFolder(
    _ file: FileSettings, _ new: Inode, at path: TreePath
  ) throws(RaspberryPiOSError) {
    guard let id = root.find(path), root.isDirectory(id) else {
      var inode = new
      inode.mode = file.mode ?? (new.mode == 0 ? 0o755 : new.mode)
      return try root.put(inode, at: path, followingLast: false, makingFolders: time)
    }
    if let mode = file.mode { root[id]?.mode = mode }
    if file.owner != nil { root[id]?.uid = new.uid }
    if file.group != nil { root[id]?.gid = new.gid }
  }

  /// FAT has neither owners nor links.
  private mutating func place(_ file: FileSettings, onBoot given: TreePath) throws(RaspberryPiOSError) {
    let path = boot.pathIgnoringCase(given)
    for (key, isSet) in [("mode", file.mode != nil), ("owner", file.owner != nil), ("group", file.group != nil)]
    where isSet && !file.isRemoval {
      warn("\(file.place): \(key) has no effect on \(file.path): the boot partition is FAT, which has none")
    }
    switch file.action {
    case .content(let text): try boot.write(text, to: path, time: time)
    case .symlink: throw .recipe("\(file.path): the boot partition is FAT, which has no symbolic links")
    case .directory:
      let folder = Inode(mode: 0o755, time: time, body: .directory(Directory()))
      do { try boot.makeDirectory(path, like: folder) } catch { throw .tree(error) }
    case .remove: try boot.removeIfPresent(path)
    case .source(let source):
      let (tree, id, _) = try imported(source, place: file.place)
      try copyToBoot(from: tree, id, to: path)
    }
  }

  private mutating func copyToBoot(
    from tree: FileTree, _ source: InodeID, to target: TreePath
  ) throws(RaspberryPiOSError) {
    var open = [(source, target)]
    while let (id, given) = open.popLast() {
      let path = boot.pathIgnoringCase(given)
      switch tree[id]?.body {
      case .file(let content)?:
        var inode = Inode(mode: 0o644, time: time, body: .file(content))
        inode.attributes = .archive
        try boot.put(inode, at: path, makingFolders: time)
      case .directory(let directory)?:
        let folder = Inode(mode: 0o755, time: time, body: .directory(Directory()))
        do { try boot.makeDirectory(path, like: folder) } catch { throw .tree(error) }
        for entry in directory { open.append((entry.id, path.appending(entry.name))) }
      case nil: break
      default: throw .recipe("\(path): the boot partition is FAT, which holds files and folders only")
      }
    }
  }

  /// The file or folder of this machine at `path`, or that a link there leads to: the only entry of the tree that is
  /// taken in. Links inside a folder stay links.
  func imported(
    _ path: FilePath, place: RecipePlace?
  ) throws(RaspberryPiOSError) -> (tree: FileTree, id: InodeID, inode: Inode) {
    var path = path
    // What Linux allows (MAXSYMLINKS, fs/namei.c).
    for _ in 0...40 {
      let found = try importedEntry(path, place: place)
      switch found.inode.body {
      case .file, .directory: return found
      case .symlink(let target):
        path = path.removingLastComponent().pushing(FilePath(String(decoding: target, as: UTF8.self)))
      case .fifo: throw .recipe("source \(path) is a FIFO: expected a file or folder", place: place)
      case .socket: throw .recipe("source \(path) is a socket: expected a file or folder", place: place)
      case .characterDevice, .blockDevice:
        throw .recipe("source \(path) is a device: expected a file or folder", place: place)
      }
    }
    throw .recipe("\(path): links lead in a circle", place: place)
  }

  private func importedEntry(
    _ path: FilePath, place: RecipePlace?
  ) throws(RaspberryPiOSError) -> (tree: FileTree, id: InodeID, inode: Inode) {
    let tree: FileTree
    do {
      tree = try importing(path)
    } catch let error as any Failure {
      throw .importing(error, place: place)
    } catch {
      throw .recipe("\(path): \(error)", place: place)
    }
    guard let id = tree.directory(tree.root)?.first?.id, let inode = tree[id] else {
      throw .recipe("\(path) holds nothing", place: place)
    }
    return (tree, id, inode)
  }

  /// The owner and group that the recipe names; else those of the user in whose home the file lies, else root's.
  private func owners(
    of file: FileSettings, in keeper: AccountDatabase.User?
  ) throws(RaspberryPiOSError) -> (uid: UInt32, gid: UInt32) {
    var (uid, gid) = (keeper?.uid ?? 0, UInt32(0))
    if let name = file.owner { uid = try owner(name) }
    if let name = file.group { gid = try group(name) } else if let keeper, uid == keeper.uid { gid = keeper.gid }
    return (uid, gid)
  }

  private func owner(_ wanted: Located<String>) throws(RaspberryPiOSError) -> UInt32 {
    let name = wanted.value
    if let uid = UInt32(name) { return uid }
    let accounts = try AccountDatabase(root)
    if let user = accounts.user(name) { return user.uid }
    throw .recipe(
      "the image has no user \"\(name)\"", place: wanted.place,
      hint: name.nearest(in: accounts.users.map(\.name)).map { "did you mean \"\($0)\"?" })
  }

  private func group(_ wanted: Located<String>) throws(RaspberryPiOSError) -> UInt32 {
    let name = wanted.value
    if let gid = UInt32(name) { return gid }
    let accounts = try AccountDatabase(root)
    if let gid = accounts.gid(of: name) { return gid }
    throw .recipe(
      "the image has no group \"\(name)\"", place: wanted.place,
      hint: name.nearest(in: accounts.groupNames).map { "did you mean \"\($0)\"?" })
  }
}

extension FileSettings {
  fileprivate var isRemoval: Bool { if case .remove = action { true } else { false } }
}

extension Inode {
  fileprivate var fileMode: UInt16? { if case .file = body { mode } else { nil } }
}

extension RaspberryPiOSError {
  /// The same error at a place of the recipe, where it has none.
  fileprivate func placed(_ place: RecipePlace) -> RaspberryPiOSError {
    switch self {
    case .recipe(let text, let known, let hint): .recipe(text, place: known ?? place, hint: hint)
    case .tree(let error): .recipe(error.description, place: place, hint: error.hint)
    case .unsupported, .io, .importing, .several: self
    }
  }
}
