import Bytes
import Testing

@Suite struct KeyDerivationTests {
  private func bytes(_ hex: String) throws -> [UInt8] { try #require([UInt8](hex: hex)) }

  // RFC 5869, appendix A.
  @Test(arguments: [
    (
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    ),
    (
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    ),
  ])
  func `HKDF gives what RFC 5869 says`(secret: String, salt: String, info: String, expected: String) throws {
    let key = KeyDerivation.hmac(key: try bytes(salt), try bytes(secret))
    let found = KeyDerivation.expand(key, info: try bytes(info), count: 42)
    #expect(found.hex == expected)
  }

  // RFC 7914, section 12: the vector with r = 8 and p = 1.
  @Test func `scrypt gives what RFC 7914 says`() {
    let found = KeyDerivation.scrypt(
      Array("pleaseletmein".utf8), salt: Array("SodiumChloride".utf8), logN: 14, count: 64)
    #expect(
      found.hex
        == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
  }
}
