import Bytes
import FileTree
import Testing

@testable import RaspberryPiOS

/// cmdline.txt as people leave it, the parameters that it means, and what is to be said.
struct Written: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let line: String
  let problems: [String]

  init(_ name: String, _ bytes: [UInt8], _ line: String = "console=tty1 rootwait", _ problems: String...) {
    testDescription = name
    self.bytes = bytes
    self.line = line
    self.problems = problems
  }

  private static let text = "console=tty1 rootwait"
  private static func utf16(_ text: String, little: Bool) -> [UInt8] {
    text.utf16.flatMap { unit in
      let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      return little ? bytes : bytes.reversed()
    }
  }
  private static let utf16Problem = "is UTF-16, which the firmware cannot read: it is written as UTF-8"

  static let all = [
    Written("plain", Array("\(text)\n".utf8)), Written("no newline", Array(text.utf8)),
    Written("CR LF", Array("\(text)\r\n".utf8)), Written("CR", Array("\(text)\r".utf8)),
    Written("tabs", Array("console=tty1\trootwait \t\n\n\n".utf8)),
    Written(
      "blank first", Array("\n \r\n\(text)\n".utf8), text,
      "its first line, the only one that the firmware reads, is blank: line 3 is taken instead"),
    Written(
      "comment", Array("# mine\n\(text)\n# end\n".utf8), text,
      "its first line, the only one that the firmware reads, is a comment, which a kernel takes for parameters: line 2 is taken instead"
    ),
    Written(
      "lines", Array("console=tty1 rootwait\r\nquiet\r\n\r\nx=\u{1B}[1m\r\n".utf8), text,
      "line 2 is lost, because the firmware reads one line only: quiet",
      "line 4 is lost, because the firmware reads one line only: x=\\u{1b}[1m"),
    Written(
      "BOM", [0xEF, 0xBB, 0xBF] + Array("\(text)\n".utf8), text,
      "begins with a byte order mark, which the kernel takes for part of the first parameter: it is dropped"),
    Written("UTF-16 LE", [0xFF, 0xFE] + utf16("\(text)\r\n", little: true), text, utf16Problem),
    Written("UTF-16 BE", [0xFE, 0xFF] + utf16("\(text)\r\n", little: false), text, utf16Problem),
    Written("UTF-16 without a mark", utf16("\(text)\r\n", little: true), text, utf16Problem),
    Written("UTF-16 BE without a mark, cut", utf16(text, little: false) + [0], text, utf16Problem),
    Written(
      "Latin-1", Array("\(text) a=".utf8) + [0xE9], "\(text) a=\u{FFFD}", "is not UTF-8: such bytes become U+FFFD"),
    Written(
      "NUL", Array("\(text)\0quiet".utf8), text, "holds NUL bytes, at which the kernel stops reading",
      "line 2 is lost, because the firmware reads one line only: quiet"),
    Written("quotes", Array("dyndbg=\"file x +p\" b\n".utf8), "dyndbg=\"file x +p\" b"),
    Written("nothing", [], "", "holds no kernel parameters"),
    Written("comments only", Array("# a\n\n#b".utf8), "", "holds no kernel parameters"),
  ]
}

struct CommandLineFileTests {
  @Test(arguments: Written.all)
  func `what is in the file and what is said of it`(written: Written) {
    let file = CommandLineFile(written.bytes)
    #expect(file.line.description == written.line)
    #expect(file.problems == written.problems)
  }

  @Test func `no bytes trap`() {
    var seed: UInt64 = 11
    for count in 0..<400 {
      let bytes = (0..<count % 40).map { _ -> UInt8 in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return [0, 0, 0x0A, 0x0D, 0x20, 0x23, 0x41, 0xFE, 0xFF, 0xEF, 0xBB, 0xBF, 0xD8][Int(seed >> 33) % 13]
      }
      _ = CommandLineFile(bytes)
    }
  }

  @Test func `a node's cmdline.txt is one line, and its operator hears what was done`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("cmdline.txt", "\u{FEFF}\n\(Stock.bookwormLine)cfg80211.ieee80211_regdom=AT\n")
    let (node, warnings) = try stock.applying(recipe())
    #expect(
      try node.boot.string("cmdline.txt")
        == "console=serial0,115200 console=tty1 root=PARTUUID=c1f95d14-01 rootfstype=ext4 fsck.repair=yes rootwait\n"
    )
    #expect(warnings.count { $0.description.hasPrefix("cmdline.txt ") } == 3)
  }

  @Test func `a root on USB is waited for`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("cmdline.txt", "console=tty1 root=/dev/mmcblk0p2")
    #expect(
      try stock.applying(recipe()).trees.boot.string("cmdline.txt")
        == "console=tty1 root=PARTUUID=c1f95d14-01 rootwait\n")
  }
}
