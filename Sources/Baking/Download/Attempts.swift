import Bytes
import Storage

/// The attempts to fetch a file: with its redirects, and again after failures that pass.
struct Attempts {
  private let address: WebAddress
  private let policy: DownloadPolicy
  private let listener: Download.Listener

  /// Attempts to fetch what is at `address`.
  init(_ address: WebAddress, policy: DownloadPolicy, listener: Download.Listener) {
    self.address = address
    self.policy = policy
    self.listener = listener
  }

  /// Fetches what is missing of `part`.
  ///
  /// - Throws: `DownloadError` if that fails in a way that does not pass, or too often without new bytes.
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
      guard error.isTransient, failures < policy.attempts else { throw error }
      try wait(after: error, asked)
    }
  }

  /// Waits before the next attempt, for `asked` seconds at least.
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
  /// - Returns: why it failed and how long the server wants to be left alone; nil if the file is whole.
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
        // Asked for without a range, no answer is this one again.
        listener.note("\(address.bare): the server does not give the rest of what is here; it is fetched anew")
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

  /// Where a redirect leads.
  ///
  /// - Throws: `DownloadError` if pibake does not go there.
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
