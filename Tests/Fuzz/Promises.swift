import FileTree

extension FileTree {
  /// What every reader promises of every tree, whatever it was read from a source of `size` bytes.
  func requirePromises(sourceSize size: Int) {
    let links = linkCounts()
    for id in ids {
      require(links[id] > 0, "inode \(id.number) has a name")
      guard let inode = self[id] else { continue }
      require(inode.mode <= 0o7777, "mode \(inode.mode)")
      require(inode.modified.nanoseconds < 1_000_000_000, "nanoseconds of inode \(id.number)")
      switch inode.body {
      case .directory(let directory):
        for entry in directory { require(self[entry.id] != nil, "\(entry.name) leads to an inode") }
      case .symlink(let target): require((1...4095).contains(target.count), "link of \(target.count) bytes")
      case .file(let content): content.requirePromises(sourceSize: size)
      default: break
      }
    }
    var entries = 0
    for _ in TreeWalk(self) { entries += 1 }
    require(entries < 1 << 24, "\(entries) entries of so small an image")
  }
}

extension FileContent {
  fileprivate func requirePromises(sourceSize: Int) {
    var end = 0
    for extent in extents {
      require(extent.offset >= end && extent.count > 0, "extents ascend")
      require(extent.sourceOffset >= 0 && extent.sourceOffset <= sourceSize - extent.count, "extents lie in the image")
      end = extent.offset + extent.count
    }
    require(end <= size, "extents end within the file")
  }
}
