import Bytes
import Glibc
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Unpack

@Suite(.enabled(if: Tool.arePresent("gzip", "xz"), "gzip or xz is missing"))
struct CacheTests {
  /// A sample whose files' stamps are trusted, though they are young: no two writes here fall into one tick.
  private func settled(_ command: String = "gzip < disk.img > out") async throws -> Sample {
    var sample = try Sample()
    sample.cache.tick = 0
    try await sample.shell(command + "; sleep 0.05")
    return sample
  }

  @Test func `the second run does not read the file`() async throws {
    let sample = try await settled()
    let first = try sample.open("out")
    let progress = Progress()
    let second = try sample.cache.open(
      sample.folder.appending("out"), expecting: first.inputDigest, image: first.imageDigest, progress: progress)
    #expect(second.wasCached && progress.bytes == 0)
    #expect(try second.content == sample.content)
    #expect(second.container.description == "gzip")
    #expect(second.inputDigest == first.inputDigest && second.imageDigest == first.imageDigest)
    // Not even a damaged byte is seen while the stamp stays the same: the file was not read.
    let other = try #require(SHA256Digest(hex: String(repeating: "0", count: 64)))
    #expect(throws: UnpackError.self) { try sample.open("out", expecting: other) }
  }

  @Test func `a file that was written just now is read again`() async throws {
    var sample = try Sample()
    sample.cache.tick = 3600
    try await sample.shell("gzip < disk.img > out")
    let first = try sample.open("out")
    let progress = Progress()
    let second = try sample.cache.open(
      sample.folder.appending("out"), expecting: first.inputDigest, progress: progress)
    // Its stamp could hide a second write in the same tick; but it need not be decoded again.
    #expect(progress.bytes == (try sample.read("out").count))
    #expect(second.wasCached)
  }

  @Test func `a file changed in place is noticed`() async throws {
    let sample = try await settled("cp disk.img keep; gzip < disk.img > out; cp -p out old")
    _ = try sample.open("out")
    // The same size and time of writing, as a careless copy leaves them.
    try await sample.shell(
      """
      printf '\\001' | dd of=disk.img bs=1 seek=3000000 conv=notrunc status=none
      gzip < disk.img > new; truncate -s $(stat -c %s old) new; cat new > out; touch -r old out
      """)
    let new = try sample.read("out")
    do {
      let image = try sample.open("out")
      #expect(!image.wasCached && image.inputDigest == SHA256.of(new))
    } catch {
      // The two gzip files were not of one size: then the change shows as a damaged file.
      #expect(error.kind == .corrupt)
    }
  }

  @Test func `a wrong digest is told with the right one, and nothing is kept`() async throws {
    let sample = try await settled()
    let found = SHA256.of(try sample.read("out"))
    let wrong = SHA256.of([1, 2, 3])
    let error = #expect(throws: UnpackError.self) { try sample.open("out", expecting: wrong) }
    #expect(error?.kind == .io)
    #expect(error?.description.contains("\(found)") == true && error?.description.contains("\(wrong)") == true)
    #expect(try await sample.cachedNames() == [])

    #expect(throws: UnpackError.self) { try sample.cache.open(sample.folder.appending("out"), image: wrong) }
    #expect(try await sample.cachedNames() == [])
    let image = try sample.cache.open(
      sample.folder.appending("out"), expecting: found, image: sample.content)
    #expect(try image.content == sample.content)
  }

  @Test func `a copy of a known file is read, not decoded`() async throws {
    let sample = try await settled()
    let digest = try sample.open("out").inputDigest
    try await sample.shell("cp out copy")
    #expect(try sample.open("copy", expecting: digest).wasCached)
    #expect(try await sample.cachedNames().count == 2)
  }

  @Test func `a raw disk is used in place, and read for its digest once`() async throws {
    let sample = try await settled("true")
    let path = sample.folder.appending("disk.img")
    let first = try sample.cache.open(path)
    #expect(first.container == .raw && first.inputDigest == nil && first.imageDigest == nil)
    #expect(first.source.fileRange(at: 0)?.file.path == path)
    let progress = Progress()
    let second = try sample.cache.open(path, digest: .required, progress: progress)
    #expect(second.inputDigest == sample.content && second.imageDigest == second.inputDigest)
    #expect(progress.bytes == sample.bytes.count)
    let third = try sample.cache.open(path, expecting: second.inputDigest, digest: .required, progress: progress)
    #expect(third.inputDigest == second.inputDigest && progress.bytes == sample.bytes.count)
    #expect(try sample.open("disk.img").inputDigest == second.inputDigest)
    #expect(throws: UnpackError.self) { try sample.open("disk.img", expecting: SHA256.of([])) }
  }

