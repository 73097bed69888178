import Storage
import Synchronization

/// A source that remembers what is read of it.
final class CountingSource: ByteSource {
  private let base: any ByteSource
  private let log = Mutex<(reads: [Range<Int>], ready: [Range<Int>])>(([], []))

  init(_ base: any ByteSource) { self.base = base }

  /// How often it was read.
  var reads: Int { log.withLock { $0.reads.count } }
  /// What was read, in that order.
  var ranges: [Range<Int>] { log.withLock { $0.reads } }
  /// What was to be made ready.
  var ready: [Range<Int>] { log.withLock { $0.ready } }
  var size: Int { base.size }
  var name: String { base.name }

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    let range = offset..<offset + buffer.count
    log.withLock { $0.reads.append(range) }
    try base.read(at: offset, into: &buffer)
  }

  func prefetch(_ ranges: [Range<Int>]) { log.withLock { $0.ready += ranges } }
}
