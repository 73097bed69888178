import Bytes
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Storage

@Suite struct PublicationTests {
  private let folder: TemporaryFolder
  private let held: HeldFolder

  init() throws {
    folder = try TemporaryFolder()
    held = try HeldFolder(folder.path)
  }

  private func names() throws -> [String] { try held.names().map { String(decoding: $0, as: UTF8.self) }.sorted() }

  private func text(_ name: String) throws -> String {
    let source = try held.file(name)
    return String(decoding: try source.read(at: 0, count: source.size), as: UTF8.self)
  }

  private func publish(_ name: String, _ text: String, _ replacement: Replacement = .ownFile) throws {
    var file = try Publication(file: name, in: held)
    try file.write(Array(text.utf8).span)
    try file.publish(mode: 0o640, replacing: replacement)
  }

  private func publishFolder(_ name: String, _ inner: String, _ replacement: Replacement) throws {
    var made = try Publication(folder: name, in: held)
    try made.folder().makeFolder(inner)
    try made.publish(mode: 0o755, replacing: replacement)
  }

  private static var any: Replacement { .proven { (_, _) throws(IOError) in } }

  @Test func `a file appears whole, and takes the place of another only if it may`() throws {
    try publish("a", "one", .nothing)
    #expect(throws: IOError.self) { try publish("a", "two", .nothing) }
    #expect(try text("a") == "one")
    try publish("a", "three")
    #expect(try text("a") == "three")
    try publish("a", "four", Self.any)
    #expect(try text("a") == "four" && names() == ["a"])
    #expect(try held.status("a")?.st_mode == S_IFREG | 0o640)
  }

  @Test func `dropped, it removes itself`() throws {
    do {
      let file = try Publication(file: "a", in: held)
      try file.write([1, 2, 3].span)
      let made = try Publication(folder: "b", in: held)
      try made.folder().makeFolder("inner")
      #expect(try names().count >= 1)
    }
    #expect(try names() == [])
  }

  @Test func `what refuses to be replaced stays, also if it refuses only at the last moment`() throws {
    try publishFolder("a", "first", Self.any)
    for refusals in [[true], [false, true]] {
      let answers = Mutex(refusals)
      let replacement = Replacement.proven { (folder, _) throws(IOError) in
        if answers.withLock({ $0.removeFirst() }) { throw IOError(folder.path, "replace", .permissionDenied) }
      }
      #expect(throws: IOError.self) { try publishFolder("a", "second", replacement) }
      #expect(try names() == ["a"] && held.folder("a").names() == [Array("first".utf8)])
    }
    try publishFolder("a", "second", Self.any)
    #expect(try names() == ["a"] && held.folder("a").names() == [Array("second".utf8)])
  }

  @Test func `leftovers go, and what a living process works on stays`() throws {
    for (name, isFolder) in [(TemporaryName.random(), false), (TemporaryName.random(), true)] {
      if isFolder {
        try held.makeFolder(name)
        try held.folder(name).makeFolder("inner")
      } else {
        try held.makeFile(name).close()
      }
    }
    let aside = TemporaryName.random(aside: "back")
    try held.makeFolder(aside)
    try held.makeFile(".pibake-not-one-of-them.partial").close()
    let working = try Publication(folder: "a", in: held)
    try Leftovers.remove(from: held)
    let name = try #require(working.path.lastComponent?.string)
    #expect(try names() == [".pibake-not-one-of-them.partial", name, "back"].sorted())
  }

  @Test func `a folder deeper than files may be open is removed`() throws {
    try held.makeFolder("deep")
    var inner = try held.folder("deep")
    for _ in 0..<3000 {
      try inner.makeFolder("d")
      inner = try inner.folder("d")
    }
    try inner.makeFile("file").close()
    try TreeRemoval.remove(Array("deep".utf8), in: held)
    #expect(try names() == [])
  }

  @Test func `temporary names are told from others`() {
    let name = TemporaryName.random()
    #expect(TemporaryName.meaning(of: name) == .partial && name != TemporaryName.random())
    #expect(TemporaryName.meaning(of: TemporaryName.random(aside: "n1")) == .aside("n1"))
    for other in [
      "n1", ".pibake-", ".pibake-zz.partial", String(name.dropLast()),
      ".pibake-" + String(repeating: "g", count: 32) + ".partial",
    ] {
      #expect(TemporaryName.meaning(of: other) == nil, "\(other)")
    }
  }

  @Test func `a folder can be published where the check says so`() throws {
    try held.checkPublishing()
    #expect(try names() == [])
  }
}

