import Bytes
import FileTree
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

/// A structure with a checksum, and where to find it.
private struct Checksummed: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// What debugfs says of its block, and the byte of it that is changed; the byte must not matter otherwise.
  var block: String?
  /// The inode that is changed instead.
  var inode: String?
  let byte: Int
  /// A part of the error's text, and of the warning's.
  let error: String

  static let all = [
    Checksummed(testDescription: "superblock", block: "echo 1", byte: 0x30, error: "superblock: wrong checksum"),
    Checksummed(testDescription: "group descriptor", block: "echo 2", byte: 0x0C, error: "group 0: wrong checksum"),
    Checksummed(testDescription: "inode", inode: "file", byte: 0x14, error: "wrong checksum"),
    Checksummed(testDescription: "block bitmap", block: "stat -b", byte: 100, error: "wrong checksum of the bitmap"),
    Checksummed(testDescription: "inode bitmap", block: "stat -i", byte: 20, error: "wrong checksum of the bitmap"),
    Checksummed(
      testDescription: "folder", block: "bmap folder 0", byte: 1000, error: "wrong checksum"),
    Checksummed(testDescription: "hash tree", block: "bmap thousands 0", byte: 0x20 + 12, error: "wrong checksum"),
    Checksummed(testDescription: "extents", block: "extents pieces", byte: 10, error: "wrong checksum"),
    Checksummed(testDescription: "attributes", block: "file_acl many", byte: 24, error: "wrong checksum"),
  ]
}

@Suite struct `The reader and wrong checksums` {
  @Test(.enabled(if: Tool.arePresent("mke2fs", "debugfs", "e2fsck"), "e2fsprogs is not installed"))
  func `are errors, or warnings where they are not verified`() async throws {
    let folder = try TemporaryFolder()
    let golden = GoldenImage(
      name: "small", options: ["-b", "1024", "-O", "^64bit", "-N", "200"], size: 8 << 20, isSmall: true)
    let path = try await golden.make(in: folder)
    let file = try FileSource(path)
    let image = try file.read(at: 0, count: file.size)
    let whole = try lines(of: Ext4Reader(MemorySource(image)).tree())
    for checksummed in Checksummed.all {
      var damaged = image
      damaged[try await place(of: checksummed, in: path)] ^= 0x40
      let error = #expect(throws: Ext4Error.self) { try Ext4Reader(MemorySource(damaged)).tree() }
      #expect(error?.description.contains(checksummed.error) == true, "\(checksummed): \(error?.description ?? "")")
      let warnings = Mutex<[String]>([])
      let policy = ReadPolicy(verifiesChecksums: false) { text in warnings.withLock { $0.append(text) } }
      let ours = try lines(of: Ext4Reader(MemorySource(damaged), policy: policy).tree())
      #expect(ours == whole, "\(checksummed)")
      #expect(warnings.withLock { $0.count } == 1, "\(checksummed)")
      #expect(warnings.withLock { $0.first?.contains(checksummed.error) } == true, "\(checksummed)")
    }
  }

  private func place(of checksummed: Checksummed, in image: FilePath) async throws -> Int {
    func ask(_ question: String) async throws -> String {
      try await Tool.run("debugfs", ["-R", question, image.string]).standardOutput
    }
    if let inode = checksummed.inode {
      let text = try await ask("imap \(inode)")
      let block = try #require(number(in: text, after: "located at block "))
      let offset = try #require(
        text.split(separator: "0x").last.flatMap { Int($0.prefix { $0.isHexDigit }, radix: 16) })
      return block * 1024 + offset + checksummed.byte
    }
    let block: Int?
    switch checksummed.block {
    case "echo 1"?: block = 1
    case "echo 2"?: block = 2
    case "stat -b"?: block = number(in: try await ask("stats"), after: "block bitmap at ")
    case "stat -i"?: block = number(in: try await ask("stats"), after: "inode bitmap at ")
    case "file_acl many"?: block = number(in: try await ask("stat many"), after: "File ACL: ")
    case "extents pieces"?: block = number(in: try await ask("stat pieces"), after: "(ETB0):")
    case let question?: block = Int(try await ask(question).filter(\.isNumber))
    case nil: block = nil
    }
    return try #require(block, "\(checksummed)") * 1024 + checksummed.byte
  }

  private func number(in text: String, after label: String) -> Int? {
    guard let range = text.firstRange(of: label) else { return nil }
    return Int(text[range.upperBound...].prefix { $0.isNumber })
  }
}
