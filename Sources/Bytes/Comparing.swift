import Glibc

extension Span<UInt8> {
  /// Whether `other`, of the same size, holds the same bytes in `range`.
  package func holdsSame(as other: Span<UInt8>, in range: Range<Int>) -> Bool {
    let (left, right) = (extracting(range), other.extracting(range))
    return unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        // One array shared by both: a fleet's common metadata.
        return unsafe first == second || memcmp(first, second, left.count) == 0
      }
    }
  }

  /// Whether the bytes in `range` are all zero.
  package func isZero(in range: Range<Int>) -> Bool {
    let part = extracting(range)
    return unsafe part.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, unsafe !bytes.isEmpty else { return true }
      // Zeros are what equals itself shifted by one, after a first zero: memcmp looks at many bytes at a time.
      return unsafe bytes[0] == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
    }
  }
}

extension ArraySlice<UInt8> {
  /// Whether the bytes of `text` stand somewhere in these.
  package func contains(sequence text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard let first = wanted.first else { return true }
    var rest = self
    while let start = rest.firstIndex(of: first) {
      rest = rest[start...]
      if rest.starts(with: wanted) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
