import Bytes
import Storage
import Unpack

/// Why an archive cannot be read.
package enum ArchiveError: Failure {
  /// The archive contradicts its format, at this byte of the (unpacked) archive.
  case corrupt(archive: String, offset: Int, String)
  /// The archive uses something that pibake does not handle.
  case unsupported(archive: String, String)
  /// The archive cannot be decompressed.
  case compression(UnpackError)
  /// Input or output failed.
  case io(IOError)

  package var kind: FailureKind {
    switch self {
    case .corrupt: .corrupt
    case .unsupported: .unsupported
    case .compression(let error): error.kind
    case .io(let error): error.kind
    }
  }

  package var description: String {
    switch self {
    case .corrupt(let archive, let offset, let text): "\(archive): tar: byte \(offset): \(text)"
    case .unsupported(let archive, let text): "\(archive): tar: \(text) is not supported"
    case .compression(let error): error.description
    case .io(let error): "\(error)"
    }
  }

  package var hint: String? {
    switch self {
    case .corrupt, .unsupported: nil
    case .compression(let error): error.hint
    case .io(let error): error.hint
    }
  }
}
