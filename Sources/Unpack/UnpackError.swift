import Bytes
import Storage

/// Why a stock image could not be opened.
package enum UnpackError: Failure {
  /// Reading the file or writing the cache failed.
  case io(IOError)
  /// The file, or what it decodes to, is not what the recipe says.
  case mismatch(path: String, of: Digested, expected: SHA256Digest, found: SHA256Digest)
  /// Someone wrote to the file while it was being read.
  case changed(path: String)
  /// The compressed data contradict themselves at or before this byte of the file.
  case corrupt(path: String, container: String, position: Int, reason: String)
  /// The file is whole, but pibake does not handle what it uses.
  case unsupported(path: String, feature: String)
  /// The archive is whole, and holds no disk image but this.
  case noDisk(path: String, format: ArchiveFormat, String)
  /// The caller wished to stop.
  case cancelled(path: String)

  /// What a digest was computed of.
  package enum Digested: String, Sendable {
    case input = "its SHA-256"
    case image = "the SHA-256 of the image in it"
  }

  package var kind: FailureKind {
    switch self {
    case .io(let error): error.kind
    case .mismatch, .changed, .cancelled: .io
    case .corrupt: .corrupt
    case .unsupported, .noDisk: .unsupported
    }
  }

  package var description: String {
    if case .io(let error) = self { error.description } else { "\(path): \(finding)" }
  }

  /// The file that it is about.
  var path: String {
    switch self {
    case .io(let error): error.path
    case .mismatch(let path, _, _, _), .changed(let path), .corrupt(let path, _, _, _), .unsupported(let path, _),
      .noDisk(let path, _, _), .cancelled(let path):
      path
    }
  }

  /// What is said of that file.
  var finding: String {
    switch self {
    case .io(let error): error.description
    case .mismatch(_, let digested, let expected, let found):
      "\(digested.rawValue) is \(found), and the recipe expects \(expected)"
    case .changed: "changed while it was read"
    case .corrupt(_, let container, let position, let reason):
      "corrupt \(container) at or before byte \(position): \(reason)"
    case .unsupported(_, let feature): "unsupported: \(feature)"
    case .noDisk(_, let format, let content): "a \(format) archive with \(content)"
    case .cancelled: "reading was cancelled"
    }
  }

  package var hint: String? {
    switch self {
    case .corrupt:
      "compare the file's SHA-256 with its publisher's: a file that was cut short or damaged on its way differs"
    case .io(let error): error.hint
    case .changed: "run again while nothing writes to it; nothing of this run was kept"
    case .mismatch: "the file is another release or damaged: fetch it again, or correct the recipe"
    case .noDisk(_, .tar, _): "ls, cat, extract, manifest and diff read a tar archive of files as it is"
    default: nil
    }
  }
}

/// What `body` returns; its failure becomes one of this module.
func performing<Value: ~Copyable>(_ body: () throws(IOError) -> Value) throws(UnpackError) -> Value {
  do {
    return try body()
  } catch {
    if error.cause == .changed { throw .changed(path: error.path) }
    throw .io(error)
  }
}
