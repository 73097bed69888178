import SystemPackage

/// The limits of a download: its patience and its size. Tests set shorter times.
package struct DownloadPolicy: Sendable {
  /// The number of attempts in a row that may fail without new bytes.
  package var attempts = 6
  /// The wait before the second attempt. It doubles with each further attempt, up to 32 times this value.
  package var firstWait = Duration.seconds(1)
  /// The longest Retry-After that is waited for; a longer one is an error.
  package var longestWait = Duration.seconds(120)
  /// A connection counts as dead after so many seconds with less than a kilobyte a second.
  package var stall = 60
  /// The largest file, in bytes: a bound for servers that announce no length. Raspberry Pi OS images have up to 3 GB.
  package var limit = 64 << 30
  /// The number of redirects in a row that are followed.
  package var redirects = 10
  /// A file of certificates to trust instead of the system's.
  package var authorities: FilePath?

  /// The patience of a build.
  package init() {}

  /// The number of new bytes that resets the count of failed attempts. Not one: a server could send a byte each time for ever.
  static let advance = 1 << 20

  /// How many attempts in a row may fail as `error` tells. A host that was never reached is more often misspelled than about
  /// to come back: few seconds are enough for a name server that is slow.
  func attempts(after error: DownloadError) -> Int {
    if case .unreachable = error.cause, !error.keepsBytes { return min(attempts, 3) }
    return attempts
  }

  /// The wait after `failures` failed attempts in a row.
  func wait(after failures: Int) -> Duration { firstWait * (1 << min(max(failures - 1, 0), 5)) }
}
