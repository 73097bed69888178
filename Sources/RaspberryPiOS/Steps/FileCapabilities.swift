import FileTree

extension NodeSystem {
  /// Reports files whose capabilities a root over NFS does not carry: the protocol has no attribute for them.
  mutating func reportLostCapabilities() {
    guard !topology.hasRootDisk else { return }
    let name = Array("security.capability".utf8)
    let holders = Set(root.ids.filter { root[$0]?.xattrs.contains { $0.name == name } == true })
    guard !holders.isEmpty else { return }
    let paths = root.paths(of: holders)
    let shown = paths.prefix(3).map(\.description).joined(separator: ", ")
    let more = paths.count > 3 ? " and \(paths.count - 3) more" : ""
    warn("a root over NFS carries no file capabilities: \(shown)\(more) will work for root only")
  }
}

extension FileTree {
  /// The paths of `wanted`, in the order of their bytes.
  fileprivate func paths(of wanted: Set<InodeID>) -> [TreePath] {
    var found: [TreePath] = []
    var open = [(root, TreePath())]
    while let (id, path) = open.popLast() {
      guard let directory = directory(id) else { continue }
      for index in directory.indices {
        let child = directory.id(at: index)
        let isWanted = wanted.contains(child)
        guard isWanted || isDirectory(child) else { continue }
        let place = path.appending(directory[index].name)
        if isWanted { found.append(place) }
        if isDirectory(child) { open.append((child, place)) }
      }
    }
    return found.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}
