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
    case .unsupported: .unsupported
    }
  }

  package var description: String {
    switch self {
    case .io(let error): error.description
    case .mismatch(let path, let digested, let expected, let found):
      "\(path): \(digested.rawValue) is \(found), and the recipe expects \(expected)"
    case .changed(let path): "\(path): the file changed while it was being read"
    case .corrupt(let path, let container, let position, let reason):
      "\(path): corrupt \(container) at or before byte \(position): \(reason)"
    case .unsupported(let path, let feature): "\(path): unsupported: \(feature)"
    case .cancelled(let path): "\(path): reading was cancelled"
    }
  }

  package var hint: String? {
    switch self {
    case .corrupt: "the download may be cut short or damaged; fetch the file again"
    case .mismatch: "the file is another release or damaged; fetch it again, or correct the recipe"
    default: nil
    }
  }
}

/// What `body` returns; its failure becomes one of this module.
func performing<Value: ~Copyable>(_ body: () throws(IOError) -> Value) throws(UnpackError) -> Value {
  do {
    return try body()
  } catch {
    throw .io(error)
  }
}
