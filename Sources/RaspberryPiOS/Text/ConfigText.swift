import Bytes

/// The firmware's settings, config.txt: lines `key=value` under filters such as `[pi4]`.
struct ConfigText {
  private var file: TextFile

  /// The firmware reads no more of a line.
  private static let lineLimit = 98

  init(_ file: TextFile) { self.file = file }

  var bytes: [UInt8] { file.bytes }

  /// Appends `lines` under `[all]`; earlier lines stay byte for byte. Lines that already end the file so stay as well.
  ///
  /// - Throws: `.recipe` if the firmware would cut a line.
  mutating func append(_ lines: [String]) throws(RaspberryPiOSError) {
    guard !lines.isEmpty else { return }
    for line in lines {
      guard line.utf8.count <= ConfigText.lineLimit else {
        throw .recipe(
          "[boot] config_txt has a line of \(line.utf8.count) bytes; the firmware reads \(ConfigText.lineLimit)",
          hint: "the line begins with: \(line.prefix(30))")
      }
      guard !line.contains(where: \.isNewline) else { throw .recipe("[boot] config_txt has a line break in a line") }
    }
    let block = ["[all]"] + lines
    if file.indices.suffix(block.count).map({ file[$0] }) == block { return }
    for line in block { file.append(line) }
  }

  /// Appends `line` under `filter`; what may be appended later counts for all boards again.
  mutating func append(_ line: String, under filter: String) {
    // Whether a filter of an included file outlives its end is not documented.
    let last = file.indices.last { file[$0].trimmed.hasPrefix("[") || file[$0].words.first == "include" }
    if last.map({ file[$0].trimmed }) != filter { file.append(filter) }
    file.append(line)
    if filter != "[all]" { file.append("[all]") }
  }

  /// Gives line `number`, from 1, another value, or turns it into a comment where `value` is nil.
  ///
  /// - Returns: false if the line is not `key=old`: the firmware's reader may part lines elsewhere.
  mutating func change(line number: Int, _ key: String, from old: String, to value: String?) -> Bool {
    guard file.indices.contains(number - 1) else { return false }
    let line = file[number - 1]
    guard let equals = line.firstIndex(of: "="), line[..<equals].trimmed == key,
      line[line.index(after: equals)...].trimmed == old
    else { return false }
    let end = line.hasSuffix("\r") ? "\r" : ""
    file[number - 1] = value.map { "\(line[...equals])\($0)\(end)" } ?? "#\(line)"
    return true
  }

  /// Removes what makes the firmware load an initramfs.
  mutating func removeInitramfs() {
    file.removeAll { line in
      let key = ConfigText.key(of: line)
      return key == "auto_initramfs" || key == "initramfs" || key.hasPrefix("initramfs ")
    }
  }

  /// What stands before `=`, trimmed; of a comment, a filter or an empty line, nothing that is a key.
  private static func key(of line: String) -> String {
    String(line.prefix { $0 != "=" }).trimmed
  }
}
