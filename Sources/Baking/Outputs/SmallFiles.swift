import Glibc
import Storage
import SystemPackage

/// Waits until what was written to `descriptor` is on the disk.
func sync(_ descriptor: FileDescriptor, path: FilePath) throws(IOError) {
  guard fdatasync(descriptor.rawValue) == 0 else { throw IOError(path, "sync", Errno(rawValue: errno)) }
}

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
