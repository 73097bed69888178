import Bytes
import Storage

/// Why a file could not be downloaded. It holds the bare URL, which has no secrets.
package struct DownloadError: Failure {
  /// What went wrong.
  package enum Cause: Sendable {
    /// The text is no URL, or of a scheme that is not fetched.
    case unusable(String)
    /// The server answered with this status.
    case status(Int)
    /// The server's Retry-After, in seconds, is longer than pibake waits.
    case busy(status: Int, seconds: Int)
    /// A redirect that is not followed: where to, bare, and why not.
    case redirect(to: String, String)
    /// The response contradicts the request or itself.
    case wrongAnswer(String)
    /// No connection was made: the host has no address or accepts none, in libcurl's words.
    case unreachable(String)
    /// The transfer ended early or was given up as dead, in libcurl's words.
    case connection(String)
    /// libcurl refuses to go on, for a certificate that is not trusted above all; in its words.
    case refused(String)
    /// The file is larger than pibake takes.
    case tooLarge(limit: Int)
    /// The file does not fit on the disk.
    case noSpace(needed: Int, free: Int, folder: String)
    /// The file is not the one that the recipe names.
    case digest(expected: SHA256Digest, found: SHA256Digest)
    /// The cache cannot be read or written.
    case io(IOError)
    /// The operator cancelled it.
    case cancelled
  }

  /// The URL, bare.
  package let url: String
  package let cause: Cause
  /// How often it was tried.
  package internal(set) var attempts = 1
  /// Whether bytes have arrived and are kept.
  var keepsBytes = false

  package var kind: FailureKind {
    switch cause {
    case .unusable: .usage
    case .io(let error): error.kind
    default: .io
    }
  }

  package var description: String {
    if case .io(let error) = cause { return error.description }
    let times = attempts > 1 ? " (tried \(attempts) times)" : ""
    return "\(url): " + finding + times
  }

  /// What went wrong, without the URL.
  var finding: String {
    switch cause {
    case .unusable(let text): text
    case .status(let status): "the server answers \(Self.name(of: status))"
    case .busy(let status, let seconds):
      "the server answers \(Self.name(of: status)), and asks to come back in \(seconds) s"
    case .redirect(let target, let reason): "the server redirects to \(target), which is not followed: \(reason)"
    case .wrongAnswer(let text): "the server's answer is wrong: \(text)"
    case .unreachable(let text), .connection(let text): "cannot download: \(text)"
    case .refused(let text): "cannot download: \(text)"
    case .tooLarge(let limit): "is larger than \(ByteCount(limit)), the most that is downloaded"
    case .noSpace(let needed, let free, let folder):
      "takes \(ByteCount(needed)) more, and \(ByteCount(free)) are free in \(folder)"
    case .digest(let expected, let found): "its SHA-256 is \(found), and the recipe expects \(expected)"
    case .io(let error): error.description
    case .cancelled: "interrupted"
    }
  }

  package var hint: String? {
    switch cause {
    case .status(401), .status(403):
      "the credentials or the signature in the URL may be wrong, or may have expired: ask its owner for a new URL"
    case .status(404), .status(410): "the file was moved or removed: look up its new URL, and mend [image] url"
    case .noSpace: "make room, for example with `pibake cache prune --keep 1GiB`, or name another folder with --cache"
    case .digest(_, let found):
      "the server has another file now, or damaged it on its way; nothing was kept, and the next run fetches it again. "
        + "If its publisher names this SHA-256 too, set [image] sha256 = \"\(found)\""
    case .unreachable, .connection:
      keepsBytes
        ? "what has arrived is kept; the next run goes on after it if the server allows that"
        : "check the URL, the network, and the proxy that the environment names"
    case .io(let error): error.hint
    default: nil
    }
  }

  /// Whether the bytes so far may be the beginning of the right file, so that they are kept.
  var leavesPart: Bool {
    switch cause {
    case .wrongAnswer, .tooLarge, .digest: false
    default: true
    }
  }

  /// Whether another attempt may succeed.
  var isTransient: Bool {
    switch cause {
    case .unreachable, .connection: true
    case .status(let status): status == 408 || status == 429 || (500...599).contains(status)
    default: false
    }
  }

  /// A status with the words of RFC 9110, 15, where they tell more than the number.
  private static func name(of status: Int) -> String {
    let words = [
      401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 410: "Gone",
      429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
      504: "Gateway Timeout",
    ]
    return "\(status)" + (words[status].map { " \($0)" } ?? "")
  }
}
