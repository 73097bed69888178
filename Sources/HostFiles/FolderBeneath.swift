import CLinux
import Glibc
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FilePath

// Folders by a path beneath the open one.
extension FolderHandle {
  /// Opens the folder at `path` beneath this one: names with `/` between, none of them `..`, none a symbolic link; empty
  /// for this folder itself.
  func folder(at path: [UInt8]) throws(IOError) -> FolderHandle { try reference.folder(at: path) }

  /// The folder for other threads, as long as this handle lives.
  var reference: Reference { Reference(descriptor: descriptor, path: path) }

  /// A folder that a handle elsewhere keeps open.
  struct Reference: Sendable {
    fileprivate let descriptor: Int32
    fileprivate let path: FilePath

    /// Opens the folder at `path` beneath this one, as the handle does.
    func folder(at path: [UInt8]) throws(IOError) -> FolderHandle {
      var rest = path[...]
      var folder = try inner(Array(rest.piece()))
      while !rest.isEmpty { folder = try folder.reference.inner(Array(rest.piece())) }
      return folder
    }

    /// Opens the folder at `path`, which is no longer than one call takes.
    private func inner(_ path: [UInt8]) throws(IOError) -> FolderHandle {
      let flags = UInt64(O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      let resolve = UInt64(PB_RESOLVE_BENEATH | PB_RESOLVE_NO_SYMLINKS)
      let result = unsafe withCString(path.isEmpty ? [0x2E] : path) {
        unsafe pb_openat2(descriptor, $0, flags, 0, resolve)
      }
      let place = path.isEmpty ? self.path : self.path.child(path)
      if result >= 0 { return FolderHandle(descriptor: result, path: place) }
      // Kernels before 5.6 do not know the call, and some containers forbid what they do not know.
      guard result == -ENOSYS || result == -EPERM else { throw IOError(place, "open", Errno(rawValue: -result)) }
      var folder = FolderHandle(descriptor: dup(descriptor), path: self.path)
      for name in path.split(separator: 0x2F) { folder = try folder.folder(Array(name)) }
      return folder
    }
  }
}

extension ArraySlice<UInt8> {
  /// Takes names off the front of a path, as many as one system call takes.
  fileprivate mutating func piece() -> ArraySlice<UInt8> {
    // PATH_MAX counts the zero at the end.
    guard count >= Int(PATH_MAX) else {
      defer { self = [] }
      return self
    }
    let end = prefix(Int(PATH_MAX)).lastIndex(of: 0x2F) ?? endIndex
    defer { self = self[Swift.min(end + 1, endIndex)...] }
    return self[..<end]
  }
}
