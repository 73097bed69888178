import Bytes
import Glibc
import Storage
import SystemPackage

/// Standard output for results, standard error for everything else.
///
/// What is text for people goes through `terminalLine` here and nowhere else: names and words of an image are shown, and
/// not obeyed.
enum Terminal {
  /// Writes one line to standard error.
  static func say(_ line: String) { sayRaw(line.terminalLine + "\n") }

  /// Writes a text of our own that has several lines to standard error.
  static func sayLines(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { say(String(line)) }
  }

  /// Writes one line to standard error in place of what `show` left.
  static func sayAlone(_ line: String) { sayRaw(clear + line.terminalLine + "\n") }

  /// Shows a line that the next one replaces.
  static func show(_ line: String) { sayRaw(clear + line.terminalLine) }

  /// Takes back the line that `show` left.
  private static let clear = isWatched ? "\r\u{1B}[K" : ""

  private static func sayRaw(_ text: String) {
    // There is nobody to tell if standard error is gone.
    _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8))
  }

  /// Writes bytes to standard output as they are.
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

  /// Writes lines for people to standard output.
  ///
  /// - Throws: `IOError`.
  static func write(lines: [String]) throws(IOError) {
    let text = Array(lines.map { $0.terminalLine + "\n" }.joined().utf8)
    try write(text.span)
  }

  /// Opens /dev/null as each of the descriptors 0 to 2 that is closed, so that none of pibake's own files gets such a number and
  /// receives messages. 0 is opened for writing, 1 and 2 for reading: whoever uses them gets an error.
  static func holdStandardDescriptors() {
    for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
      _ = unsafe open("/dev/null", (descriptor == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC)
    }
  }

  /// Whether standard error is a terminal.
  static let isWatched = isatty(2) != 0
}
