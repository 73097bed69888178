import CLinux
import SystemPackage

/// Copies ranges of other files into one file, in the cheapest way that both file systems have.
///
/// Where extents can be shared, nothing is copied. Elsewhere the medium takes whole blocks right from the source's cached pages:
/// that spares the processor a copy of each byte, and leaves in the page cache what was there instead of an output that may
/// be larger than memory. What neither can do is copied by the kernel.
struct FileRangeCopy: ~Copyable {
  private let target: FileDescriptor
  private var way = Way.unknown
  /// The target, opened once more to be written past the page cache.
  private var direct: FileDescriptor?

  private enum Way {
    case unknown
    case sharing
    case direct
    case copying
  }

  /// What places and sizes must be multiples of: no device has larger sectors. Where pages are larger, a place amid one is not
  /// mapped, and the kernel copies.
  private static let blockSize = 4096
  /// The least that is written past the page cache: each such write waits for the medium.
  private static let directSize = 256 << 10
  /// How much of the source is mapped at a time.
  private static let windowSize = 8 << 20

  /// Copies into the open file `target`, which the caller closes afterwards.
  init(to target: FileDescriptor) { self.target = target }

  deinit { try? direct?.close() }

  /// Copies bytes of `file` from `place` on to `offset` of the target, `count` of them or fewer.
  ///
  /// - Returns: the number of bytes copied; 0 if the kernel refuses for any reason: the caller then reads and writes, and meets it.
  mutating func copy(_ file: FileSource, from place: Int, to offset: Int, count: Int) -> Int {
    let blocks = count / Self.blockSize * Self.blockSize
    if blocks >= Self.directSize, place.isMultiple(of: Self.blockSize), offset.isMultiple(of: Self.blockSize) {
      if case .unknown = way { findWay(file, from: place, to: offset, count: blocks) }
      if case .direct = way, let direct {
        let size = min(blocks, Self.windowSize)
        if blocks > size {
          // The next window is read while this one is written, if it is not in memory. A hint.
          _ = pb_start_reading(file.descriptor.rawValue, Int64(place + size), Int64(min(blocks - size, size)))
        }
        let written = pb_write_direct(
          file.descriptor.rawValue, Int64(place), direct.rawValue, Int64(offset), size)
        if written > 0 { return Int(written) }
        way = .copying
      }
    }
    return max(
      0,
      Int(
        pb_copy_file_range(file.descriptor.rawValue, Int64(place), target.rawValue, Int64(offset), count)))
  }

  private mutating func findWay(_ file: FileSource, from place: Int, to offset: Int, count: Int) {
    let (from, to) = (file.descriptor.rawValue, target.rawValue)
    guard pb_ficlonerange(to, Int64(offset), from, Int64(place), Int64(count)) != 0 else {
      way = .sharing
      return
    }
    // btrfs checksums what it is given before it writes it: pages that someone changes between would be unreadable.
    guard pb_btrfs_is(to) != 1 else {
      way = .copying
      return
    }
    // Through /proc: the file may have no name any more, or another.
    direct = try? FileDescriptor.open(
      FilePath("/proc/self/fd/\(to)"), .writeOnly, options: [.closeOnExec, .init(rawValue: PB_O_DIRECT)])
    way = direct == nil ? .copying : .direct
  }
}
