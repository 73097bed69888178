import CArchive

/// Reads bzip2, lz4, zip and tar by libarchive, the only file that knows it.
@safe final class ArchiveReader: Decoder {
  /// A file or folder in an archive.
  struct Entry {
    /// The name in the archive, with `/` between folders.
    let name: String
    /// nil if the archive does not say.
    let size: Int?
    let isFile: Bool
    let isEncrypted: Bool
  }

  private let stream: any ChunkStream
  /// `stream`, where it is a file: only that can be read in any order.
  private let file: Input?
  /// Where the archive ends for libarchive, which looks for a zip's last record no farther than 16 KiB from there: before a comment.
  private let end: Int
  /// What messages call the format.
  private let format: String
  /// nil for an archive.
  private let compression: Compression?
  /// What `stream` gave last, which stays until it is asked for more.
  private var chunk = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private(set) var trailing: TrailingBytes?
  private let archive: OpaquePointer?
  /// What a callback met: libarchive itself carries on no more than that something did.
  private var failure: UnpackError?

  /// Decompresses `stream`, which bears the mark of `compression`.
  ///
  /// Only that filter is tried: libarchive's guessing would run other programs and take disks for archives.
  init(_ stream: any ChunkStream, _ compression: Compression) throws(UnpackError) {
    self.stream = stream
    file = nil
    end = 0
    format = compression.rawValue
    self.compression = compression
    unsafe archive = archive_read_new()
    switch compression {
    case .bzip2: unsafe archive_read_support_filter_bzip2(archive)
    case .lz4: unsafe archive_read_support_filter_lz4(archive)
    case .xz, .gzip, .zstd: throw stream.unsupported("\(compression) by libarchive")
    }
    unsafe archive_read_support_format_raw(archive)
    // Without it, a stream that decodes to nothing is an error.
    unsafe archive_read_support_format_empty(archive)
    try open()
    // The one entry of a file that is no archive; none if that is empty.
    _ = try nextEntry()
  }

  /// Opens the archive that `stream` is from its first byte on.
  init(_ stream: any ChunkStream, _ format: ArchiveFormat) throws(UnpackError) {
    self.stream = stream
    let file = stream as? Input
    self.file = file
    let zipEnd = try format == .zip ? file.flatMap { file throws(UnpackError) in try ZipEnd(of: file.source) } : nil
    end = zipEnd?.commentStart ?? file?.size ?? 0
    self.format = format.rawValue
    compression = nil
    unsafe archive = archive_read_new()
    switch format {
    case .zip: unsafe archive_read_support_format_zip_seekable(archive)
    case .tar: unsafe archive_read_support_format_tar(archive)
    }
    try open()
  }

  private func open() throws(UnpackError) {
    setCallbacks()
    try check(unsafe archive_read_open1(archive))
  }

  deinit { unsafe archive_read_free(archive) }

  /// The next entry, whose bytes `read` then gives; nil after the last.
  func nextEntry() throws(UnpackError) -> Entry? {
    var entry: OpaquePointer?
    let status = unsafe archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF { return nil }
    try check(status)
    // The second is for names that the process's locale cannot spell.
    let name = unsafe archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)
    // A hard link of a tar archive has no bytes of its own.
    let isLink = unsafe archive_entry_hardlink(entry) != nil || archive_entry_hardlink_utf8(entry) != nil
    return Entry(
      name: unsafe name.map { unsafe String(cString: $0) } ?? "",
      size: unsafe archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil,
      isFile: unsafe archive_entry_filetype(entry) == 0o100000 && !isLink,  // AE_IFREG, a macro that is not imported
      isEncrypted: unsafe archive_entry_is_encrypted(entry) != 0)
  }

  /// The first bytes of the entry, `count` if it has as many.
  func start(_ count: Int) throws(UnpackError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    let found = try read(into: &span)
    return Array(bytes.prefix(found))
  }

  func read(into buffer: inout MutableSpan<UInt8>) throws(UnpackError) -> Int {
    var done = 0
    let count = buffer.count
    while done < count {
      let read = unsafe buffer.withUnsafeMutableBytes { output in
        unsafe archive_read_data(archive, output.baseAddress.map { unsafe $0 + done }, count - done)
      }
      if read == 0 {
        try checkEnd()
        break
      }
      try check(CInt(clamping: min(read, 0)))
      done += read
    }
    return done
  }

  /// Looks at what follows where the decoder has stopped: the end of the stream, or bytes that are not its own.
  private func checkEnd() throws(UnpackError) {
    guard let compression, trailing == nil else { return }
    let position = Int(unsafe archive_filter_bytes(archive, -1))
    let count = stream.position - position
    guard unsafe 0...chunk.count ~= count else {
      throw stream.corrupt(format, at: position, "something else follows the data")
    }
    // For lz4, libarchive has taken the four bytes in which it looked for the mark of another frame.
    let taken = compression == .lz4 && count >= 4 ? 4 : 0
    let rest = unsafe Array(chunk.suffix(count + taken))
    unsafe chunk = UnsafeBufferPointer(start: nil, count: 0)
    trailing = try TrailingBytes(after: compression, rest, at: position - taken, in: stream)
  }

  /// Throws what a call of libarchive left behind, unless it went well. A warning is an error too: some report a wrong size.
  private func check(_ status: CInt) throws(UnpackError) {
    guard status != ARCHIVE_OK else { return }
    if let failure { throw failure }
    let message = unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? "status \(status)"
    // libarchive gives both kinds the same number: "Unsupported ZIP compression method", zstd's "too much memory".
    if message.contains("nsupported") || message.contains("memory") {
      throw stream.unsupported("\(format): \(message)")
    }
    throw stream.corrupt(format, at: Int(unsafe archive_filter_bytes(archive, -1)), message)
  }

  private func setCallbacks() {
    // Unretained: the reader frees the archive before it goes itself.
    unsafe archive_read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
    unsafe archive_read_set_read_callback(archive) { _, reader, buffer in
      unsafe Unmanaged<ArchiveReader>.fromOpaque(reader.unsafelyUnwrapped).takeUnretainedValue().next(buffer)
    }
    guard file != nil else { return }
    unsafe archive_read_set_seek_callback(archive) { _, reader, offset, origin in
      unsafe Unmanaged<ArchiveReader>.fromOpaque(reader.unsafelyUnwrapped).takeUnretainedValue()
        .seek(to: Int(offset), from: origin)
    }
  }

  private func next(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
    do {
      unsafe chunk = try stream.next()
      unsafe buffer?.pointee = UnsafeRawPointer(chunk.baseAddress)
      return unsafe chunk.count
    } catch {
      failure = error
      return Int(ARCHIVE_FATAL)
    }
  }

  private func seek(to offset: Int, from origin: CInt) -> Int64 {
    guard let file else { return Int64(ARCHIVE_FATAL) }
    let start =
      switch origin {
      case SEEK_SET: 0
      case SEEK_CUR: file.position
      default: end
      }
    let (position, overflow) = start.addingReportingOverflow(offset)
    guard !overflow, 0...file.size ~= position else { return Int64(ARCHIVE_FATAL) }
    file.seek(to: position)
    return Int64(position)
  }
}
