import FileTree
import Storage

/// Where the data of a sparse file belong.
struct SparseMap {
  /// The size of the file, holes included.
  let size: Int
  /// The pieces with data; their places in the source follow one another.
  let extents: [FileExtent]

  /// The map with these offsets and counts in turn, of data that lie in the source from `start` on, `stored` bytes.
  ///
  /// nil unless the pieces ascend within the file and are together as long as the data.
  init?(_ numbers: [Int], size: Int, start: Int, stored: Int) {
    guard numbers.count.isMultiple(of: 2), size >= 0, stored >= 0 else { return nil }
    var extents: [FileExtent] = []
    var end = 0
    var done = 0
    for index in stride(from: 0, to: numbers.count, by: 2) {
      let (offset, count) = (numbers[index], numbers[index + 1])
      guard offset >= end, count >= 0, offset <= size, count <= size - offset, count <= stored - done else {
        return nil
      }
      if count > 0 { extents.append(FileExtent(offset: offset, sourceOffset: start + done, count: count)) }
      end = offset + count
      done += count
    }
    guard done == stored else { return nil }
    self.size = size
    self.extents = extents
  }

  /// The numbers of the map that stands before the data (version 1.0): the count of pieces, then their offsets and
  /// counts, in lines of decimal digits, padded to a block.
  ///
  /// - Returns: the numbers and how many bytes they take; nil if that is not what is there.
  static func numbers(before data: Range<Int>, in source: any ByteSource) throws(IOError) -> ([Int], length: Int)? {
    var lines = DecimalLines(source: source, range: data)
    guard let count = try lines.next(), count <= data.count / 4 else { return nil }
    var numbers: [Int] = []
    for _ in 0..<2 * count {
      guard let number = try lines.next() else { return nil }
      numbers.append(number)
    }
    return (numbers, min((lines.consumed + 511) / 512 * 512, data.count))
  }

  /// The numbers of the old map (S): four in the header, 21 in each block that follows while the one before says so.
  ///
  /// - Returns: the numbers and where the data begin; nil if a number is none.
  static func oldNumbers(
    _ header: TarHeader, after offset: Int, in source: any ByteSource
  ) throws(IOError) -> ([Int], start: Int)? {
    var numbers: [Int] = []
    var block = header.bytes
    var place = 386
    var count = 4
    var start = offset
    while true {
      for entry in 0..<count {
        let at = place + 24 * entry
        guard let begin = try? TarHeader.number(block.span, at..<at + 12, ""),
          let length = try? TarHeader.number(block.span, at + 12..<at + 24, "")
        else { return nil }
        // The rest of a block that is not full.
        if begin == 0 && length == 0 { continue }
        numbers += [begin, length]
      }
      guard block[place == 0 ? 504 : 482] != 0 else { return (numbers, start) }
      block = try source.read(at: start, count: TarHeader.size)
      start += TarHeader.size
      (place, count) = (0, 21)
    }
  }
}

/// Numbers in lines, read a little at a time.
private struct DecimalLines {
  let source: any ByteSource
  let range: Range<Int>
  private(set) var consumed = 0
  private var buffer: ArraySlice<UInt8> = []
  private var fetched = 0

  init(source: any ByteSource, range: Range<Int>) {
    self.source = source
    self.range = range
  }

  mutating func next() throws(IOError) -> Int? {
    var number = 0
    var digits = 0
    while true {
      if buffer.isEmpty {
        let count = min(4096, range.count - fetched)
        guard count > 0 else { return nil }
        buffer = try source.read(at: range.lowerBound + fetched, count: count)[...]
        fetched += count
      }
      guard let byte = buffer.popFirst() else { return nil }
      consumed += 1
      if byte == 0x0A { return digits > 0 ? number : nil }
      guard (0x30...0x39).contains(byte), digits < 18 else { return nil }
      number = number * 10 + Int(byte - 0x30)
      digits += 1
    }
  }
}
