import Bytes
import Glibc
import Storage
import SystemPackage

/// Standard output for results, standard error for everything else.
enum Terminal {
  /// Writes one line to standard error. Control characters, which a name may hold, are shown and not obeyed.
  static func say(_ line: String) { sayPart(line.withoutControls + "\n") }

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

extension String {
  /// The text with %XX for control characters, but for the line's end and the tabulator.
  fileprivate var withoutControls: String {
    guard unicodeScalars.contains(where: \.isHarmful) else { return self }
    let parts = unicodeScalars.map { scalar in
      let text = String(scalar)
      return scalar.isHarmful ? text.utf8.map { "%" + [$0].hex.uppercased() }.joined() : text
    }
    return parts.joined()
  }
}

extension Unicode.Scalar {
  fileprivate var isHarmful: Bool { properties.generalCategory == .control && self != "\n" && self != "\t" }
}
