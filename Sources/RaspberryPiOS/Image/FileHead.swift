import FileTree
import Storage

extension FileContent {
  /// The first `count` bytes, zeros where the file is shorter.
  ///
  /// - Throws: `IOError` if a source cannot be read.
  func head(_ count: Int) throws(IOError) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: count)
    for extent in extents {
      guard extent.offset < count else { break }
      let part = FileExtent(
        offset: extent.offset, sourceOffset: extent.sourceOffset, count: min(extent.count, count - extent.offset))
      let range = part.offset..<part.offset + part.count
      switch run(of: part) {
      case .zeros: break
      case .bytes(let bytes): head.replaceSubrange(range, with: bytes)
      case .source(let source, let offset, _): try source.read(at: offset, into: &head, range: range)
      }
    }
    return head
  }
}
