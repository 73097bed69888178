import Glibc

extension Span where Element == UInt8 {
  /// The little-endian integer at `offset`.
  ///
  /// The caller has checked the structure's length once; an offset outside the span traps, as any subscript would.
  @inlinable
  package func le<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type = Value.self) -> Value
  {
    precondition(offset >= 0 && offset <= count - MemoryLayout<Value>.size)
    return unsafe Value(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  /// The big-endian integer at `offset`, as the ext4 journal stores them.
  @inlinable
  package func be<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type = Value.self) -> Value
  {
    le(offset, as: type).byteSwapped
  }

  /// The bytes as an array.
  @inlinable
  package var array: [UInt8] {
    [UInt8](capacity: count) { output in
      for index in indices { output.append(self[index]) }
    }
  }

  /// Whether `other` has the same bytes.
  package func isSame(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right in
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return unsafe memcmp(first, second, left.count) == 0
      }
    }
  }

  /// Whether every byte is zero.
  package var isZero: Bool {
    unsafe withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress, count > 0 else { return true }
      // The first is zero and each equals the one before it: the C library compares 32 bytes at once, in debug builds too.
      return unsafe bytes[0] == 0 && memcmp(first, first + 1, count - 1) == 0
    }
  }
}

extension MutableSpan where Element == UInt8 {
  /// Stores `value` little-endian at `offset`; an offset outside the span traps.
  @inlinable
  package mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(le value: Value, at offset: Int) {
    precondition(offset >= 0 && offset <= count - MemoryLayout<Value>.size)
    unsafe withUnsafeMutableBytes { buffer in
      unsafe buffer.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }
  }
}

extension Array where Element == UInt8 {
  /// Stores `value` little-endian at `offset`; an offset outside the array traps.
  @inlinable
  package mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(le value: Value, at offset: Int) {
    var span = mutableSpan
    span.store(le: value, at: offset)
  }

  /// Stores `value` big-endian at `offset`; an offset outside the array traps.
  @inlinable
  package mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(be value: Value, at offset: Int) {
    store(le: value.byteSwapped, at: offset)
  }

  /// Stores `bytes` at `offset`; an end outside the array traps.
  @inlinable
  package mutating func store(_ bytes: some Collection<UInt8>, at offset: Int) {
    replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }

  /// Appends `value` little-endian.
  @inlinable
  package mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(le value: Value) {
    append(contentsOf: repeatElement(0, count: MemoryLayout<Value>.size))
    store(le: value, at: count - MemoryLayout<Value>.size)
  }
}
