import Bytes
import FileTree
import Storage

/// Which form of the stream is written.
package enum StreamForm: String, Sendable, CaseIterable {
  /// Version 1: every btrfs-progs receives it.
  case v1
  /// Version 2 with zstd: the data travel, and lie on the server's disk, compressed. btrfs-progs 6.0, Linux 6.0.
  case v2Zstd = "v2-zstd"

  /// The number in the stream's header.
  package var version: UInt32 { self == .v1 ? 1 : 2 }
}

/// Turns steps into commands of a stream.
struct OperationEncoder: ~Copyable {
  /// The commands so far.
  var buffer = CommandBuffer()
  private let form: StreamForm
  /// By what the receiver finds the parent subvolume.
  private let parent: Identity?
  private var compressor: ZstdCompressor?
  private var chunk: [UInt8] = []

  /// The most data of a WRITE in version 1, as in the kernel's own streams: the length has 16 bits.
  static let writeSize = 48 << 10
  /// The most data of an ENCODED_WRITE: a compressed extent of btrfs holds no more.
  static let encodedSize = 128 << 10

  init(form: StreamForm, parent: Identity?) {
    self.form = form
    self.parent = parent
    if form == .v2Zstd { compressor = ZstdCompressor(largest: OperationEncoder.encodedSize) }
  }

  /// Appends the commands of `operation`.
  mutating func encode(_ operation: Operation) throws(BtrfsError) {
    switch operation {
    case .makeFile(let path): create(.mkfile, path)
    case .makeDirectory(let path): create(.mkdir, path)
    case .makeNode(let path, let type, let device): make(.mknod, path, type: type, rdev: device.packed)
    case .makeFifo(let path): make(.mkfifo, path, type: 0o010000, rdev: 0)
    case .makeSocket(let path): make(.mksock, path, type: 0o140000, rdev: 0)
    case .makeSymlink(let path, let target):
      command(.symlink, path) { buffer in
        buffer.add(.ino, OperationEncoder.inode)
        buffer.add(.pathLink, target)
      }
    case .link(let path, let existing): command(.link, path) { $0.add(.pathLink, existing) }
    case .unlink(let path): command(.unlink, path) { _ in }
    case .removeDirectory(let path): command(.rmdir, path) { _ in }
    case .setAttribute(let path, let attribute):
      command(.setXattr, path) { buffer in
        buffer.add(.xattrName, attribute.name)
        buffer.add(.xattrData, attribute.value)
      }
    case .removeAttribute(let path, let name): command(.removeXattr, path) { $0.add(.xattrName, name) }
    case .write(let path, let range):
      try BtrfsError.wrapping { () throws(IOError) in
        try write(path, range)
      }
    case .clone(let path, let source, let count): clone(path, source, count)
    case .truncate(let path, let size): command(.truncate, path) { $0.add(.size, UInt64(size)) }
    case .setMode(let path, let mode): command(.chmod, path) { $0.add(.mode, UInt64(mode)) }
    case .setOwner(let path, let uid, let gid):
      command(.chown, path) { buffer in
        buffer.add(.uid, UInt64(uid))
        buffer.add(.gid, UInt64(gid))
      }
    case .setTimes(let path, let accessed, let modified, let changed):
      command(.utimes, path) { buffer in
        buffer.add(.atime, accessed)
        buffer.add(.mtime, modified)
        buffer.add(.ctime, changed)
      }
    }
  }

  /// Receivers want a number and do nothing with it: the inode gets one of the target's own.
  private static let inode: UInt64 = 256

  private mutating func command(_ command: SendCommand, _ path: [UInt8], _ attributes: (inout CommandBuffer) -> Void) {
    buffer.begin(command)
    buffer.add(.path, path)
    attributes(&buffer)
    buffer.finish()
  }

  private mutating func create(_ command: SendCommand, _ path: [UInt8]) {
    self.command(command, path) { $0.add(.ino, OperationEncoder.inode) }
  }

