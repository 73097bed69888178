import Glibc
import Storage
import SystemPackage

/// Standard output for results, standard error for everything else.
enum Terminal {
  /// Writes one line to standard error.
  static func say(_ line: String) { sayPart(line + "\n") }

  /// Writes a part of a line to standard error.
  static func sayPart(_ text: String) {
    // There is nobody to tell if standard error is gone.
    _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
  }

  /// Writes bytes to standard output.
  ///
  /// - Throws: `IOError`. A reader that went away is none: the process ends, as one of many in a pipeline should.
  static func write(_ bytes: Span<UInt8>) throws(IOError) {
    do {
      try unsafe bytes.withUnsafeBytes { _ = unsafe try FileDescriptor.standardOutput.writeAll($0) }
    } catch {
      if error as? Errno == .brokenPipe { exit(0) }
      throw IOError("standard output", "write", error as? Errno ?? .ioError)
    }
  }

  /// Writes a text to standard output.
  ///
  /// - Throws: `IOError`.
  static func write(_ text: String) throws(IOError) { try write(Array(text.utf8).span) }

  /// Whether a person watches standard error.
  static let isWatched = isatty(2) != 0
}
