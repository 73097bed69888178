import Bytes
import TestSupport
import Testing

struct ChecksumTests {
  @Test func `CRC-32C has the published check value`() {
    // The check value of CRC-32/ISCSI is inverted before and after; ext4 and btrfs chain it without.
    #expect(CRC32C.of(Array("123456789".utf8), seed: ~0) ^ ~0 == 0xE306_9283)
    #expect(CRC32C.of([], seed: 0x1234_5678) == 0x1234_5678)
  }

  @Test func `CRC-32C of RFC 3720's blocks`() {
    // RFC 3720, B.4, its bytes read as little-endian numbers.
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32), seed: ~0) ^ ~0 == 0x8A91_36AA)
    #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32), seed: ~0) ^ ~0 == 0x62A8_AB43)
    #expect(CRC32C.of(Array(0..<32), seed: ~0) ^ ~0 == 0x46DD_794E)
  }

  @Test func `CRC-32C chains at any cut, whatever the processor's word is`() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    let whole = CRC32C.of(bytes, seed: 7)
    for cut in bytes.indices {
      #expect(CRC32C.of(Array(bytes[cut...]), seed: CRC32C.of(Array(bytes[..<cut]), seed: 7)) == whole)
    }
    #expect(CRC32C.of(le: UInt32(0x0403_0201), seed: ~0) == CRC32C.of([1, 2, 3, 4], seed: ~0))
  }

  @Test func `CRC-16 of a group descriptor that e2fsprogs wrote`() throws {
    // e2fsprogs, lib/ext2fs/csum.c, the test at its end: group 0 of a file system with this UUID.
    let uuid = try #require([UInt8](hex: "4f25e8cfe7974823befaa7884baeecdb"))
    var descriptor = [UInt8](repeating: 0, count: 0x1E)
    descriptor.store(le: UInt32(124), at: 0x00)
    descriptor.store(le: UInt32(125), at: 0x04)
    descriptor.store(le: UInt32(126), at: 0x08)
    descriptor.store(le: UInt16(31119), at: 0x0C)
    descriptor.store(le: UInt16(15701), at: 0x0E)
    descriptor.store(le: UInt16(2), at: 0x10)
    #expect(CRC16.of((uuid + [0, 0, 0, 0] + descriptor).span, seed: 0xFFFF) == 0xD3A4)
  }
}

struct DigestTests {
  @Test func `SHA-256 of FIPS 180-2's messages`() {
    #expect("\(SHA256.of([]))" == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect("\(SHA256.of(Array("abc".utf8)))" == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let hash = SHA256()
    let part = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
    for _ in 0..<1000 { hash.update(part.span) }
    #expect("\(hash.finish())" == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `a digest is 64 hexadecimal digits and nothing else`() {
    let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    #expect(SHA256Digest(hex: text) == SHA256.of([]))
    #expect(SHA256Digest(hex: text.uppercased()) == SHA256.of([]))
    for wrong in [
      "", String(text.dropLast()), text + "00", "g" + text.dropFirst(), " " + text.dropLast(), "é" + text.dropFirst(2),
    ] {
      #expect(SHA256Digest(hex: wrong) == nil, "\(wrong)")
    }
  }

  @Test func `digits of other scripts and letters beyond f are no hexadecimal`() {
    #expect([UInt8](hex: "00fF") == [0, 255])
    #expect([UInt8](hex: "") == [])
    #expect([UInt8](hex: "0") == nil)
    #expect([UInt8](hex: "0g") == nil)
    #expect([UInt8](hex: "٠٠") == nil)
    #expect([UInt8](hex: "+1") == nil)
  }
}

struct UUIDTests {
  /// RFC 9562's namespace of domain names.
  private func dns() throws -> UUID {
    let bytes = try #require([UInt8](hex: "6ba7b8109dad11d180b400c04fd430c8"))
    return UUID(bytes: bytes.span)
  }

