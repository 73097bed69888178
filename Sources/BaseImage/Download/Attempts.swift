import Bytes
import Storage

/// Fetches a file: follows redirects, and tries again after failures that may be temporary.
struct Attempts {
  private let address: WebAddress
  private let policy: DownloadPolicy
  private let listener: Download.Listener

  /// Attempts to fetch the file at `address`.
  init(_ address: WebAddress, policy: DownloadPolicy, listener: Download.Listener) {
    self.address = address
    self.policy = policy
    self.listener = listener
  }

  /// Fetches the bytes that `part` lacks.
  ///
  /// - Throws: `DownloadError` after a failure that is not temporary, or too many failures without new bytes.
  func fetch(into part: PartialFile) throws(DownloadError) {
    var failures = 0
    var most = part.size
    while !part.isWhole {
      guard let (cause, asked) = try failure(of: part) else { return }
      if part.size - most >= DownloadPolicy.advance { failures = 0 }
      most = max(most, part.size)
      failures += 1
      var error = DownloadError(url: address.bare, cause: cause)
      error.attempts = failures
      error.keepsBytes = part.size > 0
      guard error.isTransient, failures < policy.attempts(after: error) else { throw error }
      try wait(after: error, asked)
    }
  }

  /// Waits before the next attempt, at least for the `asked` seconds of Retry-After.
  private func wait(after error: DownloadError, _ asked: Int) throws(DownloadError) {
    if case .status(let status) = error.cause, .seconds(asked) > policy.longestWait {
      throw DownloadError(url: address.bare, cause: .busy(status: status, seconds: asked))
    }
    let time = max(policy.wait(after: error.attempts), .seconds(asked))
    let seconds = max(1, time.components.seconds)
    listener.note("\(address.bare): \(error.finding); the next attempt follows in \(seconds) s")
    guard listener.sleep(time) else { throw DownloadError(url: address.bare, cause: .cancelled) }
  }

  /// One attempt.
  ///
  /// - Returns: the failure and the seconds of Retry-After; nil if the file is whole.
  private func failure(of part: PartialFile) throws(DownloadError) -> (DownloadError.Cause, wait: Int)? {
    var target = address
    var redirects = 0
    while true {
      let exchange = try Exchange(
        target, part, policy, progress: listener.progress, isCancelled: listener.isCancelled)
      switch exchange.run() {
      case .whole: return nil
      case .failed(let cause, let wait): return (cause, wait)
      case .anew:
        // This happens once: a request without a range cannot end like this.
        listener.note("\(address.bare): the server does not send the rest of the file; it is fetched anew")
        do throws(IOError) {
          try part.restart(as: nil)
        } catch {
          throw DownloadError(url: address.bare, cause: .io(error))
        }
      case .redirect(let location):
        redirects += 1
        target = try self.target(of: location, from: target, redirects)
      }
    }
  }

  /// The target of a redirect.
  ///
  /// - Throws: `DownloadError` if the redirect is not followed.
  private func target(
    of location: String, from address: WebAddress, _ count: Int
  ) throws(DownloadError) -> WebAddress {
    guard let target = WebAddress(location, relativeTo: address) else {
      throw refusal(location.bareURL, "it is not a URL")
    }
    guard count <= policy.redirects else {
      throw refusal(target.bare, "it is redirect \(count) in a row")
    }
    guard ["http", "https"].contains(target.scheme) else {
      throw refusal(target.bare, "only http and https are")
    }
    guard address.scheme == "http" || target.scheme == "https" else {
      throw refusal(target.bare, "it leads from https to http, where anybody on the way may read and change the file")
    }
    return target
  }

  private func refusal(_ target: String, _ reason: String) -> DownloadError {
    // A server may send any length.
    let shown = target.count > 300 ? target.prefix(300) + "…" : target[...]
    return DownloadError(url: address.bare, cause: .redirect(to: String(shown), reason))
  }
}
