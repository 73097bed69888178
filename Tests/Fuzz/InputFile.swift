import Glibc
import SystemPackage

/// A file in memory that holds the input of this run.
struct InputFile {
  let folder: FilePath
  let path: FilePath

  /// A file called `name` in a folder of this process.
  init(_ name: String) {
    folder = FilePath("/dev/shm/pibake-fuzz-\(getpid())")
    _ = unsafe mkdir(folder.string, 0o700)
    path = folder.appending(name)
  }

  func fill(_ bytes: [UInt8]) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }
}
