import Glibc
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Baking

@Suite struct DownloadTests {
  private let place: TemporaryFolder

  init() throws { place = try TemporaryFolder() }

  private func fetch(_ name: String, isCancelled: Bool = false) throws -> Bool {
    try Download(url: "file://\(place.appending(name))", target: place.appending("target"))
      .run(progress: nil) { isCancelled }
  }

  @Test func `goes on where it stopped, and fetches nothing twice`() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try HeldFolder(place.path).writeFile("source", bytes)
    // What is there already is not fetched again: it would otherwise be mended here.
    var half = Array(bytes.prefix(100_000))
    half[0] ^= 0xFF
    try HeldFolder(place.path).writeFile("target.part", half)
    #expect(try fetch("source"))
    let result = try FileSource(place.appending("target")).read(at: 0, count: bytes.count)
    #expect(Array(result.dropFirst()) == Array(bytes.dropFirst()) && result[0] == half[0])
    #expect(try !fetch("source"))
  }

  @Test func `what cannot be had is an error with the server's reason`() throws {
    let error = #expect(throws: IOError.self) { try fetch("nothing") }
    #expect(error?.description.contains("cannot download") ?? false)
    #expect(access(place.appending("target").string, F_OK) != 0)
  }
}

@Suite struct ByteCountTests {
  @Test(arguments: [
    (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (1_049_999, "1.0 MB"), (2_835_349_504, "2.8 GB"),
  ])
  func `is decimal, with one digit`(_ count: Int, _ text: String) { #expect(ByteCount(count).description == text) }
}
