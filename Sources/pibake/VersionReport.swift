import Bytes
import CArchive
import CBuild
import CCrypto
import CCurl
import CLZMA
import CZlib
import CZstd

/// What `pibake --version` prints: what was built, and the libraries that this process runs with.
enum VersionReport {
  /// Semantic: the second number grows when a recipe or an output means something else.
  static let version = "0.1.0"

  /// Two lines: version and commit, which programs may read; and the libraries, for reports of faults.
  static var text: String {
    let commit = unsafe String(cString: pb_commit())
    let libraries = unsafe [
      ("libarchive", archive_version_string().map { unsafe String(cString: $0) }),
      ("liblzma", lzma_version_string().map { unsafe String(cString: $0) }),
      ("zlib", zlibVersion().map { unsafe String(cString: $0) }),
      ("zstd", ZSTD_versionString().map { unsafe String(cString: $0) }),
      ("OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING).map { unsafe String(cString: $0) }),
      ("libcurl", curl_version().map { unsafe String(cString: $0) }),
    ]
    let words = libraries.map { name, version in
      // "libarchive 3.6.2", and "libcurl/7.88.1 OpenSSL/3.0.17 …".
      let number = (version ?? "").split { " /".contains($0) }.first { $0.first?.isNumber ?? false }
      return "\(name) \(number ?? "unknown")"
    }
    return "pibake \(version)\(commit.isEmpty ? "" : ", commit \(commit)")\n\(words.joined(separator: ", "))"
  }
}
