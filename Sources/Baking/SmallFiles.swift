import Glibc
import Storage
import SystemPackage

/// Waits until what was written to `descriptor` is on the disk.
func sync(_ descriptor: FileDescriptor, path: FilePath) throws(IOError) {
  guard fdatasync(descriptor.rawValue) == 0 else { throw IOError(path, "sync", Errno(rawValue: errno)) }
}

/// Writes a new file of these bytes, which everybody may read.
func writeFile(_ path: FilePath, _ bytes: [UInt8]) throws(IOError) {
  do {
    let descriptor = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    defer { try? descriptor.close() }
    try descriptor.writeAll(bytes)
    try sync(descriptor, path: path)
  } catch {
    throw error as? IOError ?? IOError(path, "write", error as? Errno ?? .ioError)
  }
}

/// Removes the file at `path`.
func removeFile(_ path: FilePath) throws(IOError) {
  guard unsafe unlink(path.string) == 0 else { throw IOError(path, "remove", Errno(rawValue: errno)) }
}
