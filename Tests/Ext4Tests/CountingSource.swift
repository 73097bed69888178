import Storage
import Synchronization

/// A source that counts how often it is read.
final class CountingSource: ByteSource {
  private let base: any ByteSource
  private let count = Atomic<Int>(0)

  init(_ base: any ByteSource) { self.base = base }

  var reads: Int { count.load(ordering: .relaxed) }
  var size: Int { base.size }
  var name: String { base.name }

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    count.add(1, ordering: .relaxed)
    try base.read(at: offset, into: &buffer)
  }
}
