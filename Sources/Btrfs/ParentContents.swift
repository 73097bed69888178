import Bytes
import FileTree
import Storage

/// How contents of two subvolumes are known to be equal.
package enum ContentComparison: Sendable {
  /// They lie in the same place of the same source: what a node and its base share. Nothing is read.
  case places
  /// They have the same bytes: what two images share. Contents are read where they could be equal.
  case bytes
}

/// The contents of one part of the parent subvolume: what a snapshot need not bring along.
struct ParentContents {
  private let part: Subvolume.Part
  private let bytes: ByteComparison?
  /// The first paths of the parent's files: by place, or by inode where bytes were compared.
  private var paths: [Key: [UInt8]]?

  private enum Key: Hashable {
    case file(InodeID)
    case place(ObjectIdentifier, offset: Int, size: Int)
  }

  /// From how many bytes on a content is looked for: to look at all costs more than to send a few sectors. Where contents
  /// must be read in any case, what is longer than the command that points to it is worth it.
  private static func threshold(_ comparison: ContentComparison) -> Int {
    comparison == .places ? 16 << 10 : 512
  }

  private let threshold: Int

  /// The contents of `part` of the parent, to be compared with those of `new`, which meet at `stops`.
  init(
    _ part: Subvolume.Part, new: FileTree, stops: [MergeWalk.Stop], comparison: ContentComparison
  ) throws(IOError) {
    self.part = part
    threshold = Self.threshold(comparison)
    bytes =
      comparison == .places ? nil : try ByteComparison(part.tree, new, stops: stops, threshold: threshold)
  }

  /// Whether the parent's file `old` has the content of the new file `new`, which is at the same path.
  func isSame(_ old: InodeID, _ oldContent: FileContent, _ new: InodeID, _ newContent: FileContent) -> Bool {
    oldContent.isSameStorage(as: newContent) || bytes?.isSame(old, new) ?? false
  }

  /// The path of a file of the parent that has this content; nil if there is none, or it is hardly worth pointing to.
  mutating func path(of content: FileContent, id: InodeID) -> [UInt8]? {
    guard content.size >= threshold, let key = key(of: content, id: id) else { return nil }
    if paths == nil { paths = index() }
    return paths?[key]
  }

  private func key(of content: FileContent, id: InodeID) -> Key? {
    if let bytes { return bytes.source(of: id).map { .file($0) } }
    // A content in several pieces would need all of them compared; images have few of those.
    guard let extent = content.extents.first, extent.offset == 0, extent.count == content.size,
      case .source(let source, let offset, let size) = content.run(of: extent)
    else { return nil }
    return .place(ObjectIdentifier(source), offset: offset, size: size)
  }

  private func index() -> [Key: [UInt8]] {
    var paths: [Key: [UInt8]] = [:]
    for entry in TreeWalk(part.tree) {
      guard case .file(let content)? = part.tree[entry.id]?.body,
        let key = bytes == nil ? key(of: content, id: entry.id) : .file(entry.id), paths[key] == nil
      else { continue }
      paths[key] = part.folder.bytes + entry.path
    }
    return paths
  }
}
