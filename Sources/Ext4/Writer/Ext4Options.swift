import Bytes
import FileTree

/// What a new ext4 file system is to be, besides its files.
package struct Ext4Options: Sendable {
  /// Which size it has.
  package enum Size: Sendable {
    /// As large as a place of this many bytes allows; the layout covers all of them.
    case bytes(Int)
    /// As small as the tree allows with so many bytes free, reserved ones included.
    case minimum(free: Int)
  }

  /// How large it is.
  package var size: Size
  /// The file system's own name, by which fstab may ask for it.
  package var uuid: UUID
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
    size: Size, uuid: UUID, hashSeed: UUID, label: String, timestamp: Timestamp, reservedBlocksPercent: Int = 5,
    journal: Bool = true
  ) {
    self.size = size
    self.uuid = uuid
    self.hashSeed = hashSeed
    self.label = label
    self.timestamp = timestamp
    self.reservedBlocksPercent = reservedBlocksPercent
    self.journal = journal
  }

  /// The second of `timestamp`, once it is known to be in range.
  var seconds: UInt32 { UInt32(clamping: timestamp.seconds) }

  /// - Throws: `Ext4Error.layout` for a label or a time that a superblock cannot hold.
  func check() throws(Ext4Error) {
    guard label.utf8.count <= 16 else { throw .layout(.label(label)) }
    guard (0...Int64(Int32.max)).contains(timestamp.seconds) else { throw .layout(.timestamp(timestamp)) }
  }
}
