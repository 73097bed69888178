import Bytes
import Storage

/// The record at the end of a zip archive, after which only the archive's comment stands (APPNOTE.TXT 4.3.16).
struct ZipEnd {
  /// Where the comment begins.
  let commentStart: Int
  /// Whether the archive is in several parts, of which this is the last one.
  let isLastPart: Bool

  /// Where the directory is, by its own size; nil if the record of a zip64 says it.
  private let directoryStart: Int?

  private static let size = 22
  private static let commentLimit = Int(UInt16.max)

  /// Finds the record in `source`; nil if what it ends with is none, or has something after it.
  init?(of source: any ByteSource) throws(UnpackError) {
    let start = max(0, source.size - Self.size - Self.commentLimit)
    let bytes = try performing { () throws(IOError) in try source.read(at: start, count: source.size - start) }
    for place in stride(from: bytes.count - Self.size, through: 0, by: -1) where bytes.span.le(place) == Self.mark {
      let record = bytes.span.extracting(place..<place + Self.size)
      guard place + Self.size + Int(record.le(20, as: UInt16.self)) == bytes.count else { continue }
      commentStart = start + place + Self.size
      let part: UInt16 = record.le(4)
      let directoryPart: UInt16 = record.le(6)
      let (entriesHere, entries): (UInt16, UInt16) = (record.le(8), record.le(10))
      // All ones mean that the record of a zip64 says it.
      isLastPart = part > 0 && part < .max && directoryPart <= part && entriesHere <= entries
      let directorySize = Int(record.le(12, as: UInt32.self))
      let end = start + place
      directoryStart = directorySize == UInt32.max ? nil : end - directorySize
      return
    }
    return nil
  }

  /// Whether `source`, whose first bytes are `signature`, is a zip archive with something before its first record: a script, or the
  /// program that unpacks it. A disk that ends in an archive is a disk.
  static func followsSomethingElse(_ signature: Signature?, in source: any ByteSource) throws(UnpackError) -> Bool {
    guard signature == nil || signature == .selfExtracting, source.size > size,
      let end = try ZipEnd(of: source), !end.isLastPart
    else { return false }
    // The locator of a zip64's record (4.3.15), or the directory's first record (4.3.12).
    let candidates = [(end.commentStart - size - 20, "PK\u{6}\u{7}"), (end.directoryStart ?? -1, "PK\u{1}\u{2}")]
    return try performing { () throws(IOError) in
      var isFound = false
      for (place, mark) in candidates where place >= 0 && !isFound {
        isFound = try source.read(at: place, count: 4) == Array(mark.utf8)
      }
      guard isFound else { return false }
      let start = try source.read(at: 0, count: min(DiskLook.length, source.size))
      return DiskLook(start.span) == .none
    }
  }

  /// "PK\u{5}\u{6}"
  private static let mark: UInt32 = 0x0605_4B50
}
