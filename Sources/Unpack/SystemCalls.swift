import Glibc
import Storage
import SystemPackage

/// Opens `path`.
func opening(
  _ path: FilePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions,
  _ permissions: FilePermissions? = nil
) throws(IOError) -> FileDescriptor {
  do {
    return try FileDescriptor.open(path, mode, options: options, permissions: permissions)
  } catch {
    throw IOError(path, "open", error as? Errno ?? .ioError)
  }
}

/// Opens `path` for reading; nil if nothing has that name.
func openingIfPresent(_ path: FilePath) throws(IOError) -> FileDescriptor? {
  do {
    return try opening(path, .readOnly, [.closeOnExec])
  } catch {
    if error.cause == .system(.noSuchFileOrDirectory) { return nil }
    throw error
  }
}

/// Gives the file `path` the name `target`.
func renaming(_ path: FilePath, to target: FilePath) throws(IOError) {
  let status = unsafe path.withPlatformString { old in
    unsafe target.withPlatformString { new in unsafe rename(old, new) }
  }
  guard status == 0 else { throw IOError(target, "publish", Errno(rawValue: errno)) }
}
