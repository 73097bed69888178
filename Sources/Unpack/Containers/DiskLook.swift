import Bytes

/// What a file in an archive looks like by its first bytes: names are given by people, and a kernel is called .img too.
enum DiskLook: Equatable {
  /// A disk with a partition table, or what stands for one.
  case disk
  /// A file system by itself.
  case fileSystem
  /// Neither.
  case none

  /// How many bytes tell all of them: a btrfs has its mark after the first 64 KiB.
  static let length = 65_536 + 0x48

  /// What `bytes`, the first of a file, look like.
  init(_ bytes: Span<UInt8>) {
    if Self.hasPartitions(bytes) || Signature(of: bytes) == .sparseImage {
      self = .disk
    } else if Self.isFileSystem(bytes) {
      self = .fileSystem
    } else {
      self = .none
    }
  }

  /// Whether an MBR with a partition and no impossible one is here (block/partitions/msdos.c), or the header of a GPT.
  private static func hasPartitions(_ bytes: Span<UInt8>) -> Bool {
    for place in [512, 4096] where bytes.has("EFI PART", at: place) { return true }
    guard bytes.count >= 512, bytes.le(510, as: UInt16.self) == 0xAA55 else { return false }
    let entries = stride(from: 0x1BE, to: 0x1FE, by: 16)
    return entries.allSatisfy { bytes[$0] & 0x7F == 0 }
      && entries.contains { bytes[$0 + 4] != 0 && bytes.le($0 + 12, as: UInt32.self) != 0 }
  }

  private static func isFileSystem(_ bytes: Span<UInt8>) -> Bool {
    let isFAT =
      bytes.count >= 512 && bytes.le(510, as: UInt16.self) == 0xAA55 && [0xEB, 0xE9].contains(bytes[0])
      && [512, 1024, 2048, 4096].contains(bytes.le(0x0B, as: UInt16.self))
    return isFAT || bytes.has("hsqs", at: 0) || bytes.has("_BHRfS_M", at: 65_536 + 0x40)
      || bytes.count >= 1082 && bytes.le(1080, as: UInt16.self) == 0xEF53
  }
}

extension Span<UInt8> {
  fileprivate func has(_ mark: String, at offset: Int) -> Bool {
    let mark = Array(mark.utf8)
    return count >= offset + mark.count && mark.indices.allSatisfy { self[offset + $0] == mark[$0] }
  }
}
