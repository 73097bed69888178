import Bytes
import FileTree
import Storage
import Testing

@testable import RaspberryPiOS

/// Text files as lines, and those that are too large to be any.
struct TextFileTests {
  @Test(arguments: ["", "\n", "a", "a\n", "a\n\n", "\n\na", "a\r\nb"])
  func `what no edit touches stays byte for byte`(_ text: String) {
    #expect(String(decoding: TextFile(text: text).bytes, as: UTF8.self) == text)
  }

  @Test func `edits of every kind, one after another`() {
    var file = TextFile(text: "one\ntwo\nthree")
    file[1] = "2"
    file.prepend("zero")
    file.append("four")
    file.removeAll { $0 == "one" }
    file.set("THREE") { $0 == "three" }
    file.set("five") { $0 == "none" }
    #expect(String(decoding: file.bytes, as: UTF8.self) == "zero\n2\nTHREE\nfour\nfive\n")
    #expect(file.lines.count == 5 && file.indices == 0..<5)
  }

  @Test func `an os-release of 16 MiB tells nothing to those who look, and is named to those who edit`() throws {
    var root = try StockTrees(.bookworm).root
    let line = Array("PRETTY_NAME=\"x\"\n".utf8)
    let bytes = Array(repeatElement(line, count: (16 << 20) / line.count).joined())
    try root.write(bytes, to: "usr/lib/os-release", time: Timestamp(seconds: 0))
    try root.write(bytes, to: "etc/os-release", time: Timestamp(seconds: 0))
    #expect(StockImage(root: root).prettyName == nil)
    let error = try #require(throws: RaspberryPiOSError.self) { try root.text(at: "etc/os-release") }
    #expect(error.kind == .unsupported)
    #expect(error.description.hasPrefix("/etc/os-release: a text file of 167"), "\(error)")
  }
}
