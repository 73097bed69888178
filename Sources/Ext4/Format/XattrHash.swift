import Bytes

/// The hashes of a block of extended attributes (fs/ext4/xattr.c: ext4_xattr_hash_entry and ext4_xattr_rehash).
enum XattrHash {
  /// The hash of one entry: its name without the prefix, then its value as words, the last one filled with zeros.
  static func entry(name: some Collection<UInt8>, value: [UInt8]) -> UInt32 {
    var hash: UInt32 = 0
    for byte in name { hash = (hash << 5 | hash >> 27) ^ UInt32(byte) }
    for start in stride(from: 0, to: value.count, by: 4) {
      var word: UInt32 = 0
      for index in start..<min(start + 4, value.count) { word |= UInt32(value[index]) << (8 * UInt32(index - start)) }
      hash = (hash << 16 | hash >> 16) ^ word
    }
    return hash
  }

  /// The hash of a block of entries with these hashes. Zero says that the block cannot be shared, as for any entry
  /// whose own hash is zero.
  static func block(entries: some Sequence<UInt32>) -> UInt32 {
    var hash: UInt32 = 0
    for entry in entries {
      if entry == 0 { return 0 }
      hash = (hash << 16 | hash >> 16) ^ entry
    }
    return hash
  }
}
