import SystemPackage

/// How patient a download is, and how much it takes. Tests are less patient.
package struct DownloadPolicy: Sendable {
  /// How often a transfer is begun while it brings nothing new.
  package var attempts = 6
  /// The wait before the second attempt; each further one waits twice as long.
  package var firstWait = Duration.seconds(1)
  /// The longest wait that a server may ask for.
  package var longestWait = Duration.seconds(120)
  /// After how many seconds with less than a kilobyte a second a connection counts as dead.
  package var stall = 60
  /// The largest file, in bytes: a bound for servers that announce no length. Raspberry Pi OS images have up to 3 GB.
  package var limit = 64 << 30
  /// How many redirects in a row are followed.
  package var redirects = 10
  /// A file of certificates to trust instead of the system's.
  package var authorities: FilePath?

  /// The patience of a build.
  package init() {}

  /// How many new bytes make a row of failures begin anew: a server that sends one byte each time does not.
  static let advance = 1 << 20

  /// The wait after `failures` failed attempts in a row.
  func wait(after failures: Int) -> Duration { firstWait * (1 << min(max(failures - 1, 0), 5)) }
}