  @Test func `an image that was changed in the cache is decoded again`() async throws {
    let sample = try await settled()
    _ = try sample.open("out")
    try await sample.shell("printf x | dd of=$(ls cache/images/*.img) bs=1 conv=notrunc status=none")
    let again = try sample.open("out")
    #expect(!again.wasCached)
    #expect(try again.content == sample.content)
    #expect(try sample.open("out").wasCached)
  }

  @Test func `records that were lost or garbled are made again`() async throws {
    let sample = try await settled()
    _ = try sample.open("out")
    for command in [
      "rm cache/images/*.record", "rm cache/images/*.img", "for f in cache/*/*.record; do echo junk > $f; done",
      "for f in cache/*/*.record; do : > $f; done",
      "cp cache/inputs/*.record keep; for f in cache/images/*.record; do cp keep $f; done", "rm -r cache/inputs",
      "rm -r cache",
    ] {
      try await sample.shell(command)
      #expect(try sample.open("out").content == sample.content, "\(command)")
      #expect(try sample.open("out").wasCached, "\(command)")
    }
  }

  @Test func `what a killed run left is removed, what another run holds is not`() async throws {
    let sample = try await settled()
    let names = ["0", "1", "2"].map { ".pibake-" + String(repeating: $0, count: 32) + ".partial" }
    try await sample.shell(
      "mkdir -p cache/images; for n in \(names.joined(separator: " ")); do echo left > cache/images/$n; done")
    let busy = try FileDescriptor.open(sample.cacheFolder.appending("images/\(names[1])"), .readOnly)
    defer { try? busy.close() }
    #expect(flock(busy.rawValue, LOCK_EX) == 0)
    _ = try sample.open("out")
    let left = try await Tool.run("ls", ["-A", sample.cacheFolder.appending("images").string]).standardOutput
    #expect(left.split(separator: "\n").filter { $0.hasSuffix(".partial") } == [names[1][...]])
  }

  @Test func `an image that was restored with another stamp is hashed once, not decoded`() async throws {
    let sample = try await settled()
    _ = try sample.open("out")
    try await sample.shell("for f in cache/images/*.img; do cp $f moved; mv moved $f; done")
    #expect(try sample.open("out").wasCached)
    #expect(try sample.open("out").content == sample.content)
  }

  @Test func `a cache of another image's record is not believed`() async throws {
    let sample = try await settled("gzip < disk.img > out; (echo x; cat disk.img) | gzip > other; sleep 0.05")
    let (first, second) = (try sample.open("out"), try sample.open("other"))
    try await sample.shell(
      """
      cd cache/images; cp \(try #require(second.inputDigest)).img \(try #require(first.inputDigest)).img
      cp \(try #require(second.inputDigest)).record \(try #require(first.inputDigest)).record
      """)
    let again = try sample.open("out")
    #expect(!again.wasCached && again.imageDigest == sample.content)
    #expect(try again.content == sample.content)
  }

  @Test func `many threads that open one file at once all get it`() async throws {
    let sample = try await settled("xz --block-size=1MiB < disk.img > out")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          #expect(throws: Never.self) {
            let content = try sample.open("out").content
            #expect(content == sample.content)
          }
        }
      }
    }
    #expect(try await sample.cachedNames().count == 2)
    #expect(try sample.open("out").wasCached)
  }

  @Test func `a cancelled run leaves nothing`() async throws {
    let sample = try await settled()
    let calls = Counter()
    let error = #expect(throws: UnpackError.self) {
      try sample.cache.open(sample.folder.appending("out"), cancelled: { calls.next() > 3 })
    }
    guard case .cancelled = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try await sample.cachedNames() == [])
  }

  @Test func `a file written to while it is read is an error`() async throws {
    let sample = try await settled()
    let path = sample.folder.appending("out")
    let error = #expect(throws: UnpackError.self) {
      try sample.cache.open(
        path,
        cancelled: {
          // The size and the bytes stay, the time of writing does not.
          _ = unsafe path.withPlatformString { unsafe utimensat(AT_FDCWD, $0, nil, 0) }
          return false
        })
    }
    guard case .changed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try await sample.cachedNames() == [])
  }

  @Test func `zeros are holes, and the folder is its owner's`() async throws {
    let sample = try Sample()
    try await sample.shell(
      "truncate -s 64M big; printf x | dd of=big bs=1 seek=40000000 conv=notrunc status=none; gzip -1 < big > out")
    let image = try sample.open("out")
    #expect(image.source.size == 64 << 20)
    let file = try #require(image.source.fileRange(at: 0)).file
    #expect(try file.descriptor.stat().sizeAllocated <= 128 << 10)
    #expect(try sample.cacheFolder.stat().permissions == .ownerReadWriteExecute)
    try await sample.shell("cmp big cache/images/*.img")
  }

  /// A number that grows.
  private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
  }
}
