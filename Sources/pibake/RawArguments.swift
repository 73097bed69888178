import Bytes

/// The command line byte for byte: a name on a disk need not be text, and must be possible to ask for.
///
/// The argument parser knows strings only. Bytes that are not UTF-8 stand in them as characters of the last private-use
/// plane, 0x10FF00 and the byte, which nothing else uses.
enum RawArguments {
  private static let plane: UInt32 = 0x10FF00

  /// The arguments after the program's name.
  static var all: [String] {
    let count = Int(CommandLine.argc)
    return (1..<max(count, 1)).map { index in
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { return "" }
      return string(of: unsafe Array(UnsafeBufferPointer(start: argument, count: length(argument))))
    }
  }

  /// The bytes that `argument` stands for.
  static func bytes(of argument: String) -> [UInt8] {
    argument.unicodeScalars.flatMap { scalar in
      scalar.value >= plane ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(String(scalar).utf8)
    }
  }

  private static func string(of argument: [CChar]) -> String {
    let bytes = argument.map { UInt8(bitPattern: $0) }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let byte = rest.first {
      let scalar = (1...4).lazy.compactMap { oneScalar(rest.prefix($0)) }.first
      text.append(scalar ?? Unicode.Scalar(plane + UInt32(byte)) ?? "?")
      rest = rest.dropFirst(scalar.map { String($0).utf8.count } ?? 1)
    }
    return String(text)
  }

  private static func oneScalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard let scalars = String(validating: bytes, as: UTF8.self)?.unicodeScalars, scalars.count == 1 else { return nil }
    return scalars.first
  }

  private static func length(_ text: UnsafeMutablePointer<CChar>) -> Int {
    var length = 0
    while unsafe text[length] != 0 { length += 1 }
    return length
  }
}
