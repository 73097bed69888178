import FileTree
import Storage

/// Where the content of an inode lies, being collected from its first byte to its last.
struct ContentMap {
  /// The bytes of the content; what lies after them does not count.
  let size: Int
  private var done: [FileExtent] = []
  private var last: FileExtent?

  /// A map of `size` bytes that are all holes.
  init(size: Int) { self.size = size }

  /// The number of pieces so far.
  var count: Int { last == nil ? 0 : done.count + 1 }

  /// Where the first byte lies that is not in a hole; 0 without one.
  var start: Int { (done.first ?? last)?.sourceOffset ?? 0 }

  /// The pieces.
  var extents: [FileExtent] { last.map { done + [$0] } ?? [] }

  /// Whether no part is a hole.
  var isWhole: Bool {
    var end = 0
    for extent in extents {
      guard extent.offset == end else { return false }
      end += extent.count
    }
    return end == size
  }

  /// Adds `count` bytes at `offset` of the content, which lie at `sourceOffset`; `offset` is past all so far.
  mutating func append(offset: Int, sourceOffset: Int, count: Int) {
    guard offset < size else { return }
    let count = min(count, size - offset)
    if let before = last {
      if before.offset + before.count == offset && before.sourceOffset + before.count == sourceOffset {
        last?.count += count
        return
      }
      done.append(before)
    }
    last = FileExtent(offset: offset, sourceOffset: sourceOffset, count: count)
  }

  /// The content, of which `source` holds the bytes.
  func content(in source: any ByteSource) -> FileContent {
    guard let last else { return FileContent(size: size, source: source, extents: []) }
    return done.isEmpty
      ? FileContent(size: size, source: source, extent: last)
      : FileContent(size: size, source: source, extents: done + [last])
  }
}
