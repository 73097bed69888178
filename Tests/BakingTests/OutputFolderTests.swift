import Bytes
import Glibc
import HostFiles
import SystemPackage
import TestSupport
import Testing

@testable import Baking

@Suite struct OutputFolderTests {
  private let place: TemporaryFolder
  private var target: FilePath { place.appending("out/nog") }

  init() throws { place = try TemporaryFolder() }

  private func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

  private func publish(_ names: String...) throws {
    let folder = try OutputFolder(target)
    for name in names { try writeFile(folder.appending(name), Array(name.utf8)) }
    try folder.publish()
  }

  @Test func `appears whole, and takes the place of an earlier one`() throws {
    try publish("manifest.json", "old.img")
    try publish("manifest.json", "new.img")
    #expect(exists(target.appending("new.img")) && !exists(target.appending("old.img")))
    let left = try FolderListing.names(in: place.appending("out"))
    #expect(left == ["nog"])
  }

  @Test func `leaves nothing when the work does not come to its end`() throws {
    do {
      let folder = try OutputFolder(target)
      try writeFile(folder.appending("half.img"), [1])
      #expect(exists(folder.partial) && !exists(target))
    }
    #expect(try FolderListing.names(in: place.appending("out")) == [])
  }

  @Test func `removes what a killed run left, and not what another run is filling`() throws {
    try makeFolders(place.appending("out/.nog.partial-1"))
    try makeFolders(place.appending("out/.nog.partial-2"))
    let busy = open(place.appending("out/.nog.partial-2").string, O_RDONLY)
    try #require(flock(busy, LOCK_EX) == 0)
    defer { close(busy) }
    try publish("manifest.json")
    #expect(try FolderListing.names(in: place.appending("out")) == [".nog.partial-2", "nog"])
  }

  @Test func `a folder that pibake did not make is refused`() throws {
    try makeFolders(target)
    try publish("manifest.json")
    try removeFile(target.appending("manifest.json"))
    try writeFile(target.appending("thesis.txt"), [1])
    let error = #expect(throws: BakeError.self) { _ = try OutputFolder(target) }
    #expect(error?.kind == .usage && error?.hint != nil)
    #expect(exists(target.appending("thesis.txt")))
    // A name that is not UTF-8 is one too.
    try removeFile(target.appending("thesis.txt"))
    let path = Array(target.string.utf8CString.dropLast()) + [0x2F, 0x74, CChar(bitPattern: 0xE8), 0]
    #expect(path.withUnsafeBufferPointer { mkdir($0.baseAddress!, 0o700) } == 0)
    #expect(throws: BakeError.self) { _ = try OutputFolder(target) }
  }
}
