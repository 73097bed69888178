import CLinux
import SystemPackage

/// A copy of a finished file that only this process reaches, where the file system shares extents.
///
/// Further outputs are never cloned from a published file: an edit or a start of that one, while they are made, would change them.
package enum PrivateClone {
  /// Clones the file `name` of `folder` into a file without a name.
  ///
  /// - Returns: the clone, or nil if the file system does not share; then the caller copies from the original sources.
  package static func make(of name: String, in folder: HeldFolder) -> FileSource? {
    guard let original = try? folder.file(name), let clone = try? UnnamedFile.make(in: folder) else { return nil }
    let isCloned = withExtendedLifetime(original) { pb_ficlone(clone.rawValue, original.descriptor.rawValue) == 0 }
    guard isCloned else {
      try? clone.close()
      return nil
    }
    return try? FileSource(opened: clone, path: original.path)
  }
}
