import CCurl
import Glibc
import SystemPackage

/// A handle of libcurl, for one transfer. libcurl follows no redirects: `Attempts` does, and checks where they lead.
@safe final class CurlHandle {
  private let curl: UnsafeMutableRawPointer

  /// Nil if libcurl does not start.
  init?() {
    guard let curl = unsafe curl_easy_init() else { return nil }
    unsafe self.curl = curl
  }

  deinit { unsafe curl_easy_cleanup(curl) }

  /// The status of the response; 0 before there is one, and for a file.
  var status: Int { unsafe pb_curl_response(curl) }

  /// How long the body is by the server's word; nil if it does not say.
  var length: Int? {
    let length = unsafe Int(pb_curl_length(curl))
    return length < 0 ? nil : length
  }

  /// In how many seconds the server wants to be asked again; 0 if it does not say.
  var retryAfter: Int { unsafe max(0, Int(pb_curl_retry_after(curl))) }

  /// Does the transfer of `exchange`.
  ///
  /// - Returns: the failure that libcurl reports, or nil.
  func perform(_ exchange: Exchange) -> DownloadError.Cause? {
    var fields: UnsafeMutablePointer<curl_slist>?
    for field in exchange.fields { unsafe fields = curl_slist_append(fields, field) }
    defer { unsafe curl_slist_free_all(fields) }
    var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let code = unsafe message.withUnsafeMutableBufferPointer { text in
      unsafe pb_curl_set_pointer(curl, CURLOPT_ERRORBUFFER, text.baseAddress)
      unsafe pb_curl_set_pointer(curl, CURLOPT_HTTPHEADER, fields)
      setRequest(exchange)
      setPatience(exchange.policy)
      unsafe setCallbacks(Unmanaged.passUnretained(exchange).toOpaque())
      return withoutPipeSignals { unsafe curl_easy_perform(curl) }
    }
    guard code != CURLE_OK else { return nil }
    let reason = exchange.address.cleaned(reason(of: code, message))
    if Self.unreachable.contains(code) { return .unreachable(reason) }
    return Self.transient.contains(code) ? .connection(reason) : .refused(reason)
  }

  private func reason(of code: CURLcode, _ message: [CChar]) -> String {
    let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Of a proxy, libcurl may quote the whole URL, with its credentials.
    let isOfProxy = text.lowercased().contains("proxy")
    guard isOfProxy || text.isEmpty else { return text }
    return unsafe String(cString: curl_easy_strerror(code)) + (isOfProxy ? " (by the proxy of the environment)" : "")
  }

  private static let unreachable = [CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT]

  /// Failures of a transfer after which another attempt may succeed. Certificates, handshakes, URLs and missing files are not among them.
  private static let transient = [
    CURLE_PARTIAL_FILE, CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2,
    CURLE_HTTP2_STREAM,
  ]

  private func setRequest(_ exchange: Exchange) {
    let address = exchange.address
    unsafe pb_curl_set_text(curl, CURLOPT_URL, address.request)
    unsafe pb_curl_set_text(curl, CURLOPT_PROTOCOLS_STR, address.scheme)
    unsafe pb_curl_set_text(curl, CURLOPT_USERAGENT, "pibake")
    if let user = address.user { unsafe pb_curl_set_text(curl, CURLOPT_USERNAME, user) }
    if let password = address.password { unsafe pb_curl_set_text(curl, CURLOPT_PASSWORD, password) }
    if let file = exchange.policy.authorities { unsafe pb_curl_set_text(curl, CURLOPT_CAINFO, file.string) }
    // Some servers declare .gz files as the encoding of another content.
    unsafe pb_curl_set_number(curl, CURLOPT_HTTP_CONTENT_DECODING, 0)
    unsafe pb_curl_set_number(curl, CURLOPT_FOLLOWLOCATION, 0)
  }

  private func setPatience(_ policy: DownloadPolicy) {
    unsafe pb_curl_set_number(curl, CURLOPT_NOSIGNAL, 1)
    unsafe pb_curl_set_number(curl, CURLOPT_CONNECTTIMEOUT, 20)
    unsafe pb_curl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, 1024)
    unsafe pb_curl_set_number(curl, CURLOPT_LOW_SPEED_TIME, policy.stall)
  }

  private func setCallbacks(_ context: UnsafeMutableRawPointer) {
    unsafe pb_curl_set_writer(curl, receiveBytes, context)
    unsafe pb_curl_set_header(curl, receiveHeader, context)
    unsafe pb_curl_set_progress(curl, watch, context)
  }
}

/// Runs `body` with SIGPIPE blocked in this thread: OpenSSL writes to sockets without MSG_NOSIGNAL.
private func withoutPipeSignals<Result>(_ body: () -> Result) -> Result {
  var (pipe, before, pending) = (sigset_t(), sigset_t(), sigset_t())
  unsafe sigemptyset(&pipe)
  unsafe sigaddset(&pipe, SIGPIPE)
  unsafe sigpending(&pending)
  let wasPending = unsafe sigismember(&pending, SIGPIPE) == 1
  unsafe pthread_sigmask(SIG_BLOCK, &pipe, &before)
  defer {
    var none = timespec()
    if !wasPending { while unsafe sigtimedwait(&pipe, nil, &none) < 0 && errno == EINTR {} }
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }
  return body()
}

private func exchange(_ context: UnsafeMutableRawPointer) -> Exchange {
  unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
}

private func receiveBytes(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
  let isStored = unsafe exchange(context).store(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return isStored ? size * count : 0
}

private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
  unsafe exchange(context).readHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return size * count
}

private func watch(
  _ context: UnsafeMutableRawPointer?, _ total: curl_off_t, _ now: curl_off_t, _ upTotal: curl_off_t,
  _ upNow: curl_off_t
) -> Int32 {
  guard let context = unsafe context else { return 1 }
  return unsafe exchange(context).goesOn(at: Int(now)) ? 0 : 1
}
