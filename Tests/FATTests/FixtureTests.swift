import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

/// Boot partitions in the shape of Raspberry Pi OS, each with mtools' manifest: the lines `NAME PATH` and
/// `NAME.fat-manifest PATH` of the file that PIBAKE_FIXTURE_LIST names.
private struct Fixture: CustomTestStringConvertible {
  let name: String
  let image: FilePath
  let manifest: FilePath

  var testDescription: String { name }

  static let all: [Fixture] = {
    guard let list = Environment.value(of: "PIBAKE_FIXTURE_LIST"), let source = try? FileSource(FilePath(list)),
      let bytes = try? source.read(at: 0, count: source.size)
    else { return [] }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    let paths = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first }
    return paths.sorted { $0.key < $1.key }.compactMap { name, path in
      guard let manifest = paths["\(name).fat-manifest"] else { return nil }
      return Fixture(name: String(name), image: FilePath(String(path)), manifest: FilePath(String(manifest)))
    }
  }()
}

@Suite("FAT of images in the shape of Raspberry Pi OS")
struct FixtureTests {
  @Test(.enabled(if: !Fixture.all.isEmpty, "PIBAKE_FIXTURE_LIST names no list of images"), arguments: Fixture.all)
  private func `is read as mtools reads it, and the same when laid out again`(_ fixture: Fixture) throws {
    let disk = try FileSource(fixture.image)
    // The first entry of the MBR: its first sector and their number.
    let entry = try disk.read(at: 446, count: 16)
    let start = Int(entry.span.le(8, as: UInt32.self)) * 512
    let partition = try WindowSource(disk, range: start..<start + Int(entry.span.le(12, as: UInt32.self)) * 512)
    var tree = try FATReader(partition).tree()
    let clock = ContinuousClock()
    let reading = try clock.measure { tree = try FATReader(partition).tree() }
    let list = try FileSource(fixture.manifest)
    let expected = String(decoding: try list.read(at: 0, count: list.size), as: UTF8.self).split(separator: "\n")
    let found = try manifest(tree)
    // mtools takes 2100 for a leap year, so that it is a day ahead of Linux and the calendar in 2107.
    let different = differences(found, expected.map(String.init)).filter { !$0.contains("\"/odd/time-last\"") }
    #expect(different == [])

    var layout: FATLayout?
    let laying = try clock.measure {
      layout = try FATLayout(
        tree, options: FATOptions(size: 512 << 20, serial: 1, label: "bootfs", hiddenSectors: 16384))
    }
    print("\(fixture.name): read in \(reading), laid out in \(laying)")
    let folder = try TemporaryFolder()
    try write(try #require(layout).runs, to: folder.appending("fat.img"))
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
