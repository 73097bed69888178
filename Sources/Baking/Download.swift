import Bytes
import CCurl
import Glibc
import Storage
import Synchronization
import SystemPackage

/// Fetches a file over HTTP into a folder; a download that was cut off goes on where it stopped.
struct Download {
  /// Where the file is.
  let url: String
  /// Where it goes: complete files only ever appear under this name.
  let target: FilePath

  /// Fetches the file unless it is there already. What arrived is not checked here: its digest is, when it is opened.
  ///
  /// - Returns: whether anything had to be fetched.
  /// - Throws: `IOError` with what libcurl or the server said.
  func run(progress: Progress?, isCancelled: @escaping @Sendable () -> Bool) throws(IOError) -> Bool {
    if access(target) { return false }
    let part = FilePath(target.string + ".part")
    let descriptor: FileDescriptor
    let size: Int64
    do {
      descriptor = try FileDescriptor.open(
        part, .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
    } catch {
      throw IOError(part, "open", error as? Errno ?? .ioError)
    }
    defer { try? descriptor.close() }
    do { size = try descriptor.seek(offset: 0, from: .end) } catch {
      throw IOError(part, "measure", error as? Errno ?? .ioError)
    }
    let transfer = Transfer(descriptor: descriptor, progress: progress, isCancelled: isCancelled)
    try transfer.run(url, resumingAt: size)
    guard unsafe rename(part.string, target.string) == 0 else {
      throw IOError(target, "publish", Errno(rawValue: errno))
    }
    return true
  }

  private func access(_ path: FilePath) -> Bool { unsafe Glibc.access(path.string, R_OK) == 0 }
}

/// One transfer by libcurl: what its callbacks need to reach.
private final class Transfer {
  private let descriptor: FileDescriptor
  private let progress: Progress?
  private let isCancelled: @Sendable () -> Bool
  private var failure: Errno?
  private var reported = 0

  init(descriptor: FileDescriptor, progress: Progress?, isCancelled: @escaping @Sendable () -> Bool) {
    self.descriptor = descriptor
    self.progress = progress
    self.isCancelled = isCancelled
  }

  func run(_ url: String, resumingAt offset: Int64) throws(IOError) {
    guard let curl = unsafe curl_easy_init() else {
      throw IOError(path: url, operation: "download", cause: .message("libcurl does not start"))
    }
    defer { unsafe curl_easy_cleanup(curl) }
    var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let code = unsafe message.withUnsafeMutableBufferPointer { text in
      unsafe pb_curl_set_pointer(curl, CURLOPT_ERRORBUFFER, text.baseAddress)
      unsafe setOptions(of: curl, url: url, offset: offset)
      return unsafe curl_easy_perform(curl)
    }
    // A server that has nothing beyond what is here already says 416; then the file is whole.
    let response = unsafe pb_curl_response(curl)
    if response == 416 && offset > 0 { return }
    guard code != CURLE_OK else { return }
    if let failure { throw IOError(path: url, operation: "store the download of", cause: .system(failure)) }
    let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let reason = unsafe text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
    throw IOError(path: url, operation: "download", cause: .message(reason))
  }

  private func setOptions(of curl: UnsafeMutableRawPointer, url: String, offset: Int64) {
    unsafe pb_curl_set_text(curl, CURLOPT_URL, url)
    unsafe pb_curl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https,file")
    unsafe pb_curl_set_text(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    unsafe pb_curl_set_text(curl, CURLOPT_USERAGENT, "pibake")
    unsafe pb_curl_set_number(curl, CURLOPT_FOLLOWLOCATION, 1)
    unsafe pb_curl_set_number(curl, CURLOPT_MAXREDIRS, 10)
    unsafe pb_curl_set_number(curl, CURLOPT_FAILONERROR, 1)
    unsafe pb_curl_set_number(curl, CURLOPT_NOSIGNAL, 1)
    unsafe pb_curl_set_number(curl, CURLOPT_CONNECTTIMEOUT, 20)
    // Less than a kilobyte a second for a minute is a connection that has died.
    unsafe pb_curl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, 1024)
    unsafe pb_curl_set_number(curl, CURLOPT_LOW_SPEED_TIME, 60)
    unsafe pb_curl_set_offset(curl, CURLOPT_RESUME_FROM_LARGE, curl_off_t(offset))
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe pb_curl_set_writer(curl, receive, context)
    unsafe pb_curl_set_progress(curl, watch, context)
  }

  fileprivate func store(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      try unsafe descriptor.writeAll(bytes)
      return true
    } catch {
      failure = error as? Errno ?? .ioError
      return false
    }
  }

  /// Called several times a second; false ends the transfer.
  fileprivate func goesOn(at bytes: Int) -> Bool {
    progress?.advance(by: bytes - reported)
    reported = bytes
    return !isCancelled()
  }
}

private func receive(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
  let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  return unsafe transfer.store(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func watch(
  _ context: UnsafeMutableRawPointer?, _ total: curl_off_t, _ now: curl_off_t, _ upTotal: curl_off_t,
  _ upNow: curl_off_t
) -> Int32 {
  guard let context = unsafe context else { return 1 }
  let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.goesOn(at: Int(now)) ? 0 : 1
}
