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

  deinit {
    removeContents(of: unsafe open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
    unsafe rmdir(path.string)
  }

  /// The path of `name` in the folder.
  package func appending(_ name: String) -> FilePath { path.appending(name) }
}

/// Removes all in the open folder `descriptor` and closes it, following no links; what cannot be removed stays. Names are
/// not copied: folders of tests hold tens of thousands.
private func removeContents(of descriptor: Int32) {
  guard descriptor >= 0 else { return }
  guard let stream = unsafe fdopendir(descriptor) else {
    close(descriptor)
    return
  }
  while let entry = unsafe readdir(stream) {
    unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
      unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { name in
        guard unsafe strcmp(name, ".") != 0 && strcmp(name, "..") != 0 else { return }
        guard unsafe unlinkat(descriptor, name, 0) != 0 else { return }
        unsafe removeContents(of: openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
        unsafe unlinkat(descriptor, name, AT_REMOVEDIR)
      }
    }
  }
  unsafe closedir(stream)
}
