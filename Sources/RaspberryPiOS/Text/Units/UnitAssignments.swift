import Bytes
import FileTree

/// The assignments of the [Install] section of a unit file, read as systemd reads them (systemd.syntax(7)).
struct UnitAssignments {
  /// One `key=value`, without white space around either.
  struct Assignment: Sendable {
    /// From 1: the line on which the value ends.
    let line: Int
    let key: String
    let value: String
  }

  /// The assignments to the keys that were asked for, in the order of the file.
  private(set) var all: [Assignment] = []

  /// systemd reads no longer line, nor one that is longer with its continuations.
  private static let lineLimit = 1 << 20
  /// More assignments than any unit has: each costs memory, and a link of the tree.
  private static let countLimit = 10_000
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private let path: TreePath
  private let keys: Set<String>
  private var isInInstall = false

  /// Reads `bytes`, the file at `path`; assignments to other keys than `keys` are left out.
  ///
  /// - Throws: if systemd would refuse the file: for a line that is too long or not UTF-8, or a broken section header.
  init(parsing bytes: [UInt8], at path: TreePath, keys: Set<String>) throws(UnitProblem) {
    self.path = path
    self.keys = keys
    var lines = PhysicalLines(bytes)
    var number = 0
    var seesMark = true
    // The beginning of a line that goes on in the next one.
    var begun: [UInt8]?
    while var line = lines.next() {
      number += 1
      guard line.count < UnitAssignments.lineLimit, line.count + (begun?.count ?? 0) <= UnitAssignments.lineLimit else {
        throw problem("a line of more than \(UnitAssignments.lineLimit) bytes", number)
      }
      // A comment does not end a line that goes on.
      if let first = line.first(where: { !isBlank($0) }), first == UInt8(ascii: "#") || first == UInt8(ascii: ";") {
        continue
      }
      if seesMark, line.starts(with: UnitAssignments.byteOrderMark) {
        line = line.dropFirst(UnitAssignments.byteOrderMark.count)
        seesMark = false
      }
      let backslashes = line.reversed().prefix { $0 == UInt8(ascii: "\\") }.count
      let goesOn = backslashes % 2 == 1
      if goesOn || begun != nil {
        if begun == nil { begun = [] }
        // In place: there can be a hundred thousand of them.
        begun?.append(contentsOf: goesOn ? line.dropLast() : line)
        if goesOn {
          begun?.append(0x20)
          continue
        }
      }
      try read(begun?[...] ?? line, number)
      begun = nil
    }
    if let begun { try read(begun[...], number + 1) }
  }

  private mutating func read(_ line: ArraySlice<UInt8>, _ number: Int) throws(UnitProblem) {
    let line = line.trimmingBlanks
    guard let first = line.first else { return }
    guard let text = String(validating: line, as: UTF8.self) else { throw problem("a line is not UTF-8", number) }
    if first == UInt8(ascii: "[") {
      guard line.count > 1, line.last == UInt8(ascii: "]") else {
        throw problem("\"\(text.printable)\" is not the header of a section", number)
      }
      isInInstall = text == "[Install]"
      return
    }
    guard isInInstall, let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return }
    let key = String(decoding: line[..<equals].trimmingBlanks, as: UTF8.self)
    guard keys.contains(key) else { return }
    guard all.count < UnitAssignments.countLimit else {
      throw problem("more than \(UnitAssignments.countLimit) assignments in [Install]", number)
    }
    let value = String(decoding: line[(equals + 1)...].trimmingBlanks, as: UTF8.self)
    all.append(Assignment(line: number, key: key, value: value))
  }

  private func problem(_ text: String, _ number: Int) -> UnitProblem { UnitProblem("\(path):\(number): \(text)") }
}

/// The lines of a file as systemd's read_line splits them: `\n`, `\r` and NUL end a line, and so does a group of them in
/// which none occurs twice and NUL is the last.
private struct PhysicalLines {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> ArraySlice<UInt8>? {
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count, !PhysicalLines.isEnd(bytes[position]) { position += 1 }
    let line = bytes[start..<position]
    // A bit for each byte of the group; all three are below 16.
    var seen: UInt16 = 0
    while position < bytes.count, PhysicalLines.isEnd(bytes[position]), seen & (1 << bytes[position]) == 0 {
      seen |= 1 << bytes[position]
      position += 1
      if bytes[position - 1] == 0 { break }
    }
    return line
  }

  private static func isEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D || byte == 0 }
}

/// Whether systemd takes the byte for white space: fewer bytes than isspace(3) does.
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

extension ArraySlice<UInt8> {
  fileprivate var trimmingBlanks: ArraySlice<UInt8> {
    guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
      return []
    }
    return self[first...last]
  }
}
