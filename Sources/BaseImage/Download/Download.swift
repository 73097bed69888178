import Bytes
import Glibc
import Storage
import SystemPackage
import Unpack

/// Fetches a file by its URL into the cache: whole, checked, and by one process at a time.
///
/// In `downloads`, `<digest>-<tail>` is a whole file. The digest is the SHA-256 that the recipe gives for the file, or
/// that of the URL if there is none. `<name>.part` holds the bytes so far, locked by the process that downloads, and
/// `<name>.part.record` its `PartialRecord`. Names, records and messages hold the bare URL only.
package struct Download {
  /// Receives the messages of a download, and can cancel it.
  package struct Listener: Sendable {
    /// Called with the reason why something takes time or is done again.
    package var note: @Sendable (String) -> Void = { _ in }
    /// Called when a file of the cache was spoiled.
    package var warn: @Sendable (String) -> Void = { _ in }
    /// Advanced by the bytes that arrive.
    package var progress: Progress?
    /// Asked several times a second, from the thread of the download.
    package var isCancelled: @Sendable () -> Bool = { false }

    /// A listener that ignores every message and never cancels.
    package init() {}
  }

  /// The file that was asked for.
  package struct Outcome {
    /// Where it is in the cache.
    package let path: FilePath
    /// Whether anything had to be fetched.
    package let isNew: Bool
  }

  private let address: WebAddress
  private let sha256: SHA256Digest?
  private let cache: FilePath
  private let policy: DownloadPolicy
  private let listener: Listener

  /// The download of what is at `url` into the cache in the folder `cache`.
  ///
  /// - Parameter sha256: the digest that the file must have; nil if it is not known.
  /// - Throws: `DownloadError`, a usage error if `url` cannot be fetched.
  package init(
    _ url: String, sha256: SHA256Digest?, cache: FilePath, policy: DownloadPolicy = DownloadPolicy(),
    listener: Listener
  ) throws(DownloadError) {
    guard let address = WebAddress(url) else {
      throw DownloadError(url: url.bareURL, cause: .unusable("is not a URL"))
    }
    guard ["http", "https", "file"].contains(address.scheme) else {
      throw DownloadError(url: address.bare, cause: .unusable("only http, https and file URLs can be downloaded"))
    }
    self.address = address
    self.sha256 = sha256
    self.cache = cache
    self.policy = policy
    self.listener = listener
  }

  /// Fetches the file, unless it is there.
  ///
  /// - Throws: `DownloadError`. The bytes so far are kept if a later run can continue them.
  package func run() throws(DownloadError) -> Outcome {
    let folder = try storing { () throws(IOError) in try CacheDirectory(cache).making("downloads") }
    let path = folder.path.appending(name)
    let stored = StoredDownload(name, in: folder, cache: cache, listener)
    guard let part = try take(folder, unless: stored) else { return Outcome(path: path, isNew: false) }
    let attempts = Attempts(address, policy: policy, listener: listener)
    do throws(DownloadError) {
      // Another process may have finished since this one looked.
      if try isSound(stored, removing: true) {
        try storing { () throws(IOError) in try part.discard() }
        return Outcome(path: path, isNew: false)
      }
      try attempts.fetch(into: part)
      try publish(part, stored)
    } catch {
      if part.record == nil || !error.leavesPart { try? part.discard() }
      throw error
    }
    return Outcome(path: path, isNew: true)
  }

  /// The name of the file in the cache.
  private var name: String {
    let key = sha256 ?? SHA256.of(Array(address.request.utf8))
    return "\(key)-\(address.tail)"
  }

  /// Waits for the right to download.
  ///
  /// - Returns: nil if the file is there.
  private func take(_ folder: HeldFolder, unless stored: StoredDownload) throws(DownloadError) -> PartialFile? {
    var isTold = false
    while true {
      if try isSound(stored, removing: false) { return nil }
      let part = try storing { () throws(IOError) in try PartialFile(name, in: folder, source: address.bare) }
      if let part { return part }
      if !isTold { listener.note("\(address.bare): another process is downloading it; waiting for that") }
      isTold = true
      try pause(.milliseconds(100))
    }
  }

  /// Whether the file is there and has its digest.
  ///
  /// - Parameter removing: whether a file with another digest is removed. The right to download is needed for that.
  private func isSound(_ stored: StoredDownload, removing: Bool) throws(DownloadError) -> Bool {
    switch try storing({ () throws(IOError) in try stored.look(for: sha256) }) {
    case .sound: return true
    case .missing: return false
    case .spoiled(let digest):
      if removing {
        listener.warn("\(stored.path): its SHA-256 is \(digest), which is wrong; it was removed, and is fetched again")
        try storing { () throws(IOError) in try stored.remove() }
      }
      return false
    }
  }

  /// Checks what has arrived, and only then gives it its name.
  private func publish(_ part: PartialFile, _ stored: StoredDownload) throws(DownloadError) {
    guard let sha256 else {
      _ = try storing { () throws(IOError) in try part.publish(as: stored.name) }
      return
    }
    let found = try storing { () throws(IOError) in try stored.digest(of: part.reader()) }
    guard found == sha256 else {
      throw DownloadError(url: address.bare, cause: .digest(expected: sha256, found: found))
    }
    try storing { () throws(IOError) in try stored.note(sha256, of: part.publish(as: stored.name)) }
  }

  private func pause(_ time: Duration) throws(DownloadError) {
    guard listener.sleep(time) else { throw DownloadError(url: address.bare, cause: .cancelled) }
  }

  /// What `body` returns; its failure becomes one of this download.
  private func storing<Value>(_ body: () throws(IOError) -> Value) throws(DownloadError) -> Value {
    do throws(IOError) {
      return try body()
    } catch {
      throw DownloadError(url: address.bare, cause: error.cause == .cancelled ? .cancelled : .io(error))
    }
  }
}

extension Download.Listener {
  /// Waits for `time`, unless the operator wants no more.
  ///
  /// - Returns: false if that is so.
  func sleep(_ time: Duration) -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + time
    while clock.now < end {
      if isCancelled() { return false }
      usleep(20_000)
    }
    return !isCancelled()
  }
}
