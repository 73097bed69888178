import Testing

@testable import Bytes

@Suite struct `Base64` {
  /// The examples of RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `is as in the examples of its specification`(plain: String, encoded: String) {
    #expect(Array(plain.utf8).base64 == Array(encoded.utf8))
    #expect([UInt8].decoding(base64: Array(encoded.utf8)) == Array(plain.utf8))
  }

  @Test func `holds every byte at every place`() {
    for length in 1...4 {
      for byte in UInt8.min...UInt8.max {
        let bytes = [UInt8](repeating: byte, count: length)
        #expect([UInt8].decoding(base64: bytes.base64) == bytes)
      }
    }
  }

  /// Another length, padding in the middle or too much of it, other alphabets, and bits that belong to no byte.
  @Test(arguments: ["Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zm9-", "Zm9_", "Zm 9", "Zh==", "Zm9=", "Zm9v\n"])
  func `is refused in any other form`(text: String) {
    #expect([UInt8].decoding(base64: Array(text.utf8)) == nil)
  }
}
