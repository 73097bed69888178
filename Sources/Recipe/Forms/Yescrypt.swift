/// The cost parameters of yescrypt. They mean the same in gost-yescrypt and scrypt.
enum Yescrypt {
  /// The default flavor of yescrypt (YESCRYPT_DEFAULTS), the only one that any tool writes.
  private static let flavor = 47

  /// Whether crypt(3) takes parameters such as "j9T": the flavor, log2 of N, r, and what the flags of a fourth number add.
  static func takes(_ text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    guard number(&rest, from: 0) == flavor, let log2N = number(&rest, from: 1), let r = number(&rest, from: 1) else {
      return false
    }
    var p = 1
    if !rest.isEmpty {
      // Bits 2 and 3 mean hash upgrades and a ROM, which libxcrypt does not have.
      guard let flags = number(&rest, from: 1), flags <= 3 else { return false }
      if flags & 1 != 0 {
        guard let lanes = number(&rest, from: 2) else { return false }
        p = lanes
      }
      if flags & 2 != 0, number(&rest, from: 1) == nil { return false }
    }
    return rest.isEmpty && isAffordable(log2N: log2N, r: r, p: p) && 1 << log2N / p > 3
  }

  /// Whether the parameters are possible, and their 128 * r * N bytes fit into the memory of a small board.
  static func isAffordable(log2N: Int, r: Int, p: Int) -> Bool {
    guard (1...24).contains(log2N), (1...1 << 20).contains(r), (1...1 << 20).contains(p) else { return false }
    return r << log2N <= 1 << 23 && r * p < 1 << 30
  }

  /// A number of one or more characters, at least `least` (decode64_uint32 of yescrypt-common.c).
  private static func number(_ rest: inout ArraySlice<UInt8>, from least: Int) -> Int? {
    guard let first = rest.popFirst().flatMap(CryptHash.value) else { return nil }
    var (start, end, bits, more) = (0, 47, 0, 0)
    var value = least
    while first > end {
      value += (end + 1 - start) << bits
      start = end + 1
      end = start + (62 - end) / 2
      more += 1
      bits += 6
    }
    value += (first - start) << bits
    for _ in 0..<more {
      guard let next = rest.popFirst().flatMap(CryptHash.value) else { return nil }
      bits -= 6
      value += next << bits
    }
    return value
  }
}
