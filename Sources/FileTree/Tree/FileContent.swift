import Storage

/// The content of a file: where its bytes are, not the bytes. What no extent covers reads as zeros.
package struct FileContent: Sendable {
  /// The number of bytes, holes included.
  package let size: Int
  private let storage: Storage

  private enum Storage: Sendable {
    case hole
    case bytes([UInt8])
    case extent(any ByteSource, FileExtent)
    case extents(any ByteSource, [FileExtent])
  }

  /// A file of these bytes.
  package init(bytes: [UInt8]) {
    size = bytes.count
    storage = bytes.isEmpty ? .hole : .bytes(bytes)
  }

  /// A file of `size` bytes whose data lie in `source`.
  ///
  /// `extents` ascend, do not overlap, and lie within `size` and within the source: the caller has checked.
  package init(size: Int, source: any ByteSource, extents: [FileExtent]) {
    self.size = size
    storage =
      switch extents.count {
      case 0: .hole
      case 1: .extent(source, extents[0])
      default: .extents(source, extents)
      }
  }

  /// A file of `size` bytes whose data lie in `source` in one piece.
  package init(size: Int, source: any ByteSource, extent: FileExtent) {
    self.size = size
    storage = .extent(source, extent)
  }

  /// The pieces that hold data, in ascending order.
  package var extents: [FileExtent] {
    switch storage {
    case .hole: []
    case .bytes(let bytes): [FileExtent(offset: 0, sourceOffset: 0, count: bytes.count)]
    case .extent(_, let extent): [extent]
    case .extents(_, let extents): extents
    }
  }

  /// Where in its source the first byte lies that is not in a hole; 0 without a source.
  package var start: Int {
    switch storage {
    case .hole, .bytes: 0
    case .extent(_, let extent): extent.sourceOffset
    case .extents(_, let extents): extents[0].sourceOffset
    }
  }

  /// The content as runs, first byte to last, holes as zeros.
  package var runs: [Run] {
    var list = RunList()
    switch storage {
    case .hole: break
    case .bytes(let bytes): list.append(.bytes(bytes))
    case .extent(let source, let extent): extent.append(to: &list, from: source)
    case .extents(let source, let extents): for extent in extents { extent.append(to: &list, from: source) }
    }
    list.zeros(upTo: size)
    return list.runs
  }

  /// The run that is `extent`'s data; `extent` is one of `extents` or a part of one.
  package func run(of extent: FileExtent) -> Run {
    switch storage {
    case .hole: .zeros(extent.count)
    case .bytes(let bytes): .bytes(Array(bytes[extent.sourceOffset..<extent.sourceOffset + extent.count]))
    case .extent(let source, _), .extents(let source, _):
      .source(source, offset: extent.sourceOffset, count: extent.count)
    }
  }

  /// Compares the data with the checksums that their source has, which reading alone may not do.
  ///
  /// - Throws: `IOError`: what was read of them may be wrong.
  package func verify() throws(IOError) {
    switch storage {
    case .hole, .bytes: break
    case .extent(let source, let extent): try source.verify(at: extent.sourceOffset, count: extent.count)
    case .extents(let source, let extents):
      for extent in extents { try source.verify(at: extent.sourceOffset, count: extent.count) }
    }
  }

  /// The whole content in memory.
  ///
  /// - Throws: `IOError` if a source cannot be read, or if the file is larger than `limit` bytes.
  package func read(limit: Int = 64 << 20) throws(IOError) -> [UInt8] {
    guard size <= limit else {
      throw IOError(path: "file", operation: "load", cause: .message("\(size) bytes are more than \(limit)"))
    }
    var bytes = [UInt8](repeating: 0, count: size)
    for extent in extents {
      switch run(of: extent) {
      case .zeros: break
      case .bytes(let data):
        bytes.replaceSubrange(extent.offset..<extent.offset + extent.count, with: data)
      case .source(let source, let offset, let count):
        try source.read(at: offset, into: &bytes, range: extent.offset..<extent.offset + count)
      }
    }
    return bytes
  }

  /// Whether both are the same places of the same source, so that nothing needs to be read to know them equal.
  package func isSameStorage(as other: FileContent) -> Bool {
    guard size == other.size else { return false }
    return switch (storage, other.storage) {
    case (.hole, .hole): true
    case (.bytes(let left), .bytes(let right)): left == right
    case (.extent(let left, let leftExtent), .extent(let right, let rightExtent)):
      left === right && leftExtent == rightExtent
    case (.extents(let left, let leftExtents), .extents(let right, let rightExtents)):
      left === right && leftExtents == rightExtents
    default: false
    }
  }
}

/// A piece of a file that holds data: `count` bytes at `offset` of the file, from `sourceOffset` of the source on.
package struct FileExtent: Hashable, Sendable {
  package var offset: Int
  package var sourceOffset: Int
  package var count: Int

  package init(offset: Int, sourceOffset: Int, count: Int) {
    self.offset = offset
    self.sourceOffset = sourceOffset
    self.count = count
  }

  fileprivate func append(to list: inout RunList, from source: any ByteSource) {
    list.zeros(upTo: offset)
    list.append(.source(source, offset: sourceOffset, count: count))
  }
}
