import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

/// Images in the shape of Raspberry Pi OS, each with the kernel's manifest of its root file system: the lines `NAME PATH`
/// and `NAME.manifest PATH` of the file that PIBAKE_FIXTURE_LIST names.
struct Fixture: CustomTestStringConvertible {
  let name: String
  let image: FilePath
  let manifest: FilePath?

  var testDescription: String { name }

  static let all: [Fixture] = {
    guard let list = Environment.value(of: "PIBAKE_FIXTURE_LIST"), let source = try? FileSource(FilePath(list)),
      let bytes = try? source.read(at: 0, count: source.size)
    else { return [] }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    let paths = Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first }
    return paths.filter { $0.value.hasSuffix(".img") }.sorted { $0.key < $1.key }.map { name, path in
      let manifest = paths["\(name).manifest"].map { FilePath(String($0)) }
      return Fixture(name: String(name), image: FilePath(String(path)), manifest: manifest)
    }
  }()
}

@Suite struct `The reader and images in the shape of Raspberry Pi OS` {
  @Test(
    .enabled(if: !Fixture.all.isEmpty, "PIBAKE_FIXTURE_LIST names no list of images"), arguments: Fixture.all)
  private func `reads what the kernel reads`(_ fixture: Fixture) throws {
    let disk = try FileSource(fixture.image)
    // The second entry of the MBR: its first sector and their number.
    let entry = try disk.read(at: 446 + 16, count: 16)
    let start = Int(entry.span.le(8, as: UInt32.self)) * 512
    let partition = try WindowSource(disk, range: start..<start + Int(entry.span.le(12, as: UInt32.self)) * 512)
    if fixture.name.contains("dirty") {
      let error = #expect(throws: Ext4Error.self) { try Ext4Reader(partition) }
      guard case .dirtyJournal? = error else { throw try #require(error) }
      return
    }
    let clock = ContinuousClock()
    var tree: FileTree?
    let time = try clock.measure { tree = try Ext4Reader(partition).tree() }
    print("\(fixture.name): tree in \(time)")
    guard let manifest = fixture.manifest else { return }
    let kernel = try FileSource(manifest)
    try expectSame(
      try lines(of: try #require(tree)),
      [UInt8](kernel.read(at: 0, count: kernel.size)).split(separator: 0x0A, omittingEmptySubsequences: true))
  }
}

/// The lines of a tree's manifest.
func lines(of tree: FileTree) throws -> [ArraySlice<UInt8>] {
  var text: [UInt8] = []
  try Manifest(of: tree).write { bytes in text += bytes.array }
  return text.split(separator: 0x0A, omittingEmptySubsequences: true)
}

/// Records the first lines that differ.
func expectSame(_ ours: [ArraySlice<UInt8>], _ theirs: [ArraySlice<UInt8>]) throws {
  #expect(ours.count == theirs.count)
  for (left, right) in zip(ours, theirs).lazy.filter({ $0 != $1 }).prefix(5) {
    Issue.record("ours:   \(String(decoding: left, as: UTF8.self))\ntheirs: \(String(decoding: right, as: UTF8.self))")
  }
}
