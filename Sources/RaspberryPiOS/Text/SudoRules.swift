import Bytes
import FileTree

/// Who may run everything as root by sudoers(5), as far as rules name users and groups. Aliases and netgroups are taken
/// for everybody: a check on these rules must not refuse what it cannot read.
struct SudoRules {
  enum Permission: Comparable {
    case withPassword, withoutPassword
  }

  private var rules: [(subject: String, permission: Permission)] = []

  /// The rules of /etc/sudoers, or Debian's own where there is none, and of the files of /etc/sudoers.d.
  init(_ root: FileTree) throws(RaspberryPiOSError) {
    let debian = TextFile(text: "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n")
    add(try root.text(at: "etc/sudoers") ?? debian)
    let folder: TreePath = "etc/sudoers.d"
    // sudo passes over names with a dot or a tilde at the end.
    for name in root.names(in: folder) where !"\(name)".contains(".") && !"\(name)".hasSuffix("~") {
      if let file = try root.text(at: folder.appending(name)) { add(file) }
    }
  }

  /// What the user may do; nil if no rule lets it become root.
  func permission(of user: String, groups: [String]) -> Permission? {
    let subjects = Set([user, "ALL"] + groups.map { "%\($0)" })
    return rules.filter { subjects.contains($0.subject) || SudoRules.isOpaque($0.subject) }.map(\.permission).max()
  }

  private mutating func add(_ file: TextFile) {
    var line = ""
    for index in file.indices {
      line += file[index]
      if line.hasSuffix("\\") {
        line.removeLast()
        continue
      }
      addRule(line)
      line = ""
    }
  }

  private mutating func addRule(_ line: String) {
    // `#` begins a comment, except before a number, which is a uid.
    guard let first = line.trimmed.first, first != "#", first != "@", let equals = line.firstIndex(of: "=") else {
      return
    }
    let head = line[..<equals].words
    guard head.count >= 2, !head[0].hasPrefix("Defaults"), !head[0].hasSuffix("_Alias") else { return }
    let command = line[line.index(after: equals)...]
    // What may be run as root stands last: ALL, or a list that ends in it.
    guard
      command.trimmed == "ALL" || command.trimmed.hasSuffix(" ALL") || command.hasSuffix(":ALL")
        || command.hasSuffix(")ALL") || command.hasSuffix(",ALL")
    else { return }
    let permission: Permission = command.contains("NOPASSWD:") ? .withoutPassword : .withPassword
    for subject in head.dropLast().joined().split(separator: ",") { rules.append((String(subject), permission)) }
  }

  private static func isOpaque(_ subject: String) -> Bool {
    guard let first = subject.first, subject != "ALL" else { return false }
    return first == "+" || first == "#" || first == "!" || subject.hasPrefix("%#")
      || subject.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" }
  }
}
