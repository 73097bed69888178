import Bytes
import FileTree
import Storage

/// How contents of two subvolumes are known to be equal.
package enum ContentComparison: Sendable {
  /// They lie in the same place of the same source: what a node and its base share. Nothing is read.
  case places
  /// They have the same bytes: what two images share. Every file of both is read.
  case bytes
}

/// The contents of one part of the parent subvolume: what a snapshot need not bring along.
struct ParentContents {
  private let part: Subvolume.Part
  private let digests: (old: [SHA256Digest?], new: [SHA256Digest?])?
  private var paths: [Key: [UInt8]]?

  private enum Key: Hashable {
    case digest(SHA256Digest)
    case place(ObjectIdentifier, offset: Int, size: Int)
  }

  /// The contents of `part` of the parent, to be compared with those of `new`.
  init(_ part: Subvolume.Part, new: FileTree, comparison: ContentComparison) throws(IOError) {
    self.part = part
    digests = comparison == .places ? nil : (try part.tree.fileDigests(), try new.fileDigests())
  }

  /// Whether the parent's file `old` has the content of the new file `new`.
  func isSame(_ old: InodeID, _ oldContent: FileContent, _ new: InodeID, _ newContent: FileContent) -> Bool {
    if oldContent.isSameStorage(as: newContent) { return true }
    guard let digests, oldContent.size == newContent.size else { return false }
    return digests.old[Int(old.number)] == digests.new[Int(new.number)]
  }

  /// From how many bytes on a content is looked for. To look at all without digests costs more than to send a few sectors.
  private var threshold: Int { digests == nil ? 16 << 10 : 4 << 10 }

  /// The path of a file of the parent that has this content; nil if there is none, or it is hardly worth pointing to.
  mutating func path(of content: FileContent, id: InodeID) -> [UInt8]? {
    guard content.size >= threshold, let key = key(of: content, digest: digests?.new[Int(id.number)]) else {
      return nil
    }
    if paths == nil { paths = index() }
    return paths?[key]
  }

  private func key(of content: FileContent, digest: SHA256Digest?) -> Key? {
    if digests != nil { return digest.map { .digest($0) } }
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
        let key = key(of: content, digest: digests?.old[Int(entry.id.number)]), paths[key] == nil
      else { continue }
      paths[key] = part.folder.bytes + entry.path
    }
    return paths
  }
}
