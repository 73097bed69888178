import Bytes
import TestSupport
import struct SystemPackage.FilePath
import Testing

@testable import Ext4

struct WriterHashTests {
  static let unseeded = DirectoryHash.Seed(UUID(bytes: [UInt8](repeating: 0, count: 16).span))

  @Test(
    arguments: [
      ("hello", 0x1746_DA32, 0x4200_13B5), ("a-much-longer-file-name-than-32-bytes.txt", 0x6B0C_79EA, 0x0352_5E42),
      // From e2fsck and the kernel with unsigned bytes.
      ("é", 0xFDA9_F3F8, 0x6978_8442),
    ] as [(String, UInt32, UInt32)])
  func `names hash as e2fsprogs hashes them`(name: String, major: UInt32, minor: UInt32) {
    let hash = DirectoryHash(name.utf8, seed: Self.unseeded)
    #expect((hash.major, hash.minor) == (major, minor))
  }

  @Test(.enabled(if: Tool.arePresent("debugfs"), "debugfs is not installed"))
  func `names of all lengths hash with a seed as debugfs hashes them`() async throws {
    let seed = UUID(name: "hash", in: .pibake)
    let names = [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 63, 64, 65, 96, 100, 254, 255].map { count in
      String(decoding: (0..<count).map { UInt8(0x61 + ($0 * 7 + count) % 26) }, as: UTF8.self)
    }
    let requests = names.map { "dx_hash -h half_md4 -s \(seed) \($0)\n" }.joined()
    let folder = try TemporaryFolder()
    let file = folder.appending("requests")
    try Array(requests.utf8).write(to: file)
    let output = try await Tool.run("debugfs", ["-f", file.string]).output
    for name in names {
      let hash = DirectoryHash(name.utf8, seed: DirectoryHash.Seed(seed))
      let expected = "Hash of \(name) is 0x\(String(hash.major, radix: 16)) (minor 0x\(String(hash.minor, radix: 16)))"
      #expect(output.contains(expected), "\(expected)")
    }
  }

  @Test func `an attribute hashes as the kernel hashes it`() {
    #expect(XattrHash.entry(name: "note".utf8, value: [0x68, 0x69, 0, 0x74, 0x68, 0x65, 0x72, 0x65]) == 0x0C2C_A38D)
  }

  @Test func `a block with an entry that hashes to zero is not shared`() {
    #expect(XattrHash.block(entries: [1, 0, 2]) == 0)
    #expect(XattrHash.block(entries: [0x8000_0001, 2]) == 0x0001_8002)
  }
}
