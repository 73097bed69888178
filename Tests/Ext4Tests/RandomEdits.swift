import FileTree
import TestSupport

@testable import Ext4

/// Edits of a tree, of every kind that a node's recipe can ask for, and others.
struct RandomEdits {
  private var random: SplitMix64
  private var names = 0

  init(seed: UInt64) { random = SplitMix64(seed) }

  /// Edits `tree` once.
  mutating func edit(_ tree: inout FileTree) {
    let id = tree.ids.randomElement(using: &random) ?? tree.root
    let folder = folder(in: tree)
    switch Int.random(in: 0..<12, using: &random) {
    case 0...2: tree.add(name(), content(), in: folder)
    case 3: tree.addFiles(Int.random(in: 1...400, using: &random), in: folder, prefix: name())
    case 4: tree.add(name(), .folder(), in: folder)
    case 5, 6: remove(from: &tree, in: folder)
    case 7: tree[id]?.mode ^= 0o111
    case 8: if tree.directory(id) == nil { tree[id]?.body = content().body }
    case 9:
      let count = Int.random(in: 0...3000, using: &random)
      tree[id]?.xattrs = count == 0 ? [] : [WriterXattrTests.attribute("user.some", count)]
    case 10: if tree.directory(id) == nil { tree.link(name(), to: id, in: folder) }
    default: move(in: &tree, to: folder)
    }
  }

  private mutating func name() -> String {
    names += 1
    return "edit-\(names)-\(String(repeating: "n", count: Int.random(in: 0...40, using: &random)))"
  }

  private mutating func content() -> Inode {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .file("")
    case 1: return .file([UInt8](repeating: 5, count: Int.random(in: 1...20000, using: &random)))
    case 2:
      let size = Int.random(in: 1...200_000, using: &random)
      let extent = FileExtent(offset: 0, sourceOffset: Int.random(in: 0...1000, using: &random), count: size)
      return .file(FileContent(size: size, source: WriterContentTests.source, extent: extent))
    case 3:
      let count = Int.random(in: 1...400, using: &random)
      return WriterContentTests.sparse(count * 12288, (0..<count).map { ($0 * 12288, 5000) })
    case 4: return .symlink(Int.random(in: 1...200, using: &random))
    default: return Inode(mode: 0o600, time: someTime, body: .characterDevice(DeviceNumber(major: 5, minor: 1)))
    }
  }

  private mutating func folder(in tree: FileTree) -> InodeID {
    tree.ids.filter { tree.directory($0) != nil }.randomElement(using: &random) ?? tree.root
  }

  private mutating func remove(from tree: inout FileTree, in folder: InodeID) {
    guard let entries = tree.directory(folder), let index = entries.indices.randomElement(using: &random) else {
      return
    }
    let path = tree.firstPath(to: folder).appending(entries[index].name)
    _ = try? tree.remove(path)
  }

  /// Moves something that holds nothing: no folder ends up below itself.
  private mutating func move(in tree: inout FileTree, to target: InodeID) {
    let source = folder(in: tree)
    guard var entries = tree.directory(source), let index = entries.indices.randomElement(using: &random) else {
      return
    }
    let (name, id) = entries[index]
    guard tree.directory(id)?.isEmpty ?? true, id != target, name != .lostAndFound else { return }
    entries[name] = nil
    tree[source]?.body = .directory(entries)
    tree.link(self.name(), to: id, in: target)
  }
}

extension FileTree {
  fileprivate mutating func addFiles(_ count: Int, in folder: InodeID, prefix: String) {
    for index in 0..<count { add("\(prefix)-\(index)", .file("\(index)"), in: folder) }
  }
}
