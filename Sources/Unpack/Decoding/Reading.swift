import Bytes
import Storage

/// One file to be read, perhaps more than once, with the progress to advance and the question whether to stop.
struct Reading {
  let file: IdentifiedFile
  /// Whether the stamp tells of any later change.
  let wasSettled: Bool
  private let progress: Progress?
  private let cancelled: @Sendable () -> Bool

  init(file: IdentifiedFile, tick: Int, progress: Progress?, cancelled: @escaping @Sendable () -> Bool) {
    self.file = file
    self.wasSettled = file.stamp?.isSettled(tick: tick) ?? false
    self.progress = progress
    self.cancelled = cancelled
  }

  /// The file from its first byte on.
  func input() -> Input { Input(file.source, progress: progress, cancelled: cancelled) }

  /// Throws if someone wrote to the file since its stamp was taken: what was read may be half old, half new.
  func checkUnchanged() throws(UnpackError) {
    try performing { () throws(IOError) in try file.checkUnchanged() }
  }
}

/// What the recipe says of a file.
struct Expected {
  let path: String
  let input: SHA256Digest?
  let image: SHA256Digest?

  /// Whether it says anything.
  var isGiven: Bool { input != nil || image != nil }

  /// Throws if what was found is something else.
  func check(input found: SHA256Digest, image foundImage: SHA256Digest) throws(UnpackError) {
    if let input, input != found { throw .mismatch(path: path, of: .input, expected: input, found: found) }
    if let image, image != foundImage {
      throw .mismatch(path: path, of: .image, expected: image, found: foundImage)
    }
  }
}
