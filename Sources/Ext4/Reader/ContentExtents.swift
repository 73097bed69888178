import FileTree

/// The pieces of a content, to be asked for places in any order.
struct ContentExtents {
  private let extents: [FileExtent]

  /// The pieces of `map`.
  init(_ map: ContentMap) { extents = map.extents }

  /// Where in the source the `count` bytes at `offset` of the content lie; nil if not all of them are in one piece.
  func place(of offset: Int, count: Int) -> Int? {
    var low = 0
    var high = extents.count
    while low < high {
      let middle = (low + high) / 2
      if extents[middle].offset + extents[middle].count <= offset { low = middle + 1 } else { high = middle }
    }
    guard low < extents.count, extents[low].offset <= offset else { return nil }
    guard offset + count <= extents[low].offset + extents[low].count else { return nil }
    return extents[low].sourceOffset + offset - extents[low].offset
  }
}