@Suite struct IdentifiedFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func shell(_ line: String) async throws {
    let result = try await Tool.run("sh", ["-e", "-c", "cd '\(folder.path)'\n\(line)"])
    try #require(result.status == 0, "\(result.output)")
  }

  @Test(arguments: [
    "printf x | dd of=a bs=1 seek=100 conv=notrunc status=none; cp -p keep/a b; cat b > a; touch -r keep/a a",
    "cp -p a b; mv b a", "rm a", "truncate -s 999 a", "touch a",
  ])
  func `a file that was changed, put back or replaced is found`(_ change: String) async throws {
    try await shell("head -c 1000 /dev/zero > a; mkdir keep; cp -p a keep/a; sleep 0.02")
    let file = try IdentifiedFile(folder.appending("a"))
    try file.checkUnchanged()
    try await shell(change)
    let error = #expect(throws: IOError.self) { try file.checkUnchanged() }
    #expect(error?.cause == .changed)
  }

  @Test func `a file of the cache may lose its name, and not change`() async throws {
    try await shell("head -c 1000 /dev/zero > a; head -c 1000 /dev/zero > b; sleep 0.02")
    let (removed, written) = (
      try IdentifiedFile(folder.appending("a"), isOwn: true), try IdentifiedFile(folder.appending("b"), isOwn: true)
    )
    try await shell("rm a; printf x | dd of=b conv=notrunc status=none")
    try removed.checkUnchanged()
    #expect(throws: IOError.self) { try written.checkUnchanged() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["fifo", "socket", "null", "folder"])
  func `what is no file is refused by name, and not waited for`(_ kind: String) async throws {
    try await shell(
      "mkfifo fifo; mkdir folder; ln -s /dev/null null; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")'"
    )
    let error = #expect(throws: IOError.self) { try IdentifiedFile(folder.appending(kind)) }
    // A socket cannot be opened at all.
    #expect(error?.kind == (["folder", "socket"].contains(kind) ? .io : .usage), "\(String(describing: error))")
  }
}

@Suite struct CacheEntryTests {
  private let folder: TemporaryFolder
  private let held: HeldFolder
  private let log = WarningLog()

  init() throws {
    folder = try TemporaryFolder()
    held = try HeldFolder(folder.path)
  }

  private func entry(_ key: String, _ name: String = "entry") -> CacheEntry {
    let warn = log.policy().warn
    return CacheEntry(key: Array(key.utf8), name: name, in: held, warn: warn)
  }

  private func isThere(_ name: String = "entry") throws -> Bool { try held.status(name) != nil }

  @Test func `what is kept is read again`() throws {
    #expect(entry("a").read() == nil && log.all.isEmpty)
    entry("a").keep([1, 2, 3])
    #expect(entry("a").read().map { Array($0.bytes) } == [1, 2, 3])
    entry("a").keep([])
    #expect(entry("a").read().map { Array($0.bytes) } == [])
    #expect(log.all.isEmpty)
  }

  @Test func `the content of another key is found and removed with a warning`() throws {
    entry("a").keep([1, 2, 3])
    #expect(entry("b").read() == nil)
    #expect(log.all.count == 1)
    #expect(try !isThere())
  }

  @Test(arguments: [
    "truncate -s 10 entry", ": > entry", "printf x | dd of=entry conv=notrunc status=none", "rm entry; mkfifo entry",
    "rm entry; ln -s /etc/passwd entry",
  ])
  func `a spoiled entry is found and removed with a warning`(_ change: String) async throws {
    entry("a").keep([UInt8](repeating: 7, count: 5000))
    let result = try await Tool.run("sh", ["-e", "-c", "cd '\(folder.path)'\n\(change)"])
    try #require(result.status == 0)
    #expect(entry("a").read() == nil)
    #expect(log.all.count == 1)
    #expect(try !isThere())
    entry("a").keep([1])
    #expect(entry("a").read()?.bytes.count == 1)
  }

  @Test(.enabled(if: geteuid() == 0, "giving files away takes root"))
  func `an entry of another user is not believed`() throws {
    entry("a").keep([1, 2, 3])
    try #require(chown(folder.appending("entry").string, 12345, 12345) == 0)
    #expect(entry("a").read() == nil)
  }

  @Test func `a cache that others may write to, or own, is refused`() throws {
    let cache = CacheDirectory(folder.appending("cache"))
    #expect(try cache.existing() == nil)
    let inner = try cache.making("entries")
    #expect(try held.status("cache")?.st_mode == S_IFDIR | 0o700)
    for mode in [UInt32(0o770), 0o702, 0o777] {
      try inner.setMode(mode)
      let error = #expect(throws: IOError.self) { try cache.making("entries") }
      #expect(error?.kind == .usage && error?.hint?.contains("--cache") == true)
    }
    try inner.setMode(0o755)
    #expect(try cache.existing("entries") != nil)
    guard geteuid() == 0 else { return }
    try #require(chown(cache.path.string, 12345, 12345) == 0)
    #expect(throws: IOError.self) { try cache.existing("entries") }
  }
}
