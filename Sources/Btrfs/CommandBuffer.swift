import Bytes
import FileTree
import Storage

/// Commands of a send stream, encoded one after the other.
///
/// Everything is little-endian. A command is its length (u32, without these ten bytes), its number (u16), a CRC-32C over
/// the whole command with zeros in its own place (u32, seed 0, no inversion), and attributes: type and length (u16
/// each), then the value (kernel-shared/send.h, common/send-stream.c).
struct CommandBuffer {
  /// The bytes so far.
  private(set) var bytes: [UInt8] = []
  /// Where the command that is being encoded begins.
  private var start = 0

  private static let headerSize = 10

  /// Empties the buffer, which keeps its memory.
  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Gives the bytes away; the buffer goes on with the memory of `empty`.
  mutating func exchange(for empty: [UInt8]) -> [UInt8] {
    let full = bytes
    bytes = empty
    bytes.removeAll(keepingCapacity: true)
    return full
  }

  /// Appends the stream's header: "btrfs-stream", a NUL, and the version (struct btrfs_stream_header).
  mutating func header(version: UInt32) {
    bytes.append(contentsOf: SendStream.magic)
    bytes.append(le: version)
  }

  /// Appends a command without attributes; more may follow by `add`, before `finish`.
  mutating func begin(_ command: SendCommand) {
    start = bytes.count
    bytes.append(le: UInt32(0))
    bytes.append(le: command.rawValue)
    bytes.append(le: UInt32(0))
  }

  /// Ends the command: its length and checksum are known now.
  mutating func finish() {
    bytes.store(le: UInt32(bytes.count - start - CommandBuffer.headerSize), at: start)
    let crc = CRC32C.of(bytes.span.extracting(start..<bytes.count), seed: 0)
    bytes.store(le: crc, at: start + 6)
  }

  /// Adds an attribute of bytes; its length must fit 16 bits.
  mutating func add(_ attribute: SendAttribute, _ value: [UInt8]) {
    tag(attribute, count: value.count)
    bytes.append(contentsOf: value)
  }

  /// Adds an attribute that is a number.
  mutating func add<Value: FixedWidthInteger & BitwiseCopyable>(_ attribute: SendAttribute, _ value: Value) {
    tag(attribute, count: MemoryLayout<Value>.size)
    bytes.append(le: value)
  }

  /// Adds an attribute that is a time: u64 seconds, negative ones in two's complement, and u32 nanoseconds.
  mutating func add(_ attribute: SendAttribute, _ time: Timestamp) {
    tag(attribute, count: 12)
    bytes.append(le: time.seconds)
    bytes.append(le: time.nanoseconds)
  }

  /// Adds the attribute DATA, which must be the last: up to version 1 with a length, from 2 on without.
  mutating func addData(of range: DataRange, version: UInt32) throws(IOError) {
    tagData(count: range.count, version: version)
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: range.count))
    try range.read(into: &bytes, at: start)
  }

  /// Adds the attribute DATA, which must be the last: the first `count` bytes of `data`.
  mutating func addData(_ data: [UInt8], count: Int, version: UInt32) {
    tagData(count: count, version: version)
    bytes.append(contentsOf: data[..<count])
  }

  private mutating func tagData(count: Int, version: UInt32) {
    bytes.append(le: SendAttribute.data.rawValue)
    if version == 1 { bytes.append(le: UInt16(count)) }
  }

  private mutating func tag(_ attribute: SendAttribute, count: Int) {
    bytes.append(le: UInt32(attribute.rawValue) | UInt32(UInt16(count)) << 16)
  }
}

extension DataRange {
  /// Reads the range into `bytes` from `start` on, where there is room for all of it.
  func read(into bytes: inout [UInt8], at start: Int) throws(IOError) {
    let extents = content.extents
    var index = extents.partitioningIndex { $0.offset + $0.count > offset }
    var done = 0
    while done < count, index < extents.count {
      let extent = extents[index]
      let skipped = offset + done - extent.offset
      let size = min(extent.count - skipped, count - done)
      let part = FileExtent(offset: offset + done, sourceOffset: extent.sourceOffset + skipped, count: size)
      switch content.run(of: part) {
      case .zeros: break
      case .bytes(let data): bytes.store(data, at: start + done)
      case .source(let source, let place, _):
        try source.read(at: place, into: &bytes, range: start + done..<start + done + size)
      }
      done += size
      index += 1
    }
  }
}
