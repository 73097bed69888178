import CArchive

/// Reads bzip2, zstd, lz4 and zip by libarchive, the only file that knows it.
@safe final class ArchiveReader: Decoder {
  /// A file or folder in an archive.
  struct Entry {
    /// The name in the archive, with `/` between folders.
    let name: String
    let isFile: Bool
    let isEncrypted: Bool
  }

  private let input: Input
  private let container: Signature
  private let archive: OpaquePointer?
  /// What a callback met: libarchive itself carries on no more than that something did.
  private var failure: UnpackError?

  /// Opens `input`, which bears the mark of `container`.
  ///
  /// Only that filter or format is tried: libarchive's guessing would run other programs and take disks for archives.
  init(_ input: Input, _ container: Signature) throws(UnpackError) {
    self.input = input
    self.container = container
    unsafe archive = archive_read_new()
    switch container {
    case .bzip2: unsafe archive_read_support_filter_bzip2(archive)
    case .zstd: unsafe archive_read_support_filter_zstd(archive)
    case .lz4: unsafe archive_read_support_filter_lz4(archive)
    default: break
    }
    if container == .zip {
      unsafe archive_read_support_format_zip_seekable(archive)
    } else {
      unsafe archive_read_support_format_raw(archive)
    }
    input.seek(to: 0)
    setCallbacks()
    try check(unsafe archive_read_open1(archive))
    // The one entry of a file that is no archive.
    if container != .zip { _ = try nextEntry() }
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
    return Entry(
      name: unsafe name.map { unsafe String(cString: $0) } ?? "",
      isFile: unsafe archive_entry_filetype(entry) == 0o100000,  // AE_IFREG, a macro that is not imported
      isEncrypted: unsafe archive_entry_is_encrypted(entry) != 0)
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

  /// Throws if the decoder has stopped before the end of the input: what follows is then a damaged continuation, or rubbish.
  private func checkEnd() throws(UnpackError) {
    let position = Int(unsafe archive_filter_bytes(archive, -1))
    guard container == .zip || position == input.size else {
      throw input.corrupt(container.rawValue, at: position, "something else follows the data")
    }
  }

  /// Throws what a call of libarchive left behind, unless it went well. A warning is an error too: some report a wrong size.
  private func check(_ status: CInt) throws(UnpackError) {
    guard status != ARCHIVE_OK else { return }
    if let failure { throw failure }
    let message = unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? "status \(status)"
    // libarchive gives both kinds the same number: "Unsupported ZIP compression method", zstd's "too much memory".
    if message.contains("nsupported") || message.contains("memory") {
      throw input.unsupported("\(container.rawValue): \(message)")
    }
    throw input.corrupt(container.rawValue, at: Int(unsafe archive_filter_bytes(archive, -1)), message)
  }

  private func setCallbacks() {
    // Unretained: the reader frees the archive before it goes itself.
    unsafe archive_read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
    unsafe archive_read_set_read_callback(archive) { _, reader, buffer in
      unsafe Unmanaged<ArchiveReader>.fromOpaque(reader.unsafelyUnwrapped).takeUnretainedValue().next(buffer)
    }
    unsafe archive_read_set_seek_callback(archive) { _, reader, offset, origin in
      unsafe Unmanaged<ArchiveReader>.fromOpaque(reader.unsafelyUnwrapped).takeUnretainedValue()
        .seek(to: Int(offset), from: origin)
    }
  }

  private func next(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
    do {
      let chunk = try unsafe input.next()
      unsafe buffer?.pointee = UnsafeRawPointer(chunk.baseAddress)
      return chunk.count
    } catch {
      failure = error
      return Int(ARCHIVE_FATAL)
    }
  }

  private func seek(to offset: Int, from origin: CInt) -> Int64 {
    let start =
      switch origin {
      case SEEK_SET: 0
      case SEEK_CUR: input.position
      default: input.size
      }
    let (position, overflow) = start.addingReportingOverflow(offset)
    guard !overflow, 0...input.size ~= position else { return Int64(ARCHIVE_FATAL) }
    input.seek(to: position)
    return Int64(position)
  }
}
