import CZlib
import Storage

/// The CRC-32 of a disk in Android's sparse format, from its first byte on.
///
/// The header's definition counts what is left out as zeros. AOSP's writer (output_file.cpp) leaves it out of the checksum too; so both are computed,
/// and one of them must be right.
struct SparseChecksum {
  private var withNothing: UInt = 0
  private var withoutNothing: UInt = 0
  /// How far the checksum goes, in bytes of the disk.
  private var done = 0
  /// How many extents there were at the last call, of which the last may have grown since.
  private var known = 0

  /// Takes in what `extents`, whose file is `base`, have more than when this was last called.
  mutating func add(_ extents: [SparseExtent], of base: any ByteSource) throws(IOError) {
    // An image can have a checksum after each chunk: each looks at what is new alone.
    for extent in extents[max(known - 1, 0)...] where extent.end > done {
      let count = extent.end - max(extent.start, done)
      switch extent.content {
      case .stored(let start):
        try add(base, start..<start + count)
      case .fill(let pattern): append(Self.checksum(of: pattern, count: count), count, isSaid: true)
      case .nothing: append(Self.checksum(of: 0, count: count), count, isSaid: false)
      }
      done = extent.end
    }
    known = extents.count
  }

  /// Whether the checksum so far is `stored`.
  func agrees(with stored: UInt32) -> Bool { stored == withNothing || stored == withoutNothing }

  private mutating func add(_ base: any ByteSource, _ range: Range<Int>) throws(IOError) {
    var buffer = [UInt8](repeating: 0, count: min(256 << 10, range.count))
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(buffer.count, range.upperBound - offset)
      try base.read(at: offset, into: &buffer, range: 0..<count)
      append(unsafe crc32(0, buffer, UInt32(count)), count, isSaid: true)
      offset += count
    }
  }

  private mutating func append(_ checksum: UInt, _ count: Int, isSaid: Bool) {
    withNothing = crc32_combine(withNothing, checksum, count)
    if isSaid { withoutNothing = crc32_combine(withoutNothing, checksum, count) }
  }

  /// The CRC-32 of `count` bytes, a multiple of four, of `pattern` over and over: by doubling, as there may be a terabyte.
  private static func checksum(of pattern: UInt32, count: Int) -> UInt {
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: pattern >> UInt32($0 * 8)) }
    var power = unsafe crc32(0, bytes, 4)
    var length = 4
    var result: UInt = 0
    var rest = count / 4
    while rest > 0 {
      if rest % 2 == 1 { result = crc32_combine(result, power, length) }
      power = crc32_combine(power, power, length)
      length *= 2
      rest /= 2
    }
    return result
  }
}
