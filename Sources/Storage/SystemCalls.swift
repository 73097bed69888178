import Glibc
import SystemPackage

/// Opens `path`, whatever bytes it has.
package func openFile(
  _ path: FilePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions,
  permissions: FilePermissions? = nil
) throws(IOError) -> FileDescriptor {
  do {
    return try FileDescriptor.open(path, mode, options: options, permissions: permissions)
  } catch {
    throw IOError(path, "open", error as? Errno ?? .ioError)
  }
}

/// The result of a system call that is called again where a signal interrupts it: the errno, or nil if it succeeded.
func failure(_ call: () -> Int32) -> Errno? {
  while call() < 0 {
    let number = Errno(rawValue: errno)
    if number != .interrupted { return number }
  }
  return nil
}

/// Calls `body` with `name` as C takes text: with a zero at the end.
func withCName<Result>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  unsafe (name + [0]).withUnsafeBytes { buffer in
    // An array with at least the zero in it has an address.
    unsafe body(buffer.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped)
  }
}
