import CLinux
import Glibc
import SystemPackage

/// What killed processes left in a folder.
package enum Leftovers {
  /// Removes from `parent` what killed processes left in the making, and brings back what they had moved aside.
  ///
  /// What a living process works on is locked, and stays. What cannot be removed stays too: it is in nobody's way.
  ///
  /// - Parameter making: how folders are removed.
  package static func remove(from parent: HeldFolder, by making: FolderMaking = .plain) throws(IOError) {
    for bytes in try parent.names() {
      guard let name = String(validating: bytes, as: UTF8.self), let meaning = TemporaryName.meaning(of: name) else {
        continue
      }
      try? settle(name, meaning, in: parent, making)
    }
  }

  private static func settle(
    _ name: String, _ meaning: TemporaryName.Meaning, in parent: HeldFolder, _ making: FolderMaking
  ) throws(IOError) {
    guard let status = try parent.status(name) else { return }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    // NFS locks what is open for writing only.
    let flags = isFolder ? O_RDONLY | O_DIRECTORY : O_RDWR | O_NONBLOCK
    let leftover = try parent.open(name, flags)
    defer { try? leftover.close() }
    guard AdvisoryLock.take(leftover) == .taken, try parent.holds(leftover, as: name) else { return }
    if case .aside(let target) = meaning, TemporaryName.meaning(of: target) == nil, try parent.status(target) == nil {
      _ = parent.rename(name, to: target)
    } else if isFolder {
      try making.remove(parent, name)
    } else {
      try parent.removeFile(name)
    }
  }
}
