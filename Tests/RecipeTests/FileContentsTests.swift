import Glibc
import SystemPackage
import Testing

@testable import Recipe

/// Files of other kinds than the regular one, as the kernel makes them.
@Suite(.timeLimit(.minutes(1))) struct FileContentsTests {
  private let folder: RecipeFolder
  private let fifo: FilePath

  init() throws {
    folder = try RecipeFolder()
    fifo = folder.path.appending("fifo")
    try folder.write("fifo", [])
    _ = unsafe unlink(fifo.string)
    try #require(unsafe mkfifo(fifo.string, 0o600) == 0)
  }

  @Test func `a FIFO that nobody writes to is refused at once`() throws {
    #expect(throws: FileContents.Problem.self) { try FileContents.read(fifo) }
    try folder.write("a.toml", Array("extends = \"fifo\"\nnode.name = \"nog\"".utf8))
    try folder.write("b.toml", Array("node.name = \"nog\"\n[user]\nname = \"ben\"\npassword_file = \"fifo\"".utf8))
    #expect(
      folder.problems(folder.load("fifo")).first?.hasSuffix("fifo: is a FIFO that nobody writes to") == true)
    #expect(folder.problems(folder.load("a.toml")).contains { $0.contains("is a FIFO that nobody writes to") })
    #expect(folder.problems(folder.load("b.toml")).contains { $0.contains("is a FIFO that nobody writes to") })
  }

  @Test func `what a slow writer gives is read to its end`() throws {
    // As a shell's <(…) does it.
    let script = "sleep 0.1; printf node.name; sleep 0.1; printf ' = \"nog\"'"
    let stream = try #require(unsafe popen(script, "r"))
    defer { _ = unsafe pclose(stream) }
    #expect(try FileContents.read(FilePath("/dev/fd/\(unsafe fileno(stream))")) == Array("node.name = \"nog\"".utf8))
  }

  @Test func `a writer that gave nothing has given an empty file`() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    close(ends[1])
    defer { close(ends[0]) }
    #expect(try FileContents.read(FilePath("/dev/fd/\(ends[0])")) == [])
  }

  @Test func `devices end at the limit, and folders are none`() {
    #expect(throws: FileContents.Problem.self) { try FileContents.read("/dev/zero") }
    #expect(throws: FileContents.Problem.self) { try FileContents.read("/") }
    #expect(throws: FileContents.Problem.self) { try FileContents.read("/nowhere") }
  }

  @Test func `asking whether a file can be read takes nothing from a FIFO`() throws {
    let holder = try FileDescriptor.open(fifo, .readWrite)
    defer { try? holder.close() }
    _ = try holder.writeAll(Array("x".utf8))
    #expect(fifo.accessFailure == nil)
    #expect(folder.path.appending("nowhere").accessFailure == .noSuchFileOrDirectory)
  }
}
