import Glibc
import Storage
import SystemPackage

extension HeldFolder {
  /// Writes a new file of these bytes, which everybody may read. It is on the disk when the folder is synced.
  func writeFile(_ name: String, _ bytes: [UInt8]) throws(IOError) {
    let descriptor = try makeFile(name)
    do {
      defer { try? descriptor.close() }
      try descriptor.writeAll(bytes)
      guard fchmod(descriptor.rawValue, 0o644) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      throw IOError(path.appending(name), "write", error as? Errno ?? .ioError)
    }
  }
}
