import Glibc
import SystemPackage

/// The folder of what pibake keeps for later runs.
///
/// Outputs are made of what lies in it, so it must belong to whoever runs pibake, or to root, and nobody else may write there:
/// as ssh and git ask of their files.
package struct CacheDirectory: Sendable {
  /// Where it is; it need not be there.
  package let path: FilePath

  package init(_ path: FilePath) { self.path = path }

  /// The folder `name` in it, made if it is missing; only its owner may enter new ones.
  ///
  /// - Throws: `IOError`, a usage error if somebody else may write to it.
  package func making(_ name: String) throws(IOError) -> HeldFolder {
    try check(HeldFolder(making: path, mode: 0o700))
    return try checked(HeldFolder(making: path.appending(name), mode: 0o700))
  }

  /// The folder `name` in it, or the cache itself; nil if it is not there.
  ///
  /// - Throws: as `making` does.
  package func existing(_ name: String? = nil) throws(IOError) -> HeldFolder? {
    do throws(IOError) {
      let folder = try checked(HeldFolder(path))
      guard let name else { return folder }
      return try checked(HeldFolder(path.appending(name)))
    } catch {
      if error.cause == .system(.noSuchFileOrDirectory) { return nil }
      throw error
    }
  }

  private func checked(_ folder: HeldFolder) throws(IOError) -> HeldFolder {
    try check(folder)
    return folder
  }

  private func check(_ folder: HeldFolder) throws(IOError) {
    var status = stat()
    guard unsafe fstat(folder.descriptor.rawValue, &status) == 0 else {
      throw IOError(folder.path, "stat", Errno(rawValue: errno))
    }
    let isOthers = status.st_uid != geteuid() && status.st_uid != 0
    guard isOthers || status.st_mode & 0o022 != 0 else { return }
    let finding =
      isOthers
      ? "belongs to user \(status.st_uid), and a cache must belong to user \(geteuid())"
      : "others may write to it, and a cache must be its owner's alone"
    throw IOError(
      path: folder.path.description, operation: "use",
      cause: .refused(
        finding,
        hint: isOthers
          ? "name another folder with --cache"
          : "`chmod go-w` it if you trust what it holds, or name another with --cache"
      ))
  }
}