  @Test func `version 5 of RFC 9562's example`() throws {
    // RFC 9562, A.4: "www.example.com" in the DNS namespace.
    let dns = try dns()
    #expect("\(dns)" == "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    #expect("\(UUID(name: "www.example.com", in: dns))" == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    #expect(UUID(bytes: UUID.pibake.bytes.span) == .pibake)
  }

  @Test(.enabled(if: Tool.arePresent("uuidgen"), "uuidgen is missing"))
  func `version 5 as uuidgen computes it`() async throws {
    for name in ["pibake", "", "näme", String(repeating: "long", count: 100)] {
      let theirs = try await Tool.run("uuidgen", ["--sha1", "--namespace", "@dns", "--name", name])
      #expect(theirs.output == "\(UUID(name: name, in: try dns()))\n")
    }
    let pibake = try await Tool.run("uuidgen", ["--sha1", "--namespace", "@dns", "--name", "pibake"])
    #expect(pibake.output == "\(UUID.pibake)\n")
  }
}

struct ByteOrderTests {
  @Test func `numbers are loaded and stored at odd places`() {
    var bytes = [UInt8](repeating: 0xEE, count: 11)
    bytes.store(le: UInt32(0x0102_0304), at: 1)
    bytes.store(be: UInt32(0x0102_0304), at: 6)
    #expect(bytes == [0xEE, 4, 3, 2, 1, 0xEE, 1, 2, 3, 4, 0xEE])
    #expect(bytes.span.le(1, as: UInt32.self) == 0x0102_0304)
    #expect(bytes.span.be(6, as: UInt32.self) == 0x0102_0304)
    #expect(bytes.span.le(9, as: UInt16.self) == 0xEE04)
    bytes.append(le: UInt16(0x0506))
    #expect(bytes.suffix(3) == [0xEE, 6, 5])
  }

  @Test func `a load or store that reaches beyond the end traps`() async {
    await #expect(processExitsWith: .failure) {
      let bytes: [UInt8] = [1, 2, 3]
      _ = bytes.span.le(0, as: UInt32.self)
    }
    await #expect(processExitsWith: .failure) {
      var bytes: [UInt8] = [1, 2, 3]
      bytes.store(le: UInt16(1), at: 2)
    }
    await #expect(processExitsWith: .failure) {
      var bytes: [UInt8] = [1, 2, 3]
      bytes.store([4, 5], at: 2)
      // A replacement that lengthens the array would be silent damage.
      if bytes.count > 3 { fatalError() }
    }
  }

  /// A span cannot be an operand of `#expect`.
  private func isZero(_ bytes: [UInt8]) -> Bool { bytes.span.isZero }

  private func isZero(_ bytes: [UInt8], in range: Range<Int>) -> Bool { bytes.span.isZero(in: range) }

  @Test func `no bytes at all are zero`() {
    let bytes: [UInt8] = [1, 2, 3]
    for place in 0...3 { #expect(isZero(bytes, in: place..<place)) }
    #expect(isZero([], in: 0..<0) && !isZero(bytes, in: 2..<3))
  }

  @Test func `zero is told wherever one byte is not`() {
    for count in [0, 1, 7, 8, 9, 63, 64, 65, 4096] {
      var bytes = [UInt8](repeating: 0, count: count)
      #expect(isZero(bytes))
      for place in Set([0, 1, count / 2, count - 2, count - 1]) where bytes.indices ~= place {
        bytes[place] = 0x80
        #expect(!isZero(bytes), "byte \(place) of \(count)")
        bytes[place] = 0
      }
    }
  }

  @Test func `rounding goes up, and zero stays`() {
    #expect(0.rounded(upTo: 512) == 0)
    #expect(1.rounded(upTo: 512) == 512)
    #expect(512.rounded(upTo: 512) == 512)
    #expect(513.dividedRoundingUp(by: 512) == 2)
    #expect(UInt64.max.dividedRoundingUp(by: 4096) == 1 << 52)
  }
}
