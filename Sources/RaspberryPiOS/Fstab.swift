/// A table of file systems, as fstab(5) describes it; comments, order and columns stay.
package struct Fstab: Sendable {
  private var file: TextFile

  init(_ file: TextFile) { self.file = file }

  /// The table that `text` is.
  package init(_ text: String) { self.init(TextFile(text: text)) }

  /// The file again.
  var bytes: [UInt8] { file.bytes }

  /// The file again, as text.
  package var description: String { String(decoding: bytes, as: UTF8.self) }

  /// What is mounted at `mountPoint`, such as `PARTUUID=c1f95d14-02`; nil if no line mounts anything there.
  package func device(at mountPoint: String) -> String? {
    line(of: mountPoint).map { file[$0].words[0] }
  }

  /// Where the boot partition is mounted; nil if no line mounts it.
  package var bootMountPoint: String? {
    ["/boot/firmware", "/boot"].first { device(at: $0) != nil }
  }

  /// Writes `device` in place of what the line of `mountPoint` mounts.
  ///
  /// - Returns: whether there is such a line.
  @discardableResult
  package mutating func setDevice(_ device: String, at mountPoint: String) -> Bool {
    guard let index = line(of: mountPoint) else { return false }
    let text = file[index]
    let indent = text.prefix { $0.isWhitespace }
    let rest = text.dropFirst(indent.count).drop { !$0.isWhitespace }
    let old = text.count - indent.count - rest.count
    let gap = rest.prefix { $0.isWhitespace }
    // A column of blanks takes up the difference, so that the next one stays in its place.
    let blanks =
      gap.allSatisfy { $0 == " " }
      ? String(repeating: " ", count: max(1, old + gap.count - device.count)) : String(gap)
    file[index] = indent + device + blanks + rest.dropFirst(gap.count)
    return true
  }

  /// Removes the lines that mount anything at `mountPoint`.
  package mutating func remove(_ mountPoint: String) {
    file.removeAll { Fstab.mounts($0, at: mountPoint) }
  }

  private func line(of mountPoint: String) -> Int? {
    file.firstIndex { Fstab.mounts($0, at: mountPoint) }
  }

  private static func mounts(_ line: String, at mountPoint: String) -> Bool {
    let fields = line.words
    guard fields.count >= 3, !fields[0].hasPrefix("#") else { return false }
    return fields[1] == mountPoint || fields[1] == mountPoint + "/"
  }
}
