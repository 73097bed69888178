import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

@Suite("Every byte of a FAT's metadata", .enabled(if: Tool.arePresent("mkfs.vfat", "mcopy", "mmd"), "needs mtools"))
struct FATSweepTests {
  /// Each byte of the metadata becomes others: a tree or an error follows, soon.
  @Test(arguments: [("12", "160K"), ("16", "2200K"), ("32", "40M")])
  func `may be anything`(width: String, size: String) async throws {
    let folder = try TemporaryFolder()
    try await shell(
      """
      truncate -s \(size) f; mkfs.vfat -F \(width) -s 1 -f 2 -r 32 -n LABEL f >/dev/null 2>&1
      head -c 1500 /dev/zero > b; : > empty; mmd -i f ::/folder ::/folder/deep
      mcopy -i f b ::/; mcopy -i f b '::/folder/a name longer than eight.text'
      mcopy -i f b ::/folder/deep/x; mcopy -i f empty ::/
      """, in: folder.path)
    let file = try FileSource(folder.appending("f"))
    var bytes = try width == "32" ? small(file) : file.read(at: 0, count: file.size)
    let places = metadata(of: bytes)
    var random = SplitMix64(Fuzzing.seed(0x5FEE9))
    var trees = 0
    for place in places {
      let old = bytes[place]
      // A sweep tries all of these and more; a test of every day two of them.
      let all = [
        old ^ 0x80, 0, 0xFF, old &+ 1, old &- 1, old ^ 0x10, 0x2E, 0x05, 0xE5,
        UInt8.random(in: 0...255, using: &random),
      ]
      for value in all.shuffled(using: &random).prefix(Fuzzing.rounds(2)) where value != old {
        bytes[place] = value
        if try isTree(bytes, "byte \(place) is \(value)") { trees += 1 }
      }
      bytes[place] = old
    }
    #expect(trees > places.count)
  }

  /// Where the boot sector, FSInfo, the tables and the folders have something, or nearly.
  private func metadata(of bytes: [UInt8]) -> [Int] {
    let reserved = Int(bytes.span.le(14, as: UInt16.self)) * 512
    let short = Int(bytes.span.le(22, as: UInt16.self))
    let table = (short == 0 ? Int(bytes.span.le(36, as: UInt32.self)) : short) * 512
    let root = reserved + 2 * table
    let folders = (root..<min(root + 8 * 512, bytes.count)).filter { bytes[max(root, $0 - 32)] != 0 || bytes[$0] != 0 }
    let info = short == 0 ? [512, 513, 514, 515] + Array(512 + 0x1E4..<512 + 0x1F0) : []
    return Array(0..<0x5A) + info + Array(reserved..<reserved + 64) + Array(reserved + table..<reserved + table + 16)
      + folders
  }

  /// Whether the bytes give a tree; that or an error must come within a tenth of a second.
  private func isTree(_ bytes: [UInt8], _ change: String) throws -> Bool {
    var time = Duration.seconds(9)
    var isTree = false
    // Other work on the machine may be what took the time.
    for _ in 0..<3 where time > .milliseconds(100) {
      let start = ContinuousClock.now
      do {
        let reader = try FATReader(MemorySource(bytes))
        _ = try reader.freeClusterCount
        let tree = try reader.tree()
        for id in tree.ids {
          if case .file(let content)? = tree[id]?.body {
            #expect(content.extents.allSatisfy { $0.sourceOffset + $0.count <= bytes.count }, "\(change)")
          }
        }
        isTree = true
      } catch {
        #expect(error.kind != .io, "\(change): \(error)")
      }
      time = ContinuousClock.now - start
    }
    #expect(time < .milliseconds(100), "\(change)")
    return isTree
  }
}
