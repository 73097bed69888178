import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

@Suite("FAT of images in the shape of Raspberry Pi OS")
struct FixtureTests {
  @Test(arguments: ["32s4", "32s1", "16", "12"])
  func `is the same when laid out again`(_ kind: String) async throws {
    let disk = try FileSource(try await Fixture.image("--fat", kind, "tiny"))
    // The first entry of the MBR: its first sector and their number.
    let entry = try disk.read(at: 446, count: 16)
    let start = Int(entry.span.le(8, as: UInt32.self)) * 512
    let partition = try WindowSource(disk, range: start..<start + Int(entry.span.le(12, as: UInt32.self)) * 512)
    let tree = try FATReader(partition).tree()
    let found = try manifest(tree)
    let layout = try FATLayout(
      tree, options: FATOptions(size: 512 << 20, serial: 1, label: "bootfs", hiddenSectors: 16384))
    let folder = try TemporaryFolder()
    try write(layout.runs, to: folder.appending("fat.img"))
    let again = try manifest(FATReader(FileSource(folder.appending("fat.img"))).tree())
    #expect(differences(again, found) == [])
  }
}

/// The lines of a tree's manifest.
func manifest(_ tree: FileTree) throws -> [String] {
  var text: [UInt8] = []
  try Manifest(of: tree).write { bytes in text += bytes.array }
  return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
}
