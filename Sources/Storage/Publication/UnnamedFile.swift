import CLinux
import Glibc
import SystemPackage

/// A file without a name, open for reading and writing, which goes when the last descriptor is closed.
package enum UnnamedFile {
  /// Makes one in the folder `parent`.
  ///
  /// - Throws: `IOError` if no file can be made there.
  package static func make(in parent: HeldFolder) throws(IOError) -> FileDescriptor {
    if let descriptor = makeWithoutName(in: parent) { return descriptor }
    let name = TemporaryName.random()
    let descriptor = try parent.open(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    do {
      try parent.removeFile(name)
      return descriptor
    } catch {
      try? descriptor.close()
      throw error
    }
  }

  /// A file that never had a name; nil where the file system has none (NFS, 9p, most of FUSE, FAT), or where it cannot be given
  /// one later because /proc is not mounted.
  static func makeWithoutName(in parent: HeldFolder) -> FileDescriptor? {
    guard let descriptor = try? parent.open(".", O_RDWR | PB_O_TMPFILE, mode: 0o600) else { return nil }
    guard unsafe access(path(of: descriptor), F_OK) == 0 else {
      try? descriptor.close()
      return nil
    }
    return descriptor
  }

  /// The path by which linkat(2) reaches the open file `descriptor`.
  static func path(of descriptor: FileDescriptor) -> String { "/proc/self/fd/\(descriptor.rawValue)" }
}
