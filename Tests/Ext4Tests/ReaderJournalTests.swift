import Bytes
import FileTree
import Glibc
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

/// A file system that the kernel was writing when its image was copied.
private struct PulledPlug: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Options of mke2fs and of mount.
  var make: [String] = []
  var mount = "rw"
  /// What is done to it once it is mounted, in the shell, in its root.
  var work = PulledPlug.usualWork

  /// New, changed, renamed and removed names; blocks of folders that become blocks of files, and so are revoked.
  private static let usualWork = """
    mkdir a b; for n in $(seq 60); do echo $n > a/file-$n; ln -s target-$n b/link-$n; done; sync b
    rm -r b; head -c 300000 /dev/zero | tr '\\0' x > big; sync big; mv a/file-7 renamed; rm a/file-8
    printf '\\300;9\\230 like a journal block' > escaped; setfacl -m u:1000:r renamed
    """

  static let all = [
    PulledPlug(testDescription: "ext4"),
    PulledPlug(testDescription: "32-bit numbers", make: ["-O", "^64bit"]),
    PulledPlug(testDescription: "no checksums", make: ["-O", "^metadata_csum,^64bit"]),
    PulledPlug(testDescription: "no checksums, 64-bit numbers", make: ["-O", "^metadata_csum"]),
    PulledPlug(
      testDescription: "checksums of version 1", make: ["-O", "^metadata_csum"], mount: "journal_checksum"),
    PulledPlug(
      testDescription: "checksums of version 1, asynchronous commits", make: ["-O", "^metadata_csum"],
      mount: "data=writeback,journal_async_commit"),
    PulledPlug(testDescription: "asynchronous commits", mount: "data=writeback,journal_async_commit"),
    PulledPlug(testDescription: "contents in the journal", mount: "data=journal"),
    PulledPlug(testDescription: "4 KiB", make: ["-b", "4096"], mount: "data=journal"),
    PulledPlug(
      testDescription: "ext3", make: ["-O", "^extent,^64bit,^flex_bg,^metadata_csum,^huge_file,^extra_isize"]),
    PulledPlug(testDescription: "a seed of checksums", make: ["-O", "metadata_csum_seed,orphan_file"]),
    PulledPlug(
      testDescription: "a log that goes around", make: ["-J", "size=1"], mount: "data=journal",
      work: "for n in $(seq 150); do head -c 20000 /dev/urandom > file-$((n % 7)); sync file-$((n % 7)); done"),
    PulledPlug(testDescription: "inline data", make: ["-O", "inline_data", "-I", "512"]),
    PulledPlug(testDescription: "fast commits that are not used", make: ["-O", "fast_commit"], work: "sync ."),
  ]
}

@Suite(.serialized) struct `The reader and journals` {
  @Test(.enabled(if: Tool.arePresent("mke2fs", "losetup"), "e2fsprogs is not installed"), arguments: PulledPlug.all)
  private func `replays as the kernel does`(_ plug: PulledPlug) async throws {
    let folder = try TemporaryFolder()
    let image = folder.appending("image")
    let make = try await Tool.run("mke2fs", ["-q", "-F", "-t", "ext4"] + plug.make + [image.string, "48m"])
    try #require(make.status == 0, "\(make.output)")
    let copy = folder.appending("copy")
    let script = """
      set -e; mkdir "$4/mnt"; mount -o "loop,$2" "$1" "$4/mnt" || exit 77
      trap 'cd /; umount "$4/mnt"' EXIT
      cd "$4/mnt"; \(plug.work); echo done > last; sync last
      cp --sparse=always "$1" "$3"
      """
    let work = try await Tool.run(
      "bash", ["-c", script, "bash", image.string, plug.mount, copy.string, folder.path.string])
    guard work.status != 77 else { return print("cannot mount here: \(work.output)") }
    try #require(work.status == 0, "\(work.output)")
    guard let theirs = try await kernelLines(copy, replaying: true) else { return }
    let before = try digest(of: copy)
    let warnings = Mutex<[String]>([])
    let reader = try Ext4Reader(
      FileSource(copy), policy: ReadPolicy { text in warnings.withLock { $0.append(text) } })
    try expectSame(lines(of: reader.tree()), theirs)
    #expect(warnings.withLock { $0.count } == 1)
    #expect(warnings.withLock { $0.first?.contains("its journal was replayed in memory") } == true)
    #expect(try digest(of: copy) == before)
  }

