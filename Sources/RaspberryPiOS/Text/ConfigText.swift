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
