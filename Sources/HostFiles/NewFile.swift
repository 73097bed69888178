import CLinux
import FileTree
import Glibc
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FilePath

/// A file that was just made, open for writing until the value goes.
@safe
package struct NewFile: ~Copyable {
  private let descriptor: Int32
  private let folder: FilePath
  private let name: [UInt8]

  /// From here on the kernel copies, where it can: below that its bookkeeping costs more than the bytes.
  private static let kernelCopySize = 128 << 10
  /// So much at once, between two looks at whether the work is still wanted.
  private static let longestCopy = 32 << 20

  /// Takes over `descriptor`, which is called `name` in `folder`.
  init(descriptor: Int32, folder: FilePath, name: [UInt8]) {
    self.descriptor = descriptor
    self.folder = folder
    self.name = name
  }

  deinit { close(descriptor) }

  /// Writes `content`; what it does not cover stays a hole. `buffer` is for its bytes on their way.
  ///
  /// - Throws: `IOError`, with the cause `.cancelled` once `progress` is.
  func fill(_ content: FileContent, by buffer: inout [UInt8], progress: Progress?) throws(IOError) {
    var end = 0
    for extent in content.extents {
      switch content.run(of: extent) {
      case .zeros: continue
      case .bytes(let bytes): try write(bytes.span, at: extent.offset)
      case .source(let source, let offset, let count):
        try copy(source, from: offset, count: count, to: extent.offset, by: &buffer, progress: progress)
      }
      end = extent.offset + extent.count
    }
    if end < content.size, ftruncate(descriptor, content.size) != 0 { throw error("resize") }
    progress?.advance(by: content.size)
  }

  /// Sets owner, mode, extended attributes and times.
  func finish(_ metadata: Metadata, losses: Losses?) throws(IOError) {
    try metadata.apply(to: descriptor, path: path, losses: losses)
  }

  private func copy(
    _ source: any ByteSource, from start: Int, count: Int, to offset: Int, by buffer: inout [UInt8],
    progress: Progress?
  ) throws(IOError) {
    var done = 0
    if count >= Self.kernelCopySize, let (file, place) = source.fileRange(at: start) {
      while done < count {
        try checkWanted(progress)
        let copied = pb_copy_file_range(
          file.descriptor.rawValue, Int64(place + done), descriptor, Int64(offset + done),
          min(count - done, Self.longestCopy))
        // Not every pair of file systems can: the loop below does the same.
        guard copied > 0 else { break }
        done += Int(copied)
      }
    }
    while done < count {
      try checkWanted(progress)
      let size = min(buffer.count, count - done)
      try source.read(at: start + done, into: &buffer, range: 0..<size)
      try write(buffer.span.extracting(0..<size), at: offset + done)
      done += size
    }
  }

  private func write(_ bytes: Span<UInt8>, at offset: Int) throws(IOError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { all in
        unsafe pwrite(descriptor, all.baseAddress.map { unsafe $0 + done }, all.count - done, offset + done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw error("write") }
      done += count
    }
  }

  private func checkWanted(_ progress: Progress?) throws(IOError) {
    if progress?.isCancelled ?? false { throw IOError(path: path.description, operation: "write", cause: .cancelled) }
  }

  private func error(_ operation: String) -> IOError { IOError(path, operation, Errno(rawValue: errno)) }

  private var path: FilePath { folder.child(name) }
}
