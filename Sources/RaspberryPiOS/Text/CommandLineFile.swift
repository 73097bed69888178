import Bytes

/// cmdline.txt as it lies in a file, and the parameters that it was meant to hold.
///
/// The firmware hands the first line to the kernel, byte for byte. Where that line is not what its author meant and
/// only one reading makes sense, that reading is taken; each such choice is a problem to tell the operator.
struct CommandLineFile {
  let line: KernelCommandLine
  /// What is wrong with the file and what was made of it: parts of sentences that begin after the file's name.
  let problems: [String]

  /// Reads the bytes of a file.
  init(_ bytes: [UInt8]) {
    let decoded = DecodedText(bytes)
    var problems = decoded.problems
    // CR LF is one character to Swift.
    let lines = decoded.text.split(omittingEmptySubsequences: false) { ["\n", "\r\n", "\r", "\0"].contains($0) }
      .map(\.trimmed)
    let first = lines.first ?? ""
    let isMeant = { (line: String) in !line.isEmpty && !line.hasPrefix("#") }
    let taken = isMeant(first) ? 0 : lines.firstIndex(where: isMeant)
    guard let taken else {
      line = KernelCommandLine("")
      self.problems = problems + ["holds no kernel parameters"]
      return
    }
    if taken > 0 {
      let what = first.isEmpty ? "is blank" : "is a comment, which a kernel takes for parameters"
      problems.append(
        "its first line, the only one that the firmware reads, \(what): line \(taken + 1) is taken instead")
    }
    for index in lines.indices.dropFirst(taken + 1) where isMeant(lines[index]) {
      problems.append(
        "line \(index + 1) is lost, because the firmware reads one line only: \(lines[index].printable)")
    }
    line = KernelCommandLine(lines[taken])
    self.problems = problems
  }
}

/// A small text file as people's editors leave it on a FAT: UTF-8, with or without a byte order mark, or UTF-16.
struct DecodedText {
  let text: String
  /// What the firmware, which knows bytes only, makes of it otherwise.
  let problems: [String]

  /// Decodes the bytes of a whole file.
  init(_ bytes: [UInt8]) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
      problems = [
        "begins with a byte order mark, which the kernel takes for part of the first parameter: it is dropped"
      ]
    } else if let isLittle = DecodedText.isLittleEndianUTF16(bytes) {
      var units: [UInt16] = []
      for index in stride(from: 0, to: bytes.count - 1, by: 2) {
        let (low, high) = isLittle ? (bytes[index], bytes[index + 1]) : (bytes[index + 1], bytes[index])
        units.append(UInt16(high) << 8 | UInt16(low))
      }
      if units.first == 0xFEFF { units.removeFirst() }
      text = String(decoding: units, as: UTF16.self)
      problems = ["is UTF-16, which the firmware cannot read: it is written as UTF-8"]
    } else {
      text = String(decoding: bytes, as: UTF8.self)
      var found: [String] = []
      if String(validating: bytes, as: UTF8.self) == nil { found.append("is not UTF-8: such bytes become U+FFFD") }
      if bytes.contains(0) { found.append("holds NUL bytes, at which the kernel stops reading") }
      problems = found
    }
  }

  /// The order of bytes of a UTF-16 text; nil if it is none. Without a mark, text of ASCII has a zero in every pair.
  private static func isLittleEndianUTF16(_ bytes: [UInt8]) -> Bool? {
    if bytes.starts(with: [0xFF, 0xFE]) { return true }
    if bytes.starts(with: [0xFE, 0xFF]) { return false }
    guard bytes.count >= 4 else { return nil }
    let pairs = bytes.count / 2
    let (even, odd) = (0..<pairs).reduce((0, 0)) { counts, pair in
      (counts.0 + (bytes[2 * pair] == 0 ? 1 : 0), counts.1 + (bytes[2 * pair + 1] == 0 ? 1 : 0))
    }
    if even == 0, odd * 10 >= pairs * 9 { return true }
    if odd == 0, even * 10 >= pairs * 9 { return false }
    return nil
  }
}
