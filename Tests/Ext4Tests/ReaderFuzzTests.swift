import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Ext4

private let canMake = Tool.arePresent("mke2fs", "debugfs", "e2fsck")

/// How many changed images each kind of image is read as.
private let rounds = Fuzzing.rounds(300)
private let seed = Fuzzing.seed(1)

@Suite struct `The reader and damaged images` {
  @Test(
    .enabled(if: canMake, "e2fsprogs is not installed"),
    arguments: [
      ["^metadata_csum,^has_journal"], ["none,filetype,ext_attr,large_file"],
      ["^metadata_csum,^has_journal,inline_data,ea_inode"],
      ["^metadata_csum,^has_journal,meta_bg,^resize_inode,^64bit"],
    ])
  func `end with a tree or an error when nothing is checksummed`(_ features: [String]) async throws {
    let image = try await smallImage(["-O"] + features)
    var numbers = SplitMix64(seed)
    let places = metadata(of: image)
    var trees = 0
    for round in 0..<rounds {
      var damaged = image
      for _ in 0..<Int.random(in: 1...6, using: &numbers) { damage(&damaged, at: places, &numbers) }
      let time = ContinuousClock().measure {
        guard let reader = try? Ext4Reader(MemorySource(damaged)), let tree = try? reader.tree() else { return }
        trees += 1
        check(tree, in: damaged.count)
      }
      #expect(time < .seconds(20), "round \(round) of seed \(seed)")
    }
    // Both outcomes must be common, or the damage does not reach what it should.
    #expect(trees > rounds / 20 && trees < rounds)
  }

  @Test(.enabled(if: canMake, "e2fsprogs is not installed"), arguments: [["^has_journal"], ["^has_journal,^64bit"]])
  func `never become another tree under checksums`(_ features: [String]) async throws {
    let image = try await smallImage(["-O"] + features)
    let whole = try summary(of: Ext4Reader(MemorySource(image)).tree())
    var numbers = SplitMix64(seed &+ 1)
    let places = metadata(of: image)
    var errors = 0
    for round in 0..<rounds {
      var damaged = image
      let place = places[Int.random(in: 0..<places.count, using: &numbers)]
      damaged[place] ^= UInt8(1) << UInt8.random(in: 0...7, using: &numbers)
      do {
        let tree = try Ext4Reader(MemorySource(damaged)).tree()
        let isSame = summary(of: tree) == whole
        #expect(isSame, "byte \(place) in round \(round) of seed \(seed)")
      } catch {
        errors += 1
      }
    }
    #expect(errors > rounds / 20)
  }

  /// A small image with some of everything, in memory.
  private func smallImage(_ options: [String]) async throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let same = ["-b", "1024", "-N", "200", "-U", "\(UUID.pibake)", "-E", "root_owner=0:0,hash_seed=\(UUID.pibake)"]
    let hasValueInodes = options.contains { $0.contains("ea_inode") }
    let golden = GoldenImage(
      name: "small", options: same + options, size: 2 << 20, hasValueInodes: hasValueInodes, isSmall: true)
    let file = try FileSource(await golden.make(in: folder))
    return try file.read(at: 0, count: file.size)
  }

  /// Where `image` has bytes that are not zero, and a few after them, the data of large files left out: 0x55 throughout.
  private func metadata(of image: [UInt8]) -> [Int] {
    stride(from: 0, to: image.count, by: 32).filter { start in
      let bytes = image.span.extracting(start..<start + 32)
      return !bytes.isZero && !bytes.indices.allSatisfy { bytes[$0] == 0x55 }
    }.flatMap { Array($0..<$0 + 32) }
  }

  private func damage(_ image: inout [UInt8], at places: [Int], _ numbers: inout SplitMix64) {
    let place = places[Int.random(in: 0..<places.count, using: &numbers)]
    switch Int.random(in: 0..<6, using: &numbers) {
    case 0: image[place] = UInt8.random(in: 0...255, using: &numbers)
    case 1: image[place] ^= UInt8(1) << UInt8.random(in: 0...7, using: &numbers)
    case 2:
      let values: [UInt16] = [0, 1, 2, 11, 0xFFFF, 0x7FFF, 0x8000, 0x8001, 12, 1024, 1012]
      image.store(le: values[Int.random(in: 0..<values.count, using: &numbers)], at: place & ~1)
    case 3:
      let values: [UInt32] = [0, 1, 2, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 100, 3071, 3072]
      image.store(le: values[Int.random(in: 0..<values.count, using: &numbers)], at: place & ~3)
    case 4:
      // A piece of metadata where another belongs: numbers that are right somewhere.
      let other = places[Int.random(in: 0..<places.count, using: &numbers)] & ~3
      image.store(Array(image[other..<other + 4]), at: place & ~3)
    default:
      let number: UInt32 = image.span.le(place & ~3)
      image.store(le: Bool.random(using: &numbers) ? number &+ 1 : number &- 1, at: place & ~3)
    }
  }

  /// What a reader promises of every tree.
  private func check(_ tree: FileTree, in size: Int) {
    let links = tree.linkCounts()
    for id in tree.ids {
      #expect(links[id] > 0)
      guard let inode = tree[id] else { continue }
      #expect(inode.modified.nanoseconds < 1_000_000_000)
      switch inode.body {
      case .directory(let directory):
        #expect(directory.allSatisfy { tree[$0.id] != nil })
      case .symlink(let target):
        #expect((1...4095).contains(target.count))
      case .file(let content):
        var end = 0
        for extent in content.extents {
          #expect(extent.offset >= end && extent.count > 0)
          end = extent.offset + extent.count
          #expect(extent.sourceOffset >= 0 && extent.sourceOffset + extent.count <= size)
        }
        #expect(end <= content.size)
      default: break
      }
    }
  }

  /// All that a tree says besides what lies in blocks of data, which have no checksum: files, and targets of long links.
  private func summary(of tree: FileTree) -> [String] {
    tree.ids.map { id in
      guard var inode = tree[id] else { return "" }
      let body = inode.body
      switch body {
      case .file(let content):
        inode.body = .fifo
        return "\(id) \(content.size) \(content.extents) \(inode)"
      case .symlink(let target) where target.count >= 60:
        inode.body = .fifo
        return "\(id) \(target.count) \(inode)"
      default: return "\(id) \(inode)"
      }
    }
  }
}
