import Glibc
import struct SystemPackage.FilePath

extension FilePath {
  /// The path of what is called `name` in this folder, byte for byte.
  func child(_ name: [UInt8]) -> FilePath {
    // Not component by component, which takes seconds where a path has thousands.
    let folder = unsafe withPlatformString { unsafe Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
    let isOpen = !folder.isEmpty && folder.last != 0x2F
    return FilePath(platformString: folder + (isOpen ? [0x2F] : []) + name.map { CChar(bitPattern: $0) } + [0])
  }
}

extension FilePath.Component {
  /// The name's bytes, UTF-8 or not.
  var bytes: [UInt8] {
    unsafe withPlatformString { unsafe Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }.map {
      UInt8(bitPattern: $0)
    }
  }
}

/// Calls `body` with `bytes` as C takes text: with a zero at the end.
func withCString<Result>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  unsafe (bytes + [0]).withUnsafeBytes { buffer in
    // An array with at least the zero in it has an address.
    unsafe body(buffer.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped)
  }
}
