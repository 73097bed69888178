import TOML

/// A table of comma-separated values as RFC 4180 has it; lines may end with LF alone, and blank ones count for nothing.
struct CommaSeparatedValues {
  /// A cell, and where it begins.
  struct Cell {
    let text: String
    let position: TOMLPosition
  }

  /// What is wrong with the text, and where.
  struct Problem: Error {
    let message: String
    let position: TOMLPosition
  }

  /// The lines, each with at least one cell.
  let rows: [[Cell]]

  /// Reads the whole of a file; a byte order mark at its beginning is no part of it.
  init(parsing bytes: [UInt8]) throws(Problem) {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let text = String(validating: bytes[start...], as: UTF8.self) else {
      throw Problem(message: "the file is not UTF-8", position: TOMLPosition(line: 1, column: 1))
    }
    var reader = Reader(scalars: Array(text.unicodeScalars))
    var rows: [[Cell]] = []
    while !reader.isAtEnd {
      let row = try reader.row()
      if row.count > 1 || row[0].text != "" { rows.append(row) }
    }
    self.rows = rows
  }

  private struct Reader {
    let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var column = 1

    init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    var isAtEnd: Bool { index == scalars.count }
    private var position: TOMLPosition { TOMLPosition(line: line, column: column) }
    private var next: Unicode.Scalar? { isAtEnd ? nil : scalars[index] }

    /// A line with its end.
    mutating func row() throws(Problem) -> [Cell] {
      var cells = [try cell()]
      while next == "," {
        advance()
        cells.append(try cell())
      }
      if next == "\r" { advance() }
      if let other = next {
        guard other == "\n" else {
          throw Problem(message: "a carriage return without a line feed", position: position)
        }
        advance()
      }
      return cells
    }

    private mutating func cell() throws(Problem) -> Cell {
      let start = position
      guard next == "\"" else {
        let text = try plainText()
        return Cell(text: text, position: start)
      }
      advance()
      let text = try quotedText(from: start)
      if let other = next, other != ",", other != "\r", other != "\n" {
        throw Problem(message: "expected a comma or the end of the line after the closing quote", position: position)
      }
      return Cell(text: text, position: start)
    }

    private mutating func plainText() throws(Problem) -> String {
      var text = String.UnicodeScalarView()
      while let scalar = next, scalar != ",", scalar != "\r", scalar != "\n" {
        if scalar == "\"" {
          throw Problem(
            message: "a quote within a cell; quote the whole cell, and double the quote", position: position)
        }
        text.append(scalar)
        advance()
      }
      return String(text)
    }

    private mutating func quotedText(from start: TOMLPosition) throws(Problem) -> String {
      var text = String.UnicodeScalarView()
      while let scalar = next {
        advance()
        if scalar == "\"" {
          guard next == "\"" else { return String(text) }
          advance()
        }
        text.append(scalar)
      }
      throw Problem(message: "the quote is not closed", position: start)
    }

    private mutating func advance() {
      if scalars[index] == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
      index += 1
    }
  }
}
