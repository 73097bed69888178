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

/// The names in the folder `path`, sorted; none if there is no such folder.
func names(in path: FilePath) throws(IOError) -> [String] {
  guard let stream = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
    if errno == ENOENT { return [] }
    throw IOError(path, "list", Errno(rawValue: errno))
  }
  defer { unsafe closedir(stream) }
  var names: [String] = []
  while let entry = unsafe readdir(stream) {
    unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe names.append(String(cString: $0)) }
    }
  }
  return names.sorted()
}

/// Removes the file `path`, if it is there.
func removing(_ path: FilePath) throws(IOError) {
  guard unsafe path.withPlatformString({ unsafe unlink($0) }) == 0 || errno == ENOENT else {
    throw IOError(path, "remove", Errno(rawValue: errno))
  }
}
