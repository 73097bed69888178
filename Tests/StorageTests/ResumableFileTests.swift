import Storage
import SystemPackage
import TestSupport
import Testing

@Suite struct ResumableFileTests {
  private let folder: TemporaryFolder
  private let held: HeldFolder

  init() throws {
    folder = try TemporaryFolder()
    held = try HeldFolder(folder.path)
  }

  private func names() throws -> [String] { try held.names().map { String(decoding: $0, as: UTF8.self) }.sorted() }

  private func append(_ text: String, to file: inout ResumableFile) throws {
    try Array(text.utf8).withUnsafeBytes { try file.append($0) }
  }

  private func take() throws -> ResumableFile {
    guard let file = try ResumableFile.take("part", in: held) else { throw Errno.deadlock }
    return file
  }

  @Test func `bytes stay for the next one, and an empty file does not`() throws {
    do { _ = try take() }
    #expect(try names() == [])
    do {
      var file = try take()
      try append("one", to: &file)
    }
    var file = try take()
    #expect(file.size == 3)
    try append(" two", to: &file)
    try file.publish(as: "whole")
    #expect(try names() == ["whole"])
    #expect(try held.file("whole").read(at: 0, count: 7) == Array("one two".utf8))
  }

  @Test func `one at a time has it, and nobody takes it away`() throws {
    var file = try take()
    try append("one", to: &file)
    let isHeld = try ResumableFile.take("part", in: held) == nil
    #expect(isHeld)
    #expect(try !ResumableFile.remove("part", from: held))
    // It is no leftover either.
    try Leftovers.remove(from: held)
    #expect(try names() == ["part"])
    try file.truncate()
    try file.discard()
    #expect(try names() == [] && ResumableFile.remove("part", from: held))
  }

  @Test func `a file of somebody else under its name is not published`() throws {
    var file = try take()
    try append("one", to: &file)
    try held.removeFile("part")
    try held.makeFile("part").closeAfter {}
    #expect(throws: IOError.self) { try file.publish(as: "whole") }
    try file.discard()
    #expect(try names() == ["part"])
  }

  @Test func `what is no file is not used`() throws {
    try held.makeFolder("part")
    #expect(throws: IOError.self) { _ = try ResumableFile.take("part", in: held) == nil }
    #expect(try !ResumableFile.remove("part", from: held))
  }
}
