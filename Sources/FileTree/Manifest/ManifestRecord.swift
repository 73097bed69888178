import Bytes

/// What a manifest says of one path: what of it there is, by the keys of its line.
package struct ManifestRecord: Sendable {
  /// The path's bytes; `/` alone for the root.
  package var path: [UInt8]
  /// "dir", "file", "symlink", "char", "block", "fifo" or "socket".
  package var type: String
  /// The permission bits; like owner and group nil on FAT, which has none.
  package var mode: UInt16?
  package var uid: UInt32?
  package var gid: UInt32?
  /// The bytes of a file or of a link's target.
  package var size: Int?
  package var modified: Timestamp?
  /// How many names the inode has; nil on FAT.
  package var linkCount: UInt32?
  /// FAT's attributes, as letters; nil where there are none or the file system is another.
  package var attributes: String?
  package var device: DeviceNumber?
  package var target: [UInt8]?
  package var xattrs: [ExtendedAttribute] = []
  package var digest: SHA256Digest?
  /// The first path of the same inode, if this is another one.
  package var same: [UInt8]?

  /// The last name of the path; empty for the root.
  package var name: ArraySlice<UInt8> { path[((path.lastIndex(of: 0x2F) ?? -1) + 1)...] }

  /// A record that says no more than where something is, and of what type.
  package init(path: [UInt8], type: String) {
    self.path = path
    self.type = type
  }

  /// What there is to say of `inode` at `path`, in a tree of `flavor`; neither the link count nor the digest.
  package init(path: [UInt8], _ inode: Inode, flavor: FileTree.Flavor) {
    self.init(path: path, type: inode.body.typeName)
    if flavor == .posix {
      mode = inode.mode
      uid = inode.uid
      gid = inode.gid
    } else if !inode.attributes.isEmpty {
      attributes = inode.attributes.letters
    }
    if flavor == .posix || inode.body.isFile { modified = inode.modified }
    switch inode.body {
    case .file(let content): size = content.size
    case .symlink(let bytes):
      size = bytes.count
      target = bytes
    case .characterDevice(let number), .blockDevice(let number): device = number
    case .directory, .fifo, .socket: break
    }
    xattrs = inode.xattrs
  }

  /// Appends the record as one line of JSON.
  package func append(to text: inout JSONText) {
    text.open()
    appendKeys(to: &text)
    text.close()
  }

  /// Appends the record's keys and values, in the order of manifests.
  package func appendKeys(to text: inout JSONText) {
    text.key("path", escaping: path)
    text.key("type", string: type)
    if let mode { text.key("mode", string: mode.octal) }
    if let uid { text.key("uid", number: Int(uid)) }
    if let gid { text.key("gid", number: Int(gid)) }
    if let size { text.key("size", number: size) }
    if let modified { text.key("mtime", string: modified.decimal) }
    if let linkCount { text.key("nlink", number: Int(linkCount)) }
    if let attributes { text.key("attr", string: attributes) }
    if let device { text.key("rdev", string: "\(device.major):\(device.minor)") }
    if let target { text.key("target", escaping: target) }
    text.key("xattrs", xattrs)
    if let digest { text.key("sha256", string: digest.description) }
    if let same { text.key("same", escaping: same) }
  }
}

/// The records of a tree in the order of manifests, with link counts and second names, without digests.
package struct TreeRecords: Sequence, IteratorProtocol {
  private let tree: FileTree
  private let links: InodeMap<UInt32>
  private var walk: TreeWalk
  private var firstPaths: [InodeID: [UInt8]] = [:]

  /// The records of `tree`.
  package init(_ tree: FileTree) {
    self.tree = tree
    links = tree.linkCounts()
    walk = TreeWalk(tree)
  }

  /// The next path, with its inode.
  package mutating func next() -> (record: ManifestRecord, id: InodeID)? {
    while let entry = walk.next() {
      guard let inode = tree[entry.id] else { continue }
      var record = ManifestRecord(path: entry.path, inode, flavor: tree.flavor)
      guard tree.flavor == .posix else { return (record, entry.id) }
      let isFolder = tree.isDirectory(entry.id)
      let count = links[entry.id]
      // As ext4 tells it: a directory of more than 65,000 links has one (ext4_inc_count, fs/ext4/namei.c).
      record.linkCount = count > 65_000 && isFolder ? 1 : count
      if !isFolder && count > 1 {
        record.same = firstPaths[entry.id]
        if record.same == nil { firstPaths[entry.id] = entry.path }
      }
      return (record, entry.id)
    }
    return nil
  }
}