  /// What debugfs is to write into a journal.
  struct Written: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let features: String
    let open: String
  }

  @Test(
    .enabled(if: Tool.arePresent("mke2fs", "debugfs", "e2fsck"), "e2fsprogs is not installed"),
    arguments: [
      Written(testDescription: "no checksums", features: "^metadata_csum,^64bit", open: "jo"),
      Written(testDescription: "64 bits", features: "^metadata_csum,64bit", open: "jo"),
      Written(testDescription: "checksums of version 2", features: "metadata_csum,^64bit", open: "jo -c -v 2"),
      Written(testDescription: "checksums of version 2, 64 bits", features: "metadata_csum,64bit", open: "jo -c -v 2"),
      Written(testDescription: "checksums of version 3", features: "metadata_csum,^64bit", open: "jo -c -v 3"),
      Written(testDescription: "checksums of version 3, 64 bits", features: "metadata_csum,64bit", open: "jo -c -v 3"),
    ])
  func `replays what debugfs wrote as e2fsck does`(_ written: Written) async throws {
    let folder = try TemporaryFolder()
    let golden = GoldenImage(
      name: "small", options: ["-b", "1024", "-O", written.features], size: 8 << 20, isSmall: true)
    let old = try await golden.make(in: folder)
    let new = folder.appending("new")
    let content = folder.appending("content")
    try save([0xC0, 0x3B, 0x39, 0x98] + Array("looks like a block of a journal".utf8), to: content)
    _ = try await Tool.run("cp", [old.string, new.string])
    try await debugfs(
      [
        "rm file", "mkdir new", "cd new", "write \(content) escaped",
        "symlink link \(String(repeating: "x", count: 70))",
      ],
      new, folder)
    let check = try await Tool.run("e2fsck", ["-fy", new.string])
    try #require(check.status <= 1, "\(check.output)")
    let before = try contents(of: old)
    let after = try contents(of: new)
    let changed = (2..<before.count / 1024).filter {
      before[$0 * 1024..<($0 + 1) * 1024] != after[$0 * 1024..<($0 + 1) * 1024]
    }
    try save(changed.flatMap { after[$0 * 1024..<($0 + 1) * 1024] }, to: content)
    let rubbish = folder.appending("rubbish")
    try save([UInt8](repeating: 0x5A, count: 2048), to: rubbish)
    // A block of the file `many`, which is the same in both: its rubbish is revoked.
    let same = try await Tool.run("debugfs", ["-R", "bmap many 2", old.string]).standardOutput.filter(\.isNumber)
    let numbers = changed.map(String.init).joined(separator: ",")
    try await debugfs(
      [
        written.open, "jw -b \(same),\(changed[0]) \(rubbish)", "jw -r \(same)", "jw -b \(numbers) \(content)",
        // Never committed.
        "jw -b \(changed[0]) -c \(rubbish)", "jc",
      ], old, folder)
    let ours = try lines(of: Ext4Reader(FileSource(old)).tree())
    let proof = try await Tool.run("e2fsck", ["-fy", old.string])
    try #require(proof.status <= 1, "\(proof.output)")
    try expectSame(ours, lines(of: Ext4Reader(FileSource(old)).tree()))
    try expectSame(ours, lines(of: Ext4Reader(FileSource(new)).tree()))
  }

  private func debugfs(_ commands: [String], _ image: FilePath, _ folder: TemporaryFolder) async throws {
    let script = folder.appending("commands")
    try save(Array(commands.joined(separator: "\n").utf8), to: script)
    let result = try await Tool.run("debugfs", ["-w", "-f", script.string, image.string])
    try #require(result.status == 0, "\(result.output)")
  }

  private func save(_ bytes: [UInt8], to path: FilePath) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }

  private func contents(of path: FilePath) throws -> [UInt8] {
    let file = try FileSource(path)
    return try file.read(at: 0, count: file.size)
  }

  private func digest(of path: FilePath) throws -> SHA256Digest { SHA256.of(try contents(of: path)) }
}
