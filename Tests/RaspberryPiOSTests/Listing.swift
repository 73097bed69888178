import FileTree

@testable import RaspberryPiOS

/// A tree as text, one entry a path: what it is, its mode and owner, and then what it holds.
func listing(_ tree: FileTree) throws -> [String: String] {
  var entries: [String: String] = [:]
  var open = [(tree.root, TreePath())]
  while let (id, path) = open.popLast() {
    guard let inode = tree[id] else { continue }
    let who = "\(String(inode.mode, radix: 8)) \(inode.uid):\(inode.gid)"
    switch inode.body {
    case .directory(let directory):
      entries["\(path)"] = "folder \(who)"
      for entry in directory { open.append((entry.id, path.appending(entry.name))) }
    case .file(let content): entries["\(path)"] = "file \(who)\n" + String(decoding: try content.read(), as: UTF8.self)
    case .symlink(let target): entries["\(path)"] = "link -> " + String(decoding: target, as: UTF8.self)
    default: entries["\(path)"] = "other \(who)"
    }
  }
  return entries
}

/// What differs between two trees, by path: the new entry, or "gone".
func changes(from old: FileTree, to new: FileTree) throws -> [String: String] {
  let old = try listing(old)
  var changes = try listing(new)
  for (path, entry) in old {
    if changes[path] == nil { changes[path] = "gone" } else if changes[path] == entry { changes[path] = nil }
  }
  return changes
}

extension FileTree {
  /// The text of the file at `path`, for an expectation.
  func string(_ path: TreePath) throws -> String? {
    try bytes(at: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
