import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import FAT

private let corpus = Corpus.tests(of: "dosfstools")

@Suite("FATs of dosfstools' own tests", .enabled(if: corpus != nil, "needs PIBAKE_CORPUS with dosfstools-*/"))
struct CorpusTests {
  /// The damaged images, each with what reading it ends with: an error, or the first warning.
  private static let damaged = [
    "check-bad_names": "warning /: entries without a name are ignored: 1",
    "check-chain_to_free_cluster": "warning /TEST.TXT: its chain goes on after its end",
    "check-chain_to_other_file": "corrupt FAT: /TESTROOT.TXT: cluster 2 belongs to another file already",
    "check-chain_too_long": "warning /TEST.TXT: its chain goes on after its end",
    "check-circular_chain": "corrupt FAT: /TEST4CLS.TXT: cluster 4 comes twice in the chain",
    "check-dot_entries": "warning /DIR: no . and .. at its beginning",
    "check-duplicate_names": "corrupt FAT: /TEST.TXT: occurs twice",
    "check-fat12_first_cluster": "warning the table begins",
    "check-fat16_first_cluster": "warning the table begins",
    "check-fat32_first_cluster": "warning the table begins",
    "check-fat16_dos_cln_shut": "warning the file system was not unmounted, and may be damaged",
    "check-fat32_dos_cln_shut": "warning the file system was not unmounted, and may be damaged",
    "check-huge": "corrupt FAT: it ends at byte",
    // Labels that differ are no damage: the root directory's counts.
    "check-label-different": "", "check-label-only-boot": "", "check-label-only-root": "",
  ]

  @Test func `every damaged image gives a tree or says what is wrong`() async throws {
    let images = try await images(".fsck")
    #expect(Set(images.map(\.name)).isSuperset(of: Self.damaged.keys))
    for image in images {
      let result = try read(image.path)
      #expect(result.hasPrefix(Self.damaged[image.name] ?? "?"), "\(image.name): \(result)")
    }
  }

  /// What fsck.fat repaired, and what mkfs.fat made: it is clean, and mtools sees the same files.
  @Test(.enabled(if: Tool.arePresent("mcopy", "fsck.fat"), "needs mtools and dosfstools"))
  func `every whole image gives the tree that mtools sees`() async throws {
    let folder = try TemporaryFolder()
    for image in try await images(".xxd") {
      let warnings = WarningLog()
      let tree = try FATReader(FileSource(image.path), policy: warnings.policy()).tree()
      // The second is one of the first three sectors that mkfs.fat could not fit a copy of FSInfo into.
      #expect(warnings.all == [] || image.name.hasPrefix("label-fat32_xp"), "\(image.name): \(warnings.all)")
      let copy = folder.appending(image.name)
      try await shell(
        """
        mkdir '\(image.name)'
        mcopy -s -m -n -i '\(image.path)' ::/ '\(image.name)/' || [ -z "$(mdir -b -i '\(image.path)' ::/)" ]
        """,
        in: folder.path)
      // Month 0 and day 0 are December to mtools, and 1 January 1980 to Linux and here.
      let expected = try await listing(of: copy).map { $0.replacing(" 315446400 ", with: " 315532800 ") }
      #expect(differences(try listing(tree), expected) == [], "\(image.name)")
    }
  }

  /// `.label` files beside the images hold what fatlabel prints.
  @Test func `every label is the one that fatlabel prints`() async throws {
    let corpus = try #require(corpus)
    var count = 0
    for image in try await images(".xxd") where image.name.hasPrefix("label-") {
      let file = try FileSource(corpus.appending(image.name + ".label"))
      let label = String(decoding: try file.read(at: 0, count: file.size), as: UTF8.self)
      #expect(try FATReader(FileSource(image.path)).label ?? "" == label.filter { $0 != "\n" }, "\(image.name)")
      count += 1
    }
    #expect(count >= 18)
  }

  /// The error or the first warning of reading the image at `path`; empty if there is neither.
  private func read(_ path: FilePath) throws -> String {
    let warnings = WarningLog()
    do {
      _ = try listing(FATReader(FileSource(path), policy: warnings.policy()).tree())
    } catch let error as FATError {
      #expect(error.kind == .corrupt)
      return error.description
    }
    return warnings.all.first.map { "warning " + $0 } ?? ""
  }

  private let made = try? TemporaryFolder()

  /// The images that xxd makes of all files that end in `suffix`.
  private func images(_ suffix: String) async throws -> [(name: String, path: FilePath)] {
    let corpus = try #require(corpus)
    let folder = try #require(made)
    let list = try await shell(
      """
      for f in '\(corpus)'/*\(suffix); do n=$(basename "$f" \(suffix)); xxd -r "$f" "\(folder.path)/$n"; echo "$n"; done
      """, in: folder.path)
    return list.split(separator: "\n").map { (String($0), folder.appending(String($0))) }
  }
}
