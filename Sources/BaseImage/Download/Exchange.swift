import Bytes
import CCurl
import Storage

/// One request and its response. The body goes to a partial file, either as its continuation or from its first byte.
final class Exchange {
  /// How it ended.
  enum Ending {
    /// All that the server announced has arrived.
    case whole
    /// The server names another URL, perhaps a relative one.
    case redirect(to: String)
    /// The server does not send the rest of the partial file, so the whole must be asked for.
    case anew
    /// It failed; `wait` is how many seconds the server asks for, or 0.
    case failed(DownloadError.Cause, wait: Int)
  }

  let address: WebAddress
  let part: PartialFile
  let policy: DownloadPolicy
  let progress: Progress?
  let isCancelled: @Sendable () -> Bool
  /// The byte from which on the file is asked for.
  let start: Int
  private let curl: CurlHandle
  private var head = ResponseHead()
  /// The size of the whole file, if the server announces it.
  private var end: Int?
  private var hasBegun = false
  /// Why no more bytes are taken.
  private var stop: Ending?
  private var reported = 0

  /// A request to `address` for the bytes that `part` lacks.
  init(
    _ address: WebAddress, _ part: PartialFile, _ policy: DownloadPolicy, progress: Progress?,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(DownloadError) {
    self.address = address
    self.part = part
    self.policy = policy
    self.progress = progress
    self.isCancelled = isCancelled
    start = part.record == nil ? 0 : part.size
    guard let curl = CurlHandle() else {
      throw DownloadError(url: address.bare, cause: .refused("libcurl does not start"))
    }
    self.curl = curl
  }

  /// Sends the request and stores the response.
  func run() -> Ending {
    let failure = curl.perform(self)
    // A response without a body has not been judged yet.
    if stop == nil && !hasBegun && (curl.status >= 200 || failure == nil) { begin() }
    if let stop { return stop }
    if isCancelled() { return .failed(.cancelled, wait: 0) }
    if let failure { return .failed(failure, wait: 0) }
    if let end, part.size != end {
      return .failed(.connection("the transfer ended after \(part.size) of \(end) bytes"), wait: 0)
    }
    return .whole
  }

  /// The fields of the request beyond those of libcurl.
  var fields: [String] {
    // The digest is that of the file itself, not of a compressed form of it.
    var fields = ["Accept-Encoding: identity"]
    if start > 0, let record = part.record { fields += ["Range: bytes=\(start)-", "If-Range: \(record.validator)"] }
    return fields
  }

  /// Takes in a line of the response's header.
  func readHeader(_ line: UnsafeRawBufferPointer) { unsafe head.read(Array(line)) }

  /// Takes in bytes of the response's body.
  ///
  /// - Returns: false to end the transfer.
  func store(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if !hasBegun { begin() }
    guard stop == nil else { return false }
    let size = part.size + bytes.count
    if let end, size > end {
      stop = .failed(.wrongAnswer("it sends more than the \(end) bytes that it announced"), wait: 0)
    } else if size > policy.limit {
      stop = .failed(.tooLarge(limit: policy.limit), wait: 0)
    } else {
      writing { () throws(IOError) in try unsafe part.append(bytes) }
    }
    return stop == nil
  }

  /// Called several times a second, also while nothing arrives.
  ///
  /// - Returns: false to end the transfer.
  func goesOn(at bytes: Int) -> Bool {
    if bytes > reported { progress?.advance(by: bytes - reported) }
    reported = bytes
    return !isCancelled()
  }

  /// Judges the response before the first byte of its body.
  private func begin() {
    hasBegun = true
    let status = curl.status
    switch status {
    case 0 where address.scheme == "file", 200: beginWhole()
    case 206: beginRest()
    case 301, 302, 303, 307, 308:
      stop = head.location.map { .redirect(to: $0) } ?? .failed(.wrongAnswer("a redirect to nowhere"), wait: 0)
    case 416 where start > 0: stop = .anew
    default: stop = .failed(.status(status), wait: curl.retryAfter)
    }
  }

  private func beginWhole() {
    let length = curl.length
    if let length, length > policy.limit {
      stop = .failed(.tooLarge(limit: policy.limit), wait: 0)
      return
    }
    var record: PartialRecord?
    if let length, length > 0, let validator = head.validator {
      record = PartialRecord(source: part.source, length: length, validator: validator)
    }
    writing { () throws(IOError) in try part.restart(as: record) }
    end = length
    checkSpace(for: length ?? 0)
  }

  private func beginRest() {
    guard start > 0, let record = part.record else {
      stop = .failed(.wrongAnswer("a part of the file that was not asked for"), wait: 0)
      return
    }
    let rest = ResponseHead.ContentRange(first: start, last: record.length - 1, total: record.length)
    let isRest = head.contentRange == rest && !head.contradicts(record.validator)
    guard isRest, curl.length.map({ $0 == record.length - start }) ?? true else {
      stop = .anew
      return
    }
    end = record.length
    checkSpace(for: record.length - start)
  }

  private func checkSpace(for count: Int) {
    guard stop == nil, let free = try? part.free(), free < count else { return }
    stop = .failed(.noSpace(needed: count, free: free, folder: part.folder), wait: 0)
  }

  private func writing(_ body: () throws(IOError) -> Void) {
    do throws(IOError) { try body() } catch { stop = .failed(.io(error), wait: 0) }
  }
}
