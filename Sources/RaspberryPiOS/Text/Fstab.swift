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

  /// A field of a line, by its place.
  enum Field: Int {
    case device, mountPoint, type, options
  }

  /// A line that mounts something.
  struct Entry: Sendable, Equatable {
    /// Counts from 0.
    let line: Int
    let device: String
    let mountPoint: String
    let type: String
    /// "defaults" where the line has no fourth field.
    let options: String

    /// Whether it mounts at `path`, written with or without a slash at its end.
    func isMounted(at path: String) -> Bool { mountPoint == path || mountPoint == path + "/" }

    /// "/etc/fstab:3"
    var place: String { "/etc/fstab:\(line + 1)" }
  }

  /// The lines that mount something, in their order.
  var entries: [Entry] {
    file.indices.compactMap { index in
      let fields = file[index].words
      guard fields.count >= 3, !fields[0].hasPrefix("#") else { return nil }
      return Entry(
        line: index, device: fields[0], mountPoint: fields[1], type: fields[2],
        options: fields.count > 3 ? fields[3] : "defaults")
    }
  }

  /// What is mounted at `mountPoint`, such as `PARTUUID=c1f95d14-02`; nil if no line mounts anything there.
  package func device(at mountPoint: String) -> String? {
    entries.first { $0.isMounted(at: mountPoint) }?.device
  }

  /// Where the boot partition is mounted; nil if no line mounts it.
  package var bootMountPoint: String? {
    ["/boot/firmware", "/boot"].first { device(at: $0) != nil }
  }

  /// Writes `device` in place of what the lines of `mountPoint` mount.
  ///
  /// - Returns: whether there is such a line.
  @discardableResult
  package mutating func setDevice(_ device: String, at mountPoint: String) -> Bool {
    let lines = entries.filter { $0.isMounted(at: mountPoint) }
    for entry in lines { set(.device, of: entry, to: device) }
    return !lines.isEmpty
  }

  /// Writes `text` as one field of an entry. A column of blanks takes up the difference, so that the next field stays in
  /// its place.
  mutating func set(_ field: Field, of entry: Entry, to text: String) {
    let line = file[entry.line]
    var start = line.startIndex
    for number in 0... {
      start = line[start...].firstIndex { !$0.isWhitespace } ?? line.endIndex
      guard start < line.endIndex else { return }
      let end = line[start...].firstIndex { $0.isWhitespace } ?? line.endIndex
      guard number == field.rawValue else {
        start = end
        continue
      }
      let gap = line[end...].prefix { $0.isWhitespace }
      let rest = line[gap.endIndex...]
      let width = line.distance(from: start, to: gap.endIndex)
      let blanks =
        gap.allSatisfy { $0 == " " } && !rest.isEmpty
        ? String(repeating: " ", count: max(1, width - text.count)) : String(gap)
      file[entry.line] = "\(line[..<start])\(text)\(blanks)\(rest)"
      return
    }
  }

  /// Removes the lines that mount anything at `mountPoint`.
  package mutating func remove(_ mountPoint: String) {
    let lines = Set(entries.filter { $0.isMounted(at: mountPoint) }.map(\.line))
    file.removeLines(lines)
  }

  /// Adds a line of six fields at the end, unless the table has it.
  mutating func append(_ fields: [String]) {
    if !has(fields) { file.append(fields.map(Fstab.escaped).joined(separator: " ")) }
  }

  /// Whether the table has a line of these six fields, as `append` writes it.
  func has(_ fields: [String]) -> Bool {
    let line = fields.map(Fstab.escaped).joined(separator: " ")
    return file.firstIndex { $0 == line } != nil
  }

  /// `field` with the characters that part fields, and those that begin an escape or a comment, in octal.
  static func escaped(_ field: String) -> String {
    var text = ""
    for scalar in field.unicodeScalars {
      switch scalar {
      case " ": text += "\\040"
      case "\t": text += "\\011"
      case "\n": text += "\\012"
      case "\\": text += "\\134"
      case "#" where text.isEmpty: text += "\\043"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// Turns lines into comments, each after a line that says why. Places of entries are others afterwards.
  mutating func commentOut(_ reasons: [(entry: Entry, reason: String)]) {
    for (entry, reason) in reasons.sorted(by: { $0.entry.line > $1.entry.line }) {
      file[entry.line] = "#\(file[entry.line])"
      file.insert("# left out by pibake: \(reason)", before: entry.line)
    }
  }
}
