import Bytes
import Storage

/// A tree as text: one JSON object a line, sorted by the raw bytes of paths.
///
/// Other people's tools can print the same from what the kernel or mtools see, and the two be compared line by line.
/// Keys stand in a fixed order and are left out where they do not apply; the text is ASCII, with paths, link targets
/// and attribute names escaped as `escaped` says.
package struct Manifest {
  private let tree: FileTree
  private let digests: InodeMap<SHA256Digest?>

  /// The manifest of `tree`, whose files are all read here to know their digests.
  ///
  /// - Throws: `IOError` if a file cannot be read, or with the cause `.cancelled` once `progress` is.
  package init(of tree: FileTree, progress: Progress? = nil) throws(IOError) {
    self.tree = tree
    digests = try tree.fileDigests(progress: progress)
  }

  /// Gives the lines to `write`, some at a time, each with its newline.
  package func write<Failure>(_ write: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    var text = JSONText()
    var records = TreeRecords(tree)
    while let next = records.next() {
      var record = next.record
      if record.type == "file" { record.digest = digests[next.id] }
      record.append(to: &text)
      if text.bytes.count >= 64 << 10 {
        try write(text.bytes.span)
        text.bytes.removeAll(keepingCapacity: true)
      }
    }
    try write(text.bytes.span)
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
