import Storage
import SystemPackage

/// The part of a file that has arrived, with the record of what it is a part of.
final class PartialFile {
  /// The bytes so far. No other process has the file.
  private var file: ResumableFile
  private let entry: CacheEntry
  /// Where it comes from: the bare URL.
  let source: String
  /// The folder that it is in, for messages.
  let folder: String
  /// The identity of the whole file; nil if it is not known, in which case the next attempt begins anew.
  private(set) var record: PartialRecord?

  /// The part of the file `name` in `folder`. Bytes that an earlier process left stay if their record names `source`.
  ///
  /// - Returns: nil if another process has it.
  init?(_ name: String, in folder: HeldFolder, source: String) throws(IOError) {
    guard let file = try ResumableFile.take("\(name).part", in: folder) else { return nil }
    self.file = file
    self.source = source
    self.folder = folder.path.string
    let key = "download \(name)"
    entry = CacheEntry(key: Array(key.utf8), name: "\(name).part.record", in: folder) { _ in }
    record = self.file.size > 0 ? PartialRecord(entry) : nil
    if let record, record.source == source, self.file.size <= record.length { return }
    try restart(as: nil)
  }

  /// The number of bytes so far.
  var size: Int { file.size }

  /// Whether all has arrived that the server announced.
  var isWhole: Bool { record.map { $0.length == size } ?? false }

  /// Forgets all bytes; those that follow are of `record`.
  func restart(as record: PartialRecord?) throws(IOError) {
    try file.truncate()
    // Before a new one is written, which may fail: an old record says nothing of new bytes.
    if self.record != record || record == nil { try entry.remove() }
    record?.keep(in: entry)
    self.record = record
  }

  /// Adds `bytes`.
  func append(_ bytes: UnsafeRawBufferPointer) throws(IOError) { try unsafe file.append(bytes) }

  /// The bytes, for reading them back.
  func reader() throws(IOError) -> FileSource { try file.source() }

  /// The free bytes of its file system.
  func free() throws(IOError) -> Int { try file.parent.freeSpace() }

  /// Gives it its own name, and brings it to the disk.
  ///
  /// - Returns: the open file.
  func publish(as name: String) throws(IOError) -> FileSource {
    try file.publish(as: name)
    try? entry.remove()
    return try file.source()
  }

  /// Removes it.
  func discard() throws(IOError) {
    try entry.remove()
    try file.discard()
  }
}
