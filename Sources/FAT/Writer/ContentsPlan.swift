import Bytes
import FileTree
import Storage

/// Everything that a new FAT holds, before anything has a place.
struct ContentsPlan {
  /// The root directory first.
  private(set) var folders: [FolderPlan] = []
  /// The files that have content.
  private(set) var files: [(id: InodeID, content: FileContent)] = []

  /// Plans all of `tree`.
  ///
  /// - Throws: `FATError.cannotHold` at the first thing that a FAT cannot hold.
  init(_ tree: FileTree) throws(FATError) {
    var seen: Set<InodeID> = [tree.root]
    let root = tree.directory(tree.root) ?? Directory()
    folders = [try FolderPlan(root, id: tree.root, parent: nil, path: TreePath())]
    var index = 0
    while index < folders.count {
      let folder = folders[index]
      guard let directory = tree.directory(folder.id) else { break }
      for (name, id) in directory {
        let path = folder.path.appending(name)
        guard seen.insert(id).inserted else { throw .cannotHold(path, .hardLink) }
        try plan(id, tree, parent: folder.id, path: path)
      }
      index += 1
    }
  }

  private mutating func plan(
    _ id: InodeID, _ tree: FileTree, parent: InodeID, path: TreePath
  ) throws(FATError) {
    switch tree[id]?.body {
    case .directory(let directory):
      folders.append(try FolderPlan(directory, id: id, parent: parent, path: path))
    case .file(let content):
      guard content.size <= Int(UInt32.max) else { throw .cannotHold(path, .fileSize(content.size)) }
      if content.size > 0 { files.append((id, content)) }
    case .symlink: throw .cannotHold(path, .kind("symbolic link"))
    case .characterDevice, .blockDevice: throw .cannotHold(path, .kind("device"))
    case .fifo: throw .cannotHold(path, .kind("named pipe"))
    case .socket: throw .cannotHold(path, .kind("socket"))
    case nil: throw .cannotHold(path, .kind("name without a file"))
    }
  }

  /// How many entries the root directory has.
  var rootSlots: Int { folders[0].slots }

  /// How many clusters all contents take.
  func clusterCount(in shape: FATShape) -> Int {
    let files = files.reduce(0) { $0 + $1.content.size.dividedRoundingUp(by: shape.clusterSize) }
    let chained = folders.dropFirst(shape.width == .fat32 ? 0 : 1)
    return chained.reduce(files) { $0 + ($1.slots * 32).dividedRoundingUp(by: shape.clusterSize) }
  }
}
