/// The names of what is in the making: 128 random bits, so that no two processes anywhere choose the same, whatever their
/// process numbers are. They are the one thing random in pibake, and nothing of them reaches an output's bytes.
enum TemporaryName {
  private static let start = ".pibake-"
  private static let end = ".partial"
  /// What follows the random digits of something that stood at a target and was moved aside.
  private static let aside = ".was-"
  private static let digits = 32

  /// A name that nothing has.
  static func random() -> String { start + randomDigits() + end }

  /// A name for what is called `name` and makes room for another.
  static func random(aside name: String) -> String { start + randomDigits() + aside + name }

  /// What a temporary name is for.
  enum Meaning: Equatable {
    /// Something in the making, or to be removed.
    case partial
    /// What was called by this name.
    case aside(String)
  }

  /// What `name` is for; nil if it is no temporary name.
  static func meaning(of name: String) -> Meaning? {
    guard name.hasPrefix(start) else { return nil }
    let rest = name.dropFirst(start.count)
    let random = rest.prefix(digits)
    guard random.utf8.count == digits, random.allSatisfy({ "0123456789abcdef".contains($0) }) else { return nil }
    let tail = rest.dropFirst(digits)
    if tail == end { return .partial }
    return tail.hasPrefix(aside) && tail != aside ? .aside(String(tail.dropFirst(aside.count))) : nil
  }

  private static func randomDigits() -> String {
    // The system's generator is getrandom(2).
    var generator = SystemRandomNumberGenerator()
    return [generator.next(), generator.next()].map { (word: UInt64) in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
