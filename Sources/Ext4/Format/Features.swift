/// The features that a reader may ignore and a writer of an old kernel too (`s_feature_compat`).
package struct CompatFeatures: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let hasJournal = Self(rawValue: 0x4)
  package static let extAttr = Self(rawValue: 0x8)
  package static let resizeInode = Self(rawValue: 0x10)
  package static let dirIndex = Self(rawValue: 0x20)
  package static let sparseSuper2 = Self(rawValue: 0x200)
  package static let fastCommit = Self(rawValue: 0x400)
  package static let stableInodes = Self(rawValue: 0x800)
  package static let orphanFile = Self(rawValue: 0x1000)

  /// The names that mke2fs knows the set features by, in the order of their bits.
  package var names: [String] { featureNames(rawValue, compatNames, unknown: "compat") }
}

/// The features that a reader must know (`s_feature_incompat`).
package struct IncompatFeatures: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let compression = Self(rawValue: 0x1)
  package static let filetype = Self(rawValue: 0x2)
  /// The journal holds changes that are not in place; mke2fs calls it `needs_recovery`.
  package static let recover = Self(rawValue: 0x4)
  package static let journalDev = Self(rawValue: 0x8)
  package static let metaBg = Self(rawValue: 0x10)
  package static let extents = Self(rawValue: 0x40)
  package static let bit64 = Self(rawValue: 0x80)
  package static let mmp = Self(rawValue: 0x100)
  package static let flexBg = Self(rawValue: 0x200)
  package static let eaInode = Self(rawValue: 0x400)
  package static let dirData = Self(rawValue: 0x1000)
  package static let csumSeed = Self(rawValue: 0x2000)
  package static let largeDir = Self(rawValue: 0x4000)
  package static let inlineData = Self(rawValue: 0x8000)
  package static let encrypt = Self(rawValue: 0x1_0000)
  package static let casefold = Self(rawValue: 0x2_0000)

  /// The names that mke2fs knows the set features by, in the order of their bits.
  package var names: [String] { featureNames(rawValue, incompatNames, unknown: "incompat") }
}

/// The features that a writer must know (`s_feature_ro_compat`).
package struct ReadOnlyCompatFeatures: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let sparseSuper = Self(rawValue: 0x1)
  package static let largeFile = Self(rawValue: 0x2)
  package static let hugeFile = Self(rawValue: 0x8)
  /// Group descriptors have a CRC-16; mke2fs calls it `uninit_bg`.
  package static let gdtCsum = Self(rawValue: 0x10)
  package static let dirNlink = Self(rawValue: 0x20)
  package static let extraIsize = Self(rawValue: 0x40)
  package static let quota = Self(rawValue: 0x100)
  package static let bigalloc = Self(rawValue: 0x200)
  package static let metadataCsum = Self(rawValue: 0x400)
  package static let project = Self(rawValue: 0x2000)
  package static let sharedBlocks = Self(rawValue: 0x4000)
  package static let verity = Self(rawValue: 0x8000)
  package static let orphanPresent = Self(rawValue: 0x1_0000)

  /// The names that mke2fs knows the set features by, in the order of their bits.
  package var names: [String] { featureNames(rawValue, readOnlyCompatNames, unknown: "ro_compat") }
}

// Indexed by bit; e2fsprogs lib/e2p/feature.c.
private let compatNames = [
  "dir_prealloc", "imagic_inodes", "has_journal", "ext_attr", "resize_inode", "dir_index", "lazy_bg", "",
  "snapshot_bitmap",
  "sparse_super2", "fast_commit", "stable_inodes", "orphan_file",
]
private let incompatNames = [
  "compression", "filetype", "needs_recovery", "journal_dev", "meta_bg", "", "extent", "64bit", "mmp", "flex_bg",
  "ea_inode", "", "dirdata", "metadata_csum_seed", "large_dir", "inline_data", "encrypt", "casefold",
]
private let readOnlyCompatNames = [
  "sparse_super", "large_file", "", "huge_file", "uninit_bg", "dir_nlink", "extra_isize", "snapshot", "quota",
  "bigalloc",
  "metadata_csum", "replica", "read-only", "project", "shared_blocks", "verity", "orphan_present",
]

/// The names of the bits of `set`; a bit without one is `unknown` and its value in hexadecimal.
private func featureNames(_ set: UInt32, _ names: [String], unknown: String) -> [String] {
  (0..<32).filter { set >> UInt32($0) & 1 == 1 }.map { bit in
    if bit < names.count && !names[bit].isEmpty { return names[bit] }
    return "\(unknown) 0x" + String(UInt32(1) << UInt32(bit), radix: 16)
  }
}