  /// `type` is the file type's bits of `st_mode`: permissions come by CHMOD.
  private mutating func make(_ command: SendCommand, _ path: [UInt8], type: UInt32, rdev: UInt64) {
    self.command(command, path) { buffer in
      buffer.add(.ino, OperationEncoder.inode)
      buffer.add(.rdev, rdev)
      buffer.add(.mode, UInt64(type))
    }
  }

  /// The ends of a clone must be sectors' or the end of the source: a whole file is always right.
  private mutating func clone(_ path: [UInt8], _ source: [UInt8], _ count: Int) {
    guard let parent else { preconditionFailure("clone operations are made against a parent alone") }
    command(.clone, path) { buffer in
      buffer.add(.fileOffset, UInt64(0))
      buffer.add(.cloneLength, UInt64(count))
      buffer.add(.cloneUUID, parent.uuid.bytes)
      buffer.add(.cloneCtransid, Identity.generation)
      buffer.add(.clonePath, source)
      buffer.add(.cloneOffset, UInt64(0))
    }
  }

  private mutating func writePlain(_ path: [UInt8], _ range: DataRange) throws(IOError) {
    buffer.begin(.write)
    buffer.add(.path, path)
    buffer.add(.fileOffset, UInt64(range.offset))
    try buffer.addData(of: range, version: form.version)
    buffer.finish()
  }

  private mutating func write(_ path: [UInt8], _ range: DataRange) throws(IOError) {
    var rest = range
    while rest.count > 0 {
      let part = rest.split(at: compressor == nil ? OperationEncoder.writeSize : OperationEncoder.encodedSize)
      if let compressor, part.isCompressible {
        try writeCompressed(path, part, by: compressor)
      } else {
        try writePlain(path, part)
      }
    }
  }

  private mutating func writeCompressed(
    _ path: [UInt8], _ range: DataRange, by compressor: ZstdCompressor
  ) throws(IOError) {
    if chunk.isEmpty { chunk = [UInt8](repeating: 0, count: OperationEncoder.encodedSize) }
    try range.read(into: &chunk, at: 0)
    let size = try compressor.compress(chunk, count: range.count)
    let saves = size.sectors < range.count.sectors
    buffer.begin(saves ? .encodedWrite : .write)
    buffer.add(.path, path)
    buffer.add(.fileOffset, UInt64(range.offset))
    if saves {
      buffer.add(.unencodedFileLength, UInt64(range.count))
      buffer.add(.unencodedLength, UInt64(range.count))
      buffer.add(.unencodedOffset, UInt64(0))
      // BTRFS_ENCODED_IO_COMPRESSION_ZSTD of linux/btrfs.h; no encryption.
      buffer.add(.compression, UInt32(2))
      buffer.add(.encryption, UInt32(0))
    }
    buffer.addData(saves ? compressor.output : chunk, count: saves ? size : range.count, version: form.version)
    buffer.finish()
  }
}

/// The unit in which btrfs gives out space, in bytes.
private let sectorSize = 4096

extension Int {
  /// How many sectors hold this many bytes.
  fileprivate var sectors: Int { dividedRoundingUp(by: sectorSize) }
}

extension DataRange {
  /// Whether the kernel would take the range compressed, and that could save a sector: it must begin at a sector, and
  /// end at one too unless the file ends there.
  fileprivate var isCompressible: Bool {
    count > sectorSize && offset.isMultiple(of: sectorSize)
      && (count.isMultiple(of: sectorSize) || offset + count == content.size)
  }

  /// Takes the part up to the next multiple of `size` in the file off the front.
  mutating func split(at size: Int) -> DataRange {
    let taken = min(count, size - offset % size)
    let part = DataRange(content: content, offset: offset, count: taken)
    offset += taken
    count -= taken
    return part
  }
}

extension DeviceNumber {
  /// The number as Linux packs it into 32 bits (new_encode_dev of linux/kdev_t.h).
  var packed: UInt64 { UInt64(minor & 0xFF | major << 8 | (minor & ~0xFF) << 12) }
}
