import Bytes
import FileTree
import Storage
import TestSupport
import Testing

@testable import Archive

/// Archives that nobody honest writes.
@Suite struct HostileTests {
  /// One header, with the right checksum.
  private func header(
    _ name: String, type: Character = "0", link: String = "", size: String = "0",
    change: (inout [UInt8]) -> Void = { _ in }
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes.store(Array(name.utf8), at: 0)
    bytes.store(Array("0000644".utf8), at: 100)
    bytes.store(Array(size.utf8), at: 124)
    bytes.store([UInt8](repeating: 0x20, count: 8), at: 148)
    bytes[156] = type.asciiValue ?? 0
    bytes.store(Array(link.utf8), at: 157)
    bytes.store(Array("ustar\u{0}00".utf8), at: 257)
    change(&bytes)
    let sum = String(bytes.reduce(0) { $0 + Int($1) }, radix: 8)
    bytes.store(Array(sum.utf8) + [0], at: 148)
    return bytes
  }

  private func read(_ bytes: [UInt8]) throws -> FileTree {
    try TarReader(MemorySource(bytes, name: "t.tar")).tree()
  }

  /// A header with these records, their lengths counted.
  private func pax(_ pairs: (String, String)...) -> [UInt8] {
    records(pairs.map { "\(String($0.0.utf8.count + $0.1.utf8.count + 5)) \($0.0)=\($0.1)\n" }.joined())
  }

  private func records(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    return header("x", type: "x", size: String(bytes.count, radix: 8)) + bytes
      + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  @Test func `each is refused with what is wrong and where`() throws {
    let block = [UInt8](repeating: 0x41, count: 512)
    let cases: [([UInt8], String)] = [
      (header("../x"), "the name contains '..'"),
      (header("a/../x"), "the name contains '..'"),
      (header("a") + header("a/b"), "a part of its path is no folder"),
      (header("a", type: "5") + header("a/b") + header("a"), "a folder that is not empty has this name"),
      (header("a", type: "1", link: "b"), "a hard link to 'b', which the archive does not have before"),
      (header("d", type: "5") + header("a", type: "1", link: "d"), "a hard link to the folder 'd'"),
      (header("a", type: "2", link: "a") + header("a/b"), "too many symbolic links"),
      (header("a", type: "2", link: "b") + header("a/b"), "a symbolic link to nothing"),
      (header("a", type: "2"), "a target of 0 bytes"),
      (header("a", size: "77777777777"), "the archive ends before"),
      (header("a", size: "9"), "field size is no number"),
      (header("a") { $0.store([0xFF] + [UInt8](repeating: 0, count: 11), at: 124) }, "field size is no number"),
      (header("a") { $0[0] = 0x62 }.dropLast(100) + [], "in the middle of a header"),
      (header("a").enumerated().map { $0.offset == 3 ? 9 : $0.element }, "checksum is wrong"),
      (records("5 a"), "a pax record"),
      (records("99999999999 path=a\n"), "a pax record without a length"),
      (pax(("sizes", ""), ("size", "-1000")), "a value that it cannot have"),
      (pax(("GNU.sparse.major", "1")) + header("a"), "a sparse file without a map"),
      (
        pax(("GNU.sparse.map", "0,1,0,1"), ("GNU.sparse.realsize", "100")) + header("a", size: "2") + block,
        "does not fit"
      ),
      (pax(("GNU.sparse.map", "0,9223372036854775807"), ("GNU.sparse.realsize", "100")) + header("a"), "does not fit"),
      (header("a", type: "S", size: "1") { $0.store(Array("77777777777".utf8), at: 386) } + block, "does not fit"),
      (header("a", type: "M"), "another volume"),
      (header("x", type: "L", size: "77777777777"), "header of"),
      (pax(("SCHILY.acl.access", "user:x:y:zz")) + header("a"), "ACL"),
    ]
    for (bytes, expected) in cases {
      do {
        let tree = try read(bytes)
        Issue.record("read, without '\(expected)': \(try lines(tree))")
      } catch {
        #expect("\(error)".contains(expected) && "\(error)".hasPrefix("t.tar: "), "\(error)")
      }
    }
  }

  @Test func `what tar accepts is accepted: nothing leaves the tree`() throws {
    let tree = try read(
      header("/etc/a") + header("a") + header("a", type: "2", link: "x") + header("up", type: "2", link: "../../../..")
        + header("up/in") + header("abs", type: "2", link: "/etc") + header("abs/b") + header("etc", type: "5")
        + header("v7dir/") + header("odd", type: "Q") + header("./") + header("d/", type: "5") + header("d"))
    let paths = TreeWalk(tree).map { String(decoding: $0.path, as: UTF8.self) }
    #expect(paths == ["/", "/a", "/abs", "/d", "/etc", "/etc/a", "/etc/b", "/in", "/odd", "/up", "/v7dir"])
    guard case .symlink? = tree.inode(at: "a", followingLast: false)?.body else { throw NoName() }
    #expect(tree.inode(at: "d")?.body.isFile == true)
  }

  @Test func `a file of eight exbibytes is a hole, and its numbers do not overflow`() throws {
    let tree = try read(
      pax(("GNU.sparse.size", "9223372036854775807"), ("GNU.sparse.map", "9223372036854775807,0")) + header("a"))
    #expect(tree.find("a") != nil)
  }

  @Test func `a time before 1970 with a fraction is a decimal number in pax`() {
    let time = Timestamp(seconds: -2, nanoseconds: 500)
    #expect(time.pax == "-1.999999500" && Timestamp(pax: Array("-1.9999995".utf8)) == time)
    #expect(Timestamp(pax: Array("-0.5".utf8)) == Timestamp(seconds: -1, nanoseconds: 500_000_000))
    #expect(Timestamp(pax: Array("1.0000000019".utf8)) == Timestamp(seconds: 1, nanoseconds: 1))
    #expect(Timestamp(pax: Array("1.5x".utf8)) == nil && Timestamp(pax: Array("--1".utf8)) == nil)
  }

  @Test func `any damage gives a tree or an error`() throws {
    var bytes: [UInt8] = []
    for run in try TarWriter(try oddTree()) {
      switch run {
      case .bytes(let more): bytes += more
      case .zeros(let count): bytes += [UInt8](repeating: 0, count: count)
      case .source(let source, let offset, let count): bytes += try source.read(at: offset, count: count)
      }
    }
    var random = SplitMix64(Fuzzing.seed(4711))
    for _ in 0..<Fuzzing.rounds(2000) {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let offset = Int.random(in: 0..<bytes.count, using: &random)
        damaged[offset] = [0, 0xFF, 0x30, 0x37, 0x80, 0x0A].randomElement(using: &random) ?? 0
      }
      if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
      let policy = ReadPolicy(verifiesChecksums: false)
      if let tree = try? TarReader(MemorySource(damaged), policy: policy).tree() {
        var walk = TreeRecords(tree)
        while walk.next() != nil {}
      }
    }
  }
}
