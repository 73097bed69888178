import Bytes
import Storage

/// A disk written down as the few bytes of it that are not zero, so that every byte that the fuzzer changes means something.
///
/// The first byte belongs to the target. Four bytes hold the size in KiB; records follow, each where it lies in units of 64
/// bytes (four bytes), a count (two bytes) and so many bytes; later ones win. What is cut short reads as zeros.
struct SparseInput {
  /// What the target does with it is its own affair.
  let choice: UInt8
  let disk: SparseDisk

  /// 64 GiB: larger than what any code here handles in one piece, and cheap, as almost all of it is zeros.
  private static let sizeLimit: UInt32 = 1 << 26

  /// Parses `input`, which can be anything.
  init?(_ input: [UInt8]) {
    guard input.count >= 5 else { return nil }
    let bytes = input.span
    choice = bytes[0]
    let size = Int(min(bytes.le(1, as: UInt32.self), Self.sizeLimit)) << 10
    var records: [SparseDisk.Record] = []
    var place = 5
    while place + 6 <= bytes.count {
      let start = Int(bytes.le(place, as: UInt32.self)) << 6
      let count = min(Int(bytes.le(place + 4, as: UInt16.self)), bytes.count - place - 6)
      place += 6
      records.append(SparseDisk.Record(start: start, range: place..<place + count))
      place += count
    }
    disk = SparseDisk(size: size, bytes: input, records: records)
  }
}

/// A disk of zeros with some records over them.
final class SparseDisk: ByteSource {
  struct Record {
    let start: Int
    /// Where its bytes lie in the input.
    let range: Range<Int>
  }

  let size: Int
  let name = "fuzzed"
  private let bytes: [UInt8]
  private let records: [Record]

  init(size: Int, bytes: [UInt8], records: [Record]) {
    self.size = size
    self.bytes = bytes
    self.records = records
  }

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    try checkRange(at: offset, count: buffer.count)
    unsafe buffer.withUnsafeMutableBytes { target in
      _ = unsafe target.initializeMemory(as: UInt8.self, repeating: 0)
      unsafe bytes.withUnsafeBytes { all in
        for record in records {
          let from = max(record.start, offset)
          let end = min(record.start + record.range.count, offset + target.count)
          guard from < end else { continue }
          let start = record.range.lowerBound + from - record.start
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[from - offset..<end - offset])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: all[start..<start + end - from]))
        }
      }
    }
  }
}
