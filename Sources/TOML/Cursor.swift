/// The text of a document and the place up to which it is read.
///
/// It holds scalars, not bytes, so that a column costs no search and nobody but its initializer thinks of UTF-8.
struct Cursor {
  private let text: [Unicode.Scalar]
  private(set) var offset = 0
  private var line = 1
  private var lineStart = 0

  /// The text that `bytes` spell; a byte order mark before it is passed over.
  init(decoding bytes: [UInt8]) throws(TOMLError) {
    var decoder = Unicode.UTF8()
    var iterator = bytes.makeIterator()
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(bytes.count)
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): scalars.append(scalar)
      case .emptyInput: break decoding
      case .error:
        self.init(scalars)
        while !isAtEnd { advance() }
        throw TOMLError(position: position, message: "invalid UTF-8")
      }
    }
    self.init(scalars)
  }

  private init(_ text: [Unicode.Scalar]) {
    self.text = text
    offset = text.first == "\u{FEFF}" ? 1 : 0
    lineStart = offset
  }

  var isAtEnd: Bool { offset == text.count }

  /// The next scalar; nil at the end.
  var current: Unicode.Scalar? { isAtEnd ? nil : text[offset] }

  /// The scalar `distance` after the current one; nil after the end.
  func peek(_ distance: Int) -> Unicode.Scalar? {
    distance < text.count - offset ? text[offset + distance] : nil
  }

  /// The place of the current scalar.
  var position: TOMLPosition { TOMLPosition(line: line, column: offset - lineStart + 1) }

  /// Passes over the current scalar; nothing at the end.
  mutating func advance() {
    guard let passed = current else { return }
    offset += 1
    if passed == "\n" {
      line += 1
      lineStart = offset
    }
  }

  /// Passes over `scalar` if it is the current one.
  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    advance()
    return true
  }

  /// Whether LF or CRLF comes next.
  var isAtNewline: Bool { current == "\n" || (current == "\r" && peek(1) == "\n") }

  /// Passes over one LF or CRLF, if it is next.
  mutating func takeNewline() -> Bool {
    guard isAtNewline else { return false }
    _ = take("\r")
    return take("\n")
  }

  /// Passes over scalars as long as they are such.
  mutating func skip(while isSuch: (Unicode.Scalar) -> Bool) {
    while let scalar = current, isSuch(scalar) { advance() }
  }

  /// Passes over spaces and tabs.
  mutating func skipBlanks() { skip { $0 == " " || $0 == "\t" } }

  /// The scalars from `start` up to the current one.
  func scalars(from start: Int) -> ArraySlice<Unicode.Scalar> { text[start..<offset] }
}

extension String {
  init(_ scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
