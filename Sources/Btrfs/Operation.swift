import FileTree

/// One step of making or changing a subvolume, as btrfs-receive(8) takes it.
///
/// Paths are relative to the subvolume's root, without a leading slash; the root itself is empty.
enum Operation: Sendable {
  /// An empty regular file, mode 0600.
  case makeFile([UInt8])
  /// An empty directory, mode 0700.
  case makeDirectory([UInt8])
  /// A character or block device; `type` is the file type's bits of `st_mode`.
  case makeNode([UInt8], type: UInt32, DeviceNumber)
  case makeFifo([UInt8])
  case makeSocket([UInt8])
  case makeSymlink([UInt8], target: [UInt8])
  /// One name more for the file that `existing` names.
  case link([UInt8], existing: [UInt8])
  case unlink([UInt8])
  /// The directory must be empty.
  case removeDirectory([UInt8])
  case setAttribute([UInt8], ExtendedAttribute)
  case removeAttribute([UInt8], name: [UInt8])
  /// A stretch of a file's data, whose file is not longer than where it begins.
  case write([UInt8], DataRange)
  /// The whole content, `count` bytes, of a file of the parent subvolume.
  case clone([UInt8], source: [UInt8], count: Int)
  case truncate([UInt8], size: Int)
  case setMode([UInt8], UInt16)
  case setOwner([UInt8], uid: UInt32, gid: UInt32)
  case setTimes([UInt8], accessed: Timestamp, modified: Timestamp, changed: Timestamp)
}

/// A stretch of a file that holds data all through.
struct DataRange: Sendable {
  let content: FileContent
  /// Where in the file it begins, in bytes.
  var offset: Int
  /// The number of bytes.
  var count: Int
}

extension FileContent {
  /// The stretches that hold data, ascending; extents that touch in the file are one.
  var dataRanges: [DataRange] {
    var ranges: [DataRange] = []
    for extent in extents {
      if let last = ranges.indices.last, ranges[last].offset + ranges[last].count == extent.offset {
        ranges[last].count += extent.count
      } else {
        ranges.append(DataRange(content: self, offset: extent.offset, count: extent.count))
      }
    }
    return ranges
  }
}

/// Steps in the order in which they must be taken, some at a time: a whole system's never lie in memory together.
protocol OperationSource: Sendable {
  /// Appends the next steps.
  ///
  /// - Returns: whether there were any.
  mutating func next(into operations: inout [Operation]) throws(BtrfsError) -> Bool
}

/// Steps that are known already.
struct OperationList: OperationSource {
  private var rest: ArraySlice<Operation>

  init(_ operations: [Operation]) { rest = operations[...] }

  mutating func next(into operations: inout [Operation]) -> Bool {
    guard !rest.isEmpty else { return false }
    operations.append(contentsOf: rest.prefix(256))
    rest = rest.dropFirst(256)
    return true
  }
}
