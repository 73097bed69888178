import Bytes
import CLinux
import SystemPackage

/// Makes a file of an output from a finished file of a sibling: the file system shares what is the same, and only what
/// may differ is written.
package struct CloneSink {
  /// Makes `descriptor`, an empty file called `path` in messages, a copy of `sibling` and then of `source`.
  ///
  /// - Parameter difference: where `source` may differ from the sibling, which has the same size.
  /// - Returns: the bytes written; nil if the file system does not share, and nothing was done.
  /// - Throws: `IOError` if the difference cannot be written.
  package static func write(
    _ source: RunSource, difference: RunDifference, from sibling: FileSource, to descriptor: FileDescriptor,
    path: FilePath
  ) throws(IOError) -> Int? {
    // EXDEV, EOPNOTSUPP, EINVAL …: whatever the reason is, a plain copy does the same.
    guard pb_ficlone(descriptor.rawValue, sibling.descriptor.rawValue) == 0 else { return nil }
    var written = 0
    var buffer: [UInt8] = []
    for range in difference.ranges {
      var offset = range.lowerBound
      for run in source.slice(range) {
        if case .zeros(let count) = run, count >= holeSize,
          pb_punch_hole(descriptor.rawValue, Int64(offset), Int64(count)) == 0
        {
          offset += count
          continue
        }
        try write(run, at: offset, to: descriptor, path: path, buffer: &buffer)
        offset += run.count
        written += run.count
      }
    }
    return written
  }

  /// Fewer zeros cost less as bytes.
  private static let holeSize = 64 << 10
  private static let chunkSize = 1 << 20

  private static func write(
    _ run: Run, at offset: Int, to descriptor: FileDescriptor, path: FilePath, buffer: inout [UInt8]
  ) throws(IOError) {
    let source = RunSource([run], name: path.description)
    if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: chunkSize) }
    var done = 0
    while done < run.count {
      let count = min(chunkSize, run.count - done)
      try source.read(at: done, into: &buffer, range: 0..<count)
      do {
        _ = try unsafe buffer.withUnsafeBytes { bytes in
          try unsafe descriptor.writeAll(
            toAbsoluteOffset: Int64(offset + done), UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
      } catch {
        throw IOError(path, "write", error as? Errno ?? .ioError)
      }
      done += count
    }
  }
}
