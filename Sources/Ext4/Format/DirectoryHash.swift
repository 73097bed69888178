import Bytes

/// The half-MD4 hash of a name, by which indexed directories are ordered.
///
/// Source: lib/ext2fs/dirhash.c of e2fsprogs and fs/ext4/hash.c of Linux, with bytes taken as unsigned
/// (EXT2_FLAGS_UNSIGNED_HASH in s_flags).
struct DirectoryHash: Comparable, Sendable {
  /// What the index holds; bit 0 is clear, for the index uses it to say that a hash goes on in the next leaf.
  let major: UInt32
  /// What orders names of the same major hash.
  let minor: UInt32

  /// The hash of `name` in a file system of this `seed`.
  init(_ name: some Collection<UInt8>, seed: Seed) {
    var state = seed.state
    var rest = name[...]
    repeat {
      state = state &+ Self.transform(state, Self.words(of: rest))
      rest = rest.dropFirst(32)
    } while !rest.isEmpty
    // The largest even number stands for the end of the directory where telldir(3) shows hashes.
    let endOfDirectory: UInt32 = 0xFFFF_FFFE
    let hash = state[1] & ~1
    major = hash == endOfDirectory ? endOfDirectory - 2 : hash
    minor = state[2]
  }

  static func < (left: DirectoryHash, right: DirectoryHash) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  /// Where a file system's hashes start from: s_hash_seed.
  struct Seed: Sendable {
    fileprivate let state: SIMD4<UInt32>

    /// The seed that the superblock holds as a UUID; zeros stand for MD4's own start.
    init(_ uuid: UUID) {
      let bytes = uuid.bytes
      let words = SIMD4<UInt32>(
        bytes.span.le(0), bytes.span.le(4), bytes.span.le(8), bytes.span.le(12))
      state = words == .zero ? SIMD4(0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476) : words
    }
  }

  /// The first 32 bytes of `name` as words, big-endian, what is missing filled up with the length.
  private static func words(of name: some Collection<UInt8>) -> SIMD8<UInt32> {
    let length = UInt32(truncatingIfNeeded: name.count)
    let padding = (length | length << 8) &* 0x0001_0001
    var words = SIMD8<UInt32>(repeating: padding)
    var word = padding
    var count = 0
    for byte in name.prefix(32) {
      word = UInt32(byte) &+ word << 8
      count += 1
      if count.isMultiple(of: 4) {
        words[count / 4 - 1] = word
        word = padding
      }
    }
    if count < 32 { words[count / 4] = word }
    return words
  }

  /// MD4's three rounds, eight steps each.
  private static func transform(_ state: SIMD4<UInt32>, _ words: SIMD8<UInt32>) -> SIMD4<UInt32> {
    var state = state
    round(&state, words, order: SIMD8(0, 1, 2, 3, 4, 5, 6, 7), shifts: SIMD4(3, 7, 11, 19), constant: 0) {
      x, y, z in z ^ (x & (y ^ z))
    }
    round(&state, words, order: SIMD8(1, 3, 5, 7, 0, 2, 4, 6), shifts: SIMD4(3, 5, 9, 13), constant: 0x5A82_7999) {
      x, y, z in (x & y) &+ ((x ^ y) & z)
    }
    round(&state, words, order: SIMD8(3, 7, 2, 6, 1, 5, 0, 4), shifts: SIMD4(3, 9, 11, 15), constant: 0x6ED9_EBA1) {
      x, y, z in x ^ y ^ z
    }
    return state
  }

  /// Each step replaces one of the four words, in the order a, d, c, b.
  private static func round(
    _ state: inout SIMD4<UInt32>, _ words: SIMD8<UInt32>, order: SIMD8<Int>, shifts: SIMD4<UInt32>, constant: UInt32,
    mix: (UInt32, UInt32, UInt32) -> UInt32
  ) {
    for step in 0..<8 {
      let target = (4 - step % 4) % 4
      let mixed = mix(state[(target + 1) % 4], state[(target + 2) % 4], state[(target + 3) % 4])
      let sum = state[target] &+ mixed &+ words[order[step]] &+ constant
      let shift = shifts[step % 4]
      state[target] = sum << shift | sum >> (32 - shift)
    }
  }
}
