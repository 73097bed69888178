import Glibc
import SystemPackage

/// A folder of a test's own, removed with all that it holds when the last user lets go.
package final class TemporaryFolder: Sendable {
  package let path: FilePath

  /// Makes a folder under `parent`; where none is given, under TMPDIR, or under /tmp.
  package init(under parent: FilePath? = nil) throws {
    let parent = parent ?? FilePath(Environment.value(of: "TMPDIR") ?? "/tmp")
    var number = UInt64.random(in: 0 ... .max)
    while unsafe mkdir(parent.appending("pibake-test-\(String(number, radix: 36))").string, 0o700) != 0 {
      guard Errno(rawValue: errno) == .fileExists else { throw Errno(rawValue: errno) }
      number &+= 1
    }
    path = parent.appending("pibake-test-\(String(number, radix: 36))")
  }

  deinit { removeTree(path) }

  /// The path of `name` in the folder.
  package func appending(_ name: String) -> FilePath { path.appending(name) }
}

/// Removes `path` and all beneath it, following no links; what cannot be removed stays.
private func removeTree(_ path: FilePath) {
  var status = stat()
  guard unsafe lstat(path.string, &status) == 0 else { return }
  guard status.st_mode & 0o170000 == 0o040000 else {
    unsafe unlink(path.string)
    return
  }
  if let stream = unsafe opendir(path.string) {
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe FilePath(platformString: $0) }
      }
      if name != "." && name != ".." { removeTree(path.appending(name.components)) }
    }
    unsafe closedir(stream)
  }
  unsafe rmdir(path.string)
}
