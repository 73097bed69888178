import SystemPackage

/// A file that must stay what it was: everything learned from it is worth as much as its stamp.
///
/// Whoever keeps or publishes something that was read from the file calls `checkUnchanged` first.
package final class IdentifiedFile: Sendable {
  /// The bytes.
  package let source: FileSource
  /// The stamp before the first byte was read; nil for a block device, whose changes nothing tells.
  package let stamp: FileStamp?
  /// Whether the file is pibake's own: others may then remove its name while it is in use.
  private let isOwn: Bool
  /// Whether any change since the opening must show.
  package let showsChanges: Bool

  /// How coarse the times of files may be, in seconds: FAT counts in twos.
  private static let tick = 2

  /// Opens the regular file or block device at `path`.
  ///
  /// - Parameter isOwn: whether it is a file of the cache, which may lose its name while it is in use. Any other file must keep
  ///   its name too.
  /// - Throws: `IOError`; a usage error for a FIFO, socket or character device.
  package convenience init(_ path: FilePath, isOwn: Bool = false) throws(IOError) {
    try self.init(FileSource(path), isOwn: isOwn)
  }

  /// The file that is open as `source`.
  package init(_ source: FileSource, isOwn: Bool) throws(IOError) {
    self.source = source
    stamp = try FileStamp(source.descriptor, path: source.path)
    self.isOwn = isOwn
    // Nobody else writes to a file of the cache.
    showsChanges = stamp.map { isOwn || $0.isSettled(tick: Self.tick) } ?? false
  }

  /// Where it was opened.
  package var path: FilePath { source.path }

  /// Throws if the open file is not what it was, or its path names another one.
  ///
  /// - Throws: `IOError` with the cause `.changed`.
  package func checkUnchanged() throws(IOError) {
    guard let stamp else { return }
    let now = try FileStamp(source.descriptor, path: path)
    if isOwn {
      // Removing the name changes `changed`, and nothing else.
      guard let now, now.inode == stamp.inode, now.size == stamp.size, now.modified == stamp.modified else {
        throw change
      }
    } else {
      guard now == stamp, FileStamp(path) == stamp else { throw change }
    }
  }

  private var change: IOError { IOError(path: path.description, operation: "read", cause: .changed) }
}
