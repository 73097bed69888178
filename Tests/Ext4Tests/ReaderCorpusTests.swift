import Bytes
import FileTree
import Glibc
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

/// The folder `tests` of e2fsprogs' sources, whose images are damaged in all the ways that its authors have met.
private let corpus = Corpus.tests(of: "e2fsprogs")?.string

@Suite struct `The reader and the images of e2fsprogs` {
  /// What the reader made of one image.
  private struct Outcome {
    let name: String
    let isClean: Bool
    let tree: FileTree?
    let error: Ext4Error?
    /// Seconds of processor time.
    let time: Double
  }

  @Test(.enabled(if: corpus != nil, "needs PIBAKE_CORPUS with e2fsprogs-*/"))
  func `every one gives a tree or a precise refusal`() async throws {
    let folder = try TemporaryFolder()
    var outcomes: [Outcome] = []
    var compared = 0
    for name in try names(in: #require(corpus)) {
      guard let image = try await unpack(name, into: folder) else { continue }
      let outcome = try await read(name, image)
      outcomes.append(outcome)
      // A debug build takes a second for 48,000 names.
      #expect(outcome.time < 4, "\(name)")
      if outcome.isClean, let tree = outcome.tree {
        let ours = try lines(of: tree)
        // Where a journal was replayed, the kernel replays it in a copy.
        let superblock = try Ext4Reader(FileSource(image)).superblock
        // Not every kernel has verity, and those that do not refuse such files.
        if superblock.readOnlyCompat.contains(.verity) { continue }
        let isDirty = superblock.incompat.contains(.recover)
        guard let theirs = try await kernelLines(image, replaying: isDirty) else { continue }
        #expect(ours == theirs, "\(name)")
        compared += 1
      }
    }
    print(table(of: outcomes) + "\(compared) trees are the kernel's")
    #expect(outcomes.count > 100)
    // What the kernel refuses too, though `e2fsck -fn` does not count it as an error.
    let refused = [
      "f_bad_gdt_csum", "f_extent_too_deep", "f_uninit_enable", "f_zero_inode_size", "j_corrupt_commit_csum",
      "j_corrupt_descr_csum", "j_corrupt_journal_block", "j_corrupt_revoke_rcount",
    ]
    for outcome in outcomes where outcome.isClean && !refused.contains(outcome.name) {
      #expect(outcome.error == nil, "\(outcome.name)")
    }
  }

  @Test(
    .enabled(if: corpus != nil, "needs PIBAKE_CORPUS with e2fsprogs-*/"),
    arguments: [
      "j_corrupt_commit_csum", "j_corrupt_descr_csum", "j_corrupt_journal_block", "j_recover_csum2_32bit",
      "j_recover_csum2_64bit", "j_recover_csum3_64bit",
    ])
  func `journals are replayed as e2fsck does, damaged ones where checksums are not verified`(_ name: String)
    async throws
  {
    let folder = try TemporaryFolder()
    let image = try #require(try await unpack(name, into: folder))
    let policy = ReadPolicy(verifiesChecksums: name.contains("recover"))
    let ours = try lines(of: Ext4Reader(FileSource(image), policy: policy).tree())
    let repair = try await Tool.run("sh", ["-c", "timeout 20 e2fsck -fy \"$1\" > /dev/null", "sh", image.string])
    try #require(repair.status <= 1)
    try expectSame(ours, lines(of: Ext4Reader(FileSource(image)).tree()))
  }

  private func names(in folder: String) throws -> [String] {
    let stream = try #require(unsafe opendir(folder))
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      names.append(
        unsafe withUnsafePointer(to: &entry.pointee.d_name) {
          unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        })
    }
    return names.sorted()
  }

  /// The image of test `name`, unpacked; nil if the test has none that is whole.
  private func unpack(_ name: String, into folder: TemporaryFolder) async throws -> FilePath? {
    let image = folder.appending("image")
    for (suffix, tool) in [("gz", "gzip"), ("bz2", "bzip2")] {
      let packed = "\(corpus ?? "")/\(name)/image.\(suffix)"
      guard unsafe access(packed, R_OK) == 0 else { continue }
      let result = try await Tool.run("sh", ["-c", "\(tool) -dc \"$1\" > \"$2\"", "sh", packed, image.string])
      return result.status == 0 ? image : nil
    }
    return nil
  }

  private func read(_ name: String, _ image: FilePath) async throws -> Outcome {
    // What it prints can be as long as the image.
    let check = try await Tool.run("sh", ["-c", "timeout 5 e2fsck -fn \"$1\" > /dev/null 2>&1", "sh", image.string])
    var tree: FileTree?
    var failure: Ext4Error?
    let source = try FileSource(image)
    let start = processorTime()
    do throws(Ext4Error) { tree = try Ext4Reader(source).tree() } catch { failure = error }
    let time = processorTime() - start
    return Outcome(name: name, isClean: check.status == 0, tree: tree, error: failure, time: time)
  }

  private func table(of outcomes: [Outcome]) -> String {
    let lines = outcomes.map { outcome in
      let result = outcome.error?.description ?? "\(outcome.tree?.ids.count ?? 0) inodes"
      return "\(outcome.name) \(outcome.isClean ? "clean" : "wrong") \(outcome.time) s: \(result)"
    }
    let trees = outcomes.filter { $0.tree != nil }.count
    let unsupported = outcomes.filter { $0.error?.kind == .unsupported }.count
    return lines.joined(separator: "\n")
      + "\n\(outcomes.count) images: \(trees) trees, \(unsupported) not supported, "
      + "\(outcomes.count - trees - unsupported) corrupt\n"
  }
}
