import Bytes
import FileTree
import Storage

/// What a new ext4 file system is to be, besides its files.
package struct Ext4Options: Sendable {
  /// Which size it has.
  package enum Size: Hashable, Sendable {
    /// As large as a place of this many bytes allows; the layout covers all of them.
    case bytes(Int)
    /// As small as the tree allows with so many bytes free, reserved ones included.
    case minimum(free: Int)
    /// As large as the tree needs at least and so much more, in percent of that and in bytes, rounded up to a multiple.
    case roomy(percent: Int, bytes: Int, multipleOf: Int)
  }

  /// How large it is.
  package var size: Size
  /// The file system's own name, by which fstab may ask for it.
  package var uuid: UUID
  /// What the checksums of metadata start from (INCOMPAT metadata_csum_seed); nil: from the UUID.
  ///
  /// File systems of different UUIDs and one seed hold the same metadata in the same bytes. Linux 4.4 and e2fsprogs
  /// 1.43 know the feature.
  package var checksumSeed: UUID?
  /// A source in which the last block of a file is the file's own to its end, as in an image of a file system whose blocks
  /// are multiples of 4096 bytes: such blocks are taken whole, with what lies after the file's end, so that files that
  /// are neighbours there stay one run.
  package var blockSource: (any ByteSource)?
  /// Where the hashes of indexed directories start from.
  package var hashSeed: UUID
  /// At most 16 bytes of UTF-8.
  package var label: String
  /// When the file system was made, last checked and last written; 1970 to 2038, whole seconds count.
  package var timestamp: Timestamp
  /// The part of the blocks that only root may fill, 0 to 50.
  package var reservedBlocksPercent: Int
  /// Whether it has a journal; its size follows from the file system's as with mke2fs.
  package var journal: Bool

  /// Options; what a label and a timestamp may be is checked by the layout.
  package init(
    size: Size, uuid: UUID, checksumSeed: UUID? = nil, blockSource: (any ByteSource)? = nil, hashSeed: UUID,
    label: String, timestamp: Timestamp, reservedBlocksPercent: Int = 5, journal: Bool = true
  ) {
    self.size = size
    self.uuid = uuid
    self.checksumSeed = checksumSeed
    self.blockSource = blockSource
    self.hashSeed = hashSeed
    self.label = label
    self.timestamp = timestamp
    self.reservedBlocksPercent = reservedBlocksPercent
    self.journal = journal
  }

  /// The second of `timestamp`, once it is known to be in range.
  var seconds: UInt32 { UInt32(clamping: timestamp.seconds) }

  /// The checksums of the file system's metadata.
  var checksums: MetadataChecksums { MetadataChecksums(uuid: checksumSeed ?? uuid) }

  /// - Throws: `Ext4Error.layout` for a label or a time that a superblock cannot hold.
  func check() throws(Ext4Error) {
    guard label.utf8.count <= 16 else { throw .layout(.label(label)) }
    guard (0...Int64(Int32.max)).contains(timestamp.seconds) else { throw .layout(.timestamp(timestamp)) }
  }
}
