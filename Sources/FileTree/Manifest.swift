import Bytes
import Storage

/// A tree as text: one JSON object a line, sorted by the raw bytes of paths.
///
/// Other people's tools can print the same from what the kernel or mtools see, and the two be compared line by line.
/// Keys stand in a fixed order and are left out where they do not apply; the text is ASCII, with paths, link targets
/// and attribute names escaped as `escaped` says.
package struct Manifest {
  private let tree: FileTree
  private let links: [UInt32]
  private let digests: [SHA256Digest?]

  /// The manifest of `tree`, whose files are all read here to know their digests.
  ///
  /// - Throws: `IOError` if a file cannot be read.
  package init(of tree: FileTree) throws(IOError) {
    self.tree = tree
    links = tree.linkCounts()
    digests = try tree.fileDigests()
  }

  /// Gives the lines to `write`, some at a time, each with its newline.
  package func write<Failure>(_ write: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    var text = JSONText()
    var firstPaths: [InodeID: [UInt8]] = [:]
    for entry in TreeWalk(tree) {
      guard let inode = tree[entry.id] else { continue }
      line(entry, inode, firstPath: firstPaths[entry.id], into: &text)
      let isShared = tree.flavor == .posix && tree.directory(entry.id) == nil && links[Int(entry.id.number)] > 1
      if isShared && firstPaths[entry.id] == nil { firstPaths[entry.id] = entry.path }
      if text.bytes.count >= 64 << 10 {
        try write(text.bytes.span)
        text.bytes.removeAll(keepingCapacity: true)
      }
    }
    try write(text.bytes.span)
  }

  private func line(_ entry: TreeWalk.Entry, _ inode: Inode, firstPath: [UInt8]?, into text: inout JSONText) {
    let isPOSIX = tree.flavor == .posix
    text.open()
    text.key("path", escaping: entry.path)
    text.key("type", string: inode.body.typeName)
    if isPOSIX {
      text.key("mode", string: inode.mode.octal)
      text.key("uid", number: Int(inode.uid))
      text.key("gid", number: Int(inode.gid))
    }
    switch inode.body {
    case .file(let content): text.key("size", number: content.size)
    case .symlink(let target): text.key("size", number: target.count)
    default: break
    }
    if isPOSIX || inode.body.isFile { text.key("mtime", string: inode.modified.decimal) }
    if isPOSIX { text.key("nlink", number: Int(linkCount(entry.id))) }
    if !isPOSIX, !inode.attributes.isEmpty { text.key("attr", string: inode.attributes.letters) }
    switch inode.body {
    case .characterDevice(let device), .blockDevice(let device):
      text.key("rdev", string: "\(device.major):\(device.minor)")
    case .symlink(let target): text.key("target", escaping: target)
    default: break
    }
    text.key("xattrs", inode.xattrs)
    if inode.body.isFile, let digest = digests[Int(entry.id.number)] { text.key("sha256", string: digest.description) }
    if let firstPath { text.key("same", escaping: firstPath) }
    text.close()
  }

  /// The link count as ext4 tells it: from 65,000 on, a directory has one (RO_COMPAT dir_nlink).
  private func linkCount(_ id: InodeID) -> UInt32 {
    let count = links[Int(id.number)]
    return count >= 65_000 && tree.directory(id) != nil ? 1 : count
  }
}

extension Inode.Body {
  /// The word for the type in manifests.
  package var typeName: String {
    switch self {
    case .directory: "dir"
    case .file: "file"
    case .symlink: "symlink"
    case .characterDevice: "char"
    case .blockDevice: "block"
    case .fifo: "fifo"
    case .socket: "socket"
    }
  }

  /// Whether it is a regular file.
  package var isFile: Bool { if case .file = self { true } else { false } }
}

extension FATAttributes {
  /// Those set, of AHRS.
  package var letters: String {
    [(FATAttributes.archive, "A"), (.hidden, "H"), (.readOnly, "R"), (.system, "S")]
      .filter { contains($0.0) }.map(\.1).joined()
  }
}

extension Timestamp {
  /// `SECONDS.NNNNNNNNN`: the seconds signed, the nanoseconds after them with nine digits.
  package var decimal: String {
    let digits = String(nanoseconds)
    return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
  }
}

extension UInt16 {
  /// Four octal digits.
  package var octal: String {
    let digits = String(self, radix: 8)
    return String(repeating: "0", count: Swift.max(0, 4 - digits.count)) + digits
  }
}
