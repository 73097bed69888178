import CLinux
import FileTree
import Glibc
import Storage
import struct SystemPackage.Errno

// Extended attributes.
extension FolderHandle {
  /// Sets one extended attribute of what is called `name`, which need not be a file that can be opened.
  package func setAttribute(_ name: [UInt8], _ attribute: ExtendedAttribute, losses: Losses?) throws(IOError) {
    // The *at forms of these calls are too new to be everywhere; /proc names the open folder as well.
    let result = unsafe withCString(Array("/proc/self/fd/\(descriptor)/".utf8) + name) { path in
      unsafe withCString(attribute.name) {
        unsafe pb_lsetxattr(path, $0, attribute.value, attribute.value.count)
      }
    }
    try Metadata.checkAttribute(result, path: child(name), losses: losses)
  }

  /// Removes the extended attribute `attribute` of what is called `name`.
  package func removeAttribute(_ name: [UInt8], _ attribute: [UInt8]) throws(IOError) {
    _ = try unsafe call("remove an extended attribute of", Array("/proc/self/fd/\(descriptor)/".utf8) + name) { path in
      let result = unsafe withCString(attribute) { unsafe pb_lremovexattr(path, $0) }
      if result < 0 { errno = -result }
      return result < 0 ? -1 : 0
    }
  }

  /// The extended attributes of what is called `name` (`.` for the folder itself), sorted by name: those of the
  /// namespaces that file systems keep.
  func attributes(_ name: [UInt8]) throws(IOError) -> [ExtendedAttribute] {
    let path = Array("/proc/self/fd/\(descriptor)/".utf8) + name
    let list = try unsafe value(of: name) { buffer, size in
      unsafe withCString(path) {
        unsafe pb_llistxattr($0, buffer.map { unsafe $0.assumingMemoryBound(to: CChar.self) }, size)
      }
    }
    var attributes: [ExtendedAttribute] = []
    for part in list.split(separator: 0) where isKept(part) {
      let value = try unsafe value(of: name) { buffer, size in
        unsafe withCString(path) { path in
          unsafe withCString(Array(part)) { unsafe pb_lgetxattr(path, $0, buffer, size) }
        }
      }
      attributes.append(ExtendedAttribute(name: Array(part), value: value))
    }
    return attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// A value whose size a first call tells and a second one fetches.
  private func value(
    of name: [UInt8], _ fetch: (UnsafeMutableRawPointer?, Int) -> Int64
  ) throws(IOError) -> [UInt8] {
    let size = fetch(nil, 0)
    // A file system without extended attributes has none.
    if size == 0 || size == -Int64(ENOTSUP) { return [] }
    guard size > 0 else { throw IOError(child(name), "read extended attributes of", Errno(rawValue: Int32(-size))) }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe fetch($0.baseAddress, $0.count) }
    guard count >= 0 else { throw IOError(child(name), "read extended attributes of", Errno(rawValue: Int32(-count))) }
    return Array(bytes.prefix(Int(count)))
  }

  private func isKept(_ name: ArraySlice<UInt8>) -> Bool {
    ["user.", "trusted.", "security.", "system.posix_acl_"].contains { name.starts(with: $0.utf8) }
  }
}
