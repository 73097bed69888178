import CArchive
import Glibc
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FilePath

/// Decompresses a file by libarchive's filters.
@safe
final class Decompressor {
  private let file: FileSource
  private let archive: OpaquePointer?
  private let progress: Progress?
  private var position = 0

  /// The largest archive that is decompressed: a bomb ends here, if not at the end of the disk.
  private static let limit = 1 << 40
  private static let chunkSize = 1 << 20

  /// A decompressor of `file`; nil if no filter knows it.
  init?(_ file: FileSource, progress: Progress?) throws(ArchiveError) {
    self.file = file
    self.progress = progress
    unsafe archive = archive_read_new()
    // Each by itself: "all" would also run other programs.
    let filters = unsafe [
      archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
      archive_read_support_filter_lzma, archive_read_support_filter_lzip, archive_read_support_filter_zstd,
      archive_read_support_filter_lz4, archive_read_support_filter_compress,
    ]
    unsafe filters.forEach { _ = unsafe $0(archive) }
    unsafe archive_read_support_format_raw(archive)
    unsafe archive_read_support_format_empty(archive)
    var entry: OpaquePointer?
    guard lseek(file.descriptor.rawValue, 0, SEEK_SET) == 0,
      unsafe archive_read_open_fd(archive, file.descriptor.rawValue, Self.chunkSize) == ARCHIVE_OK,
      unsafe archive_read_next_header(archive, &entry) == ARCHIVE_OK, unsafe archive_filter_count(archive) > 1
    else { return nil }
  }

  deinit { unsafe archive_read_free(archive) }

  /// The next `count` bytes, fewer only at the end.
  func read(count: Int) throws(ArchiveError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let done = try read(into: &bytes)
    return Array(bytes.prefix(done))
  }

  /// Everything, as a source: a file that has no name any more.
  ///
  /// - Throws: `ArchiveError` if the file is damaged, or the temporary one cannot be written.
  func spool() throws(ArchiveError) -> any ByteSource {
    let (descriptor, folder) = try makeTemporary()
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: Self.chunkSize)
    while true {
      if progress?.isCancelled ?? false { throw .io(IOError(path: file.name, operation: "read", cause: .cancelled)) }
      let count = try read(into: &buffer)
      if count == 0 { break }
      guard position + count <= Self.limit else {
        throw .unsupported(archive: file.name, "an archive of more than \(Self.limit) bytes")
      }
      try write(buffer.span.extracting(0..<count), to: descriptor, folder)
      position += count
      progress?.advance(by: count)
    }
    do throws(IOError) {
      // Opened once more: the source closes what it has, and only reads.
      let whole = try FileSource(FilePath("/proc/self/fd/\(descriptor)"))
      return try WindowSource(whole, range: 0..<whole.size, name: file.name)
    } catch { throw .io(error) }
  }

  private func read(into buffer: inout [UInt8]) throws(ArchiveError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe archive_read_data(archive, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      }
      if count == 0 { break }
      guard count > 0 else {
        let reason = unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? "status \(count)"
        throw .damaged(archive: file.name, "cannot be decompressed: \(reason)")
      }
      done += count
    }
    return done
  }

  /// A file without a name in the folder for large temporary files.
  private func makeTemporary() throws(ArchiveError) -> (Int32, FilePath) {
    let folder = unsafe FilePath(getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/var/tmp")
    var template = unsafe folder.appending(".pibake-XXXXXX").withPlatformString {
      unsafe Array(String(cString: $0).utf8)
    }
    template.append(0)
    let descriptor = unsafe template.withUnsafeMutableBytes { bytes in
      unsafe bytes.bindMemory(to: CChar.self).baseAddress.map { unsafe mkstemp($0) } ?? -1
    }
    guard descriptor >= 0 else { throw .io(IOError(folder, "create a temporary file in", Errno(rawValue: errno))) }
    _ = unsafe template.withUnsafeBytes { unsafe unlink($0.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped) }
    return (descriptor, folder)
  }

  private func write(_ bytes: Span<UInt8>, to descriptor: Int32, _ folder: FilePath) throws(ArchiveError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { all in
        unsafe Glibc.write(descriptor, all.baseAddress.map { unsafe $0 + done }, all.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw .io(IOError(folder, "write a temporary file in", Errno(rawValue: errno)))
      }
      done += count
    }
  }
}
