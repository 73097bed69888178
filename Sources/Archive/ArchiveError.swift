import Bytes
import Storage

/// Why an archive cannot be read.
package enum ArchiveError: Failure {
  /// The archive contradicts its format, at this byte of the (unpacked) archive.
  case corrupt(archive: String, offset: Int, String)
  /// The archive uses something that pibake does not handle.
  case unsupported(archive: String, String)
  /// The compression around the archive is damaged.
  case damaged(archive: String, String)
  /// Input or output failed.
  case io(IOError)

  package var kind: FailureKind {
    switch self {
    case .corrupt, .damaged: .corrupt
    case .unsupported: .unsupported
    case .io: .io
    }
  }

  package var description: String {
    switch self {
    case .corrupt(let archive, let offset, let text): "\(archive): tar: byte \(offset): \(text)"
    case .unsupported(let archive, let text): "\(archive): tar: \(text) is not supported"
    case .damaged(let archive, let text): "\(archive): \(text)"
    case .io(let error): "\(error)"
    }
  }
}
