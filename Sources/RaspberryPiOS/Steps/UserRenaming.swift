import Bytes
import FileTree

/// The old and the new name of a user, in text that names either the user or its home.
struct UserRenaming: Sendable {
  let old: String
  let new: String
  /// The absolute paths of the home before and after; the same if the home does not move.
  let oldHome: String
  let newHome: String
  /// Whether the user's own group has the same old and new name.
  let renamesGroup: Bool

  /// Whether `line` may name the user or the home; where it cannot, none of what follows changes it.
  func mayBeNamed(in line: ArraySlice<UInt8>) -> Bool {
    line.contains(sequence: old) || !oldHome.isEmpty && line.contains(sequence: oldHome)
  }

  /// `text` with every path below the old home led into the new one.
  func movingHome(in text: String) -> String {
    guard oldHome != newHome, !oldHome.isEmpty else { return text }
    var result = ""
    var rest = text[...]
    while let match = rest.firstRange(of: oldHome) {
      let isWhole =
        (rest[match.upperBound...].first.map { !UserRenaming.isInName($0) } ?? true)
        && (rest[..<match.lowerBound].last ?? result.last).map { !UserRenaming.isInName($0) && $0 != "/" } ?? true
      result += rest[..<match.lowerBound]
      result += isWhole ? newHome : oldHome
      rest = rest[match.upperBound...]
    }
    return result + rest
  }

  /// `line` of a unit of systemd: the values of User= and Group=, automatic logins, and paths.
  func unitLine(_ line: String) -> String {
    guard let first = line.trimmed.first, first != "#", first != ";" else { return line }
    for (key, isNamed) in [("User", true), ("Group", renamesGroup)] where isNamed {
      let parts = line.split(separator: "=", maxSplits: 1).map(\.trimmed)
      if parts == [key, old] { return "\(key)=\(new)" }
    }
    return movingHome(in: replacingAutologin(line, by: new))
  }

  /// `line` with the user after agetty's option for automatic logins replaced.
  func replacingAutologin(_ line: String, by name: String) -> String {
    for option in ["--autologin ", "--autologin=", "-a "] {
      guard let match = line.firstRange(of: option + old) else { continue }
      let isWhole = line[match.upperBound...].first.map { !UserRenaming.isInName($0) } ?? true
      let isOption = option != "-a " || line[..<match.lowerBound].contains("agetty")
      if isWhole, isOption { return "\(line[..<match.lowerBound])\(option)\(name)\(line[match.upperBound...])" }
    }
    return line
  }

  /// `line` of crontab(5) with a column for the user, which is the sixth, or the second after a word such as @reboot.
  func cronLine(_ line: String) -> String {
    let start = line.drop { $0.isWhitespace }
    guard let first = start.first, first != "#" else { return line }
    let column = first == "@" ? 1 : 5
    var rest = start
    for _ in 0..<column {
      rest = rest.drop { !$0.isWhitespace }
      rest = rest.drop { $0.isWhitespace }
    }
    let name = rest.prefix { !$0.isWhitespace }
    var result = line
    if name == old { result.replaceSubrange(name.startIndex..<name.endIndex, with: new) }
    return movingHome(in: result)
  }

  /// `line` of sudoers(5) whose first field, the users that the rule is for, names the user or its group.
  func sudoersLine(_ line: String) -> String {
    guard let first = line.first, first != "#", first != "@", !first.isWhitespace else { return line }
    let field = line.prefix { !$0.isWhitespace && $0 != "=" }
    let names = field.split(separator: ",", omittingEmptySubsequences: false).map { name in
      if name == old { return new }
      return name == "%\(old)" && renamesGroup ? "%\(new)" : String(name)
    }
    return "\(names.joined(separator: ","))\(line[field.endIndex...])"
  }

  /// Whether `line` names the old home, or the user where only a user can stand.
  func isNamed(in line: String) -> Bool {
    guard let first = line.trimmed.first, first != "#", first != ";" else { return false }
    return unitLine(line) != line
  }

  private static func isInName(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-.".contains(character)
  }
}
