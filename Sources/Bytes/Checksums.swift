import CLinux

/// CRC-32C as ext4 and btrfs chain it: reflected, no inversion before or after.
///
/// `CRC32C.of("123456789", seed: ~0)` is 0x1cf96d7c.
package enum CRC32C {
  /// The checksum of `bytes`, continuing from `seed`.
  package static func of(_ bytes: Span<UInt8>, seed: UInt32) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe pb_crc32c(seed, $0.baseAddress, $0.count) }
  }

  /// The checksum of `bytes`, continuing from `seed`.
  package static func of(_ bytes: [UInt8], seed: UInt32) -> UInt32 {
    of(bytes.span, seed: seed)
  }

  /// The checksum of `value`'s little-endian bytes, continuing from `seed`: how ext4 mixes in an inode number.
  package static func of<Value: FixedWidthInteger & BitwiseCopyable>(le value: Value, seed: UInt32) -> UInt32 {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe pb_crc32c(seed, $0.baseAddress, $0.count) }
  }
}

/// CRC-16 with the reflected polynomial 0xA001 and no final inversion: the group descriptors of old ext4.
package enum CRC16 {
  /// The checksum of `bytes`, continuing from `seed` (0xFFFF at the start).
  package static func of(_ bytes: Span<UInt8>, seed: UInt16) -> UInt16 {
    var crc = seed
    for index in bytes.indices {
      crc ^= UInt16(bytes[index])
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 0 ? 0 : 0xA001) }
    }
    return crc
  }
}
