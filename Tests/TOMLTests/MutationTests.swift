import TestSupport
import Testing

@testable import TOML

@Suite struct `Mutated documents` {
  private static let original = Array(
    """
    # c
    a = 1
    "b c".d = 'x\\y'
    e = "\\u00e9\\U0001F600\\t"
    f = [1.5, -2e10, inf, 0xDEAD_beef, 0o755, 1979-05-27T07:32:00Z, 07:32:00.5]
    [t]
    x = { a = 1, b.c = "z", d = [ {}, {q=true} ] }
    [t.u."v w"]
    [[arr]]
    [arr.sub]
    k = false
    [[arr]]
    m = \"\"\"
    a \\
      b\"\"\"\"\"
    l = '''
    raw'''
    """.utf8)

  @Test(arguments: [1, 2] as [UInt64])
  func `end in a table or an error`(_ seed: UInt64) {
    var random = SplitMix64(seed)
    let pieces = ["[", "]", "[[", "{", "}", "\"", "'''", "=", ".", ",", "\n", "\r", "\\", "0", "_", "é", "\u{0}"]
    for _ in 0..<Fuzzing.rounds(3_000) {
      var bytes = Self.original
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let offset = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[offset] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: offset)
        case 2: bytes.removeSubrange(offset...)
        default: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: offset)
        }
        if bytes.isEmpty { break }
      }
      if let error = failure(of: bytes) { #expect(error.position.line >= 1 && error.position.column >= 1) }
    }
  }

  private func failure(of bytes: [UInt8]) -> TOMLError? {
    do {
      _ = try TOMLTable(parsing: bytes)
      return nil
    } catch {
      return error
    }
  }
}
