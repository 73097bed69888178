import Bytes
import FileTree

/// The pieces of a content, to be asked for places in any order.
struct ContentExtents {
  private let extents: [FileExtent]

  /// The pieces of `map`.
  init(_ map: ContentMap) { extents = map.extents }

  /// Where in the source the `count` bytes at `offset` of the content lie; nil if not all of them are in one piece.
  func place(of offset: Int, count: Int) -> Int? {
    let index = extents.firstIndex(endingAfter: offset)
    guard index < extents.count, extents[index].offset <= offset else { return nil }
    guard offset + count <= extents[index].offset + extents[index].count else { return nil }
    return extents[index].sourceOffset + offset - extents[index].offset
  }
}

extension [FileExtent] {
  /// The index of the first extent that ends after `offset`; extents ascend.
  func firstIndex(endingAfter offset: Int) -> Int { partitioningIndex { $0.offset + $0.count > offset } }
}
