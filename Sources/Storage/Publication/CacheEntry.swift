import Bytes
import Glibc
import SystemPackage

/// A small file of the cache that proves what it is: it ends with the SHA-256 of its key and its content.
///
/// One that a power cut or a failing disk has spoiled, that holds another entry's content, or that somebody else put there does
/// not prove itself; it is removed with a warning, and what it held is made anew.
package struct CacheEntry: Sendable {
  private let folder: HeldFolder
  private let name: String
  /// What the content depends on.
  private let key: [UInt8]
  private let warn: @Sendable (String) -> Void

  private static let sealSize = 32

  /// The entry called `name` in `folder`, for what `key` stands for.
  package init(key: [UInt8], name: String, in folder: HeldFolder, warn: @escaping @Sendable (String) -> Void) {
    self.key = key
    self.name = name
    self.folder = folder
    self.warn = warn
  }

  /// What an entry holds.
  package struct Content {
    package let bytes: ArraySlice<UInt8>
    /// The stamp of the file that was read whole.
    let stamp: FileStamp
  }

  /// The content, which counts as used now; nil if there is none, or none that proves itself in at most `limit` bytes.
  package func read(limit: Int = .max / 2) -> Content? {
    let file: FileSource
    do throws(IOError) {
      file = try folder.file(name)
    } catch {
      if error.cause != .system(.noSuchFileOrDirectory) { removeSpoiled() }
      return nil
    }
    guard let content = verified(file, limit: limit) else {
      removeSpoiled()
      return nil
    }
    return content
  }

  /// Puts `content` in the place of what the entry held.
  ///
  /// - Returns: the stamp of the file; nil if it could not be written. A folder that cannot be written to, or is full, costs time and
  ///   spoils nothing.
  @discardableResult
  package func keep(_ content: [UInt8]) -> FileStamp? {
    do throws(IOError) {
      var file = try Publication(file: name, in: folder)
      try file.write(content.span)
      try file.write(seal(of: content.span).bytes.span)
      // The seal tells what a power cut has spoiled: nobody need wait for the disk.
      try file.publish(mode: nil, replacing: .ownFile, isDurable: false)
      return try FileStamp(file.descriptor, path: file.target)
    } catch {
      return nil
    }
  }

  /// Removes the entry; nothing there is fine.
  package func remove() throws(IOError) { try folder.removeFile(name) }

  /// Opens the entry again if it is still the file that had `stamp`.
  func open(_ stamp: FileStamp) -> FileSource? {
    guard let file = try? folder.file(name), (try? FileStamp(file.descriptor, path: file.path)) == stamp else {
      return nil
    }
    return file
  }

  private func verified(_ file: FileSource, limit: Int) -> Content? {
    var status = stat()
    guard unsafe fstat(file.descriptor.rawValue, &status) == 0, status.st_uid == geteuid() || status.st_uid == 0,
      file.size >= Self.sealSize, file.size - Self.sealSize <= limit,
      let bytes = try? file.read(at: 0, count: file.size)
    else { return nil }
    let end = bytes.count - Self.sealSize
    guard seal(of: bytes.span.extracting(0..<end)) == SHA256Digest(bytes[end...]) else { return nil }
    // The time of the last use, by which what is old is told from what is in use. It changes the stamp.
    _ = futimens(file.descriptor.rawValue, nil)
    guard let stamp = try? FileStamp(file.descriptor, path: file.path) else { return nil }
    return Content(bytes: bytes[..<end], stamp: stamp)
  }

  private func seal(of content: Span<UInt8>) -> SHA256Digest {
    let hash = SHA256()
    var head = Array("pibake cache entry 1\n".utf8)
    head.append(le: UInt64(key.count))
    hash.update(head.span)
    hash.update(key.span)
    hash.update(content)
    return hash.finish()
  }

  private func removeSpoiled() {
    warn("\(folder.path.appending(name)): is damaged or of another entry, and was removed")
    // Somebody may have put a folder there, which stays.
    try? folder.removeFile(name)
  }
}
