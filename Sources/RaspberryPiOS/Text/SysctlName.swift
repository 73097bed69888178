import Bytes

/// A parameter of the kernel by its path below /proc/sys, such as "net/ipv4/conf/eth0.1/forwarding".
struct SysctlName: Hashable {
  let path: String

  /// Why a text is no name: the end of a sentence.
  struct Problem: Error {
    let message: String
  }

  /// Reads a name as sysctl.d(5) does: the first "." or "/" is the separator. After a ".", "/" stands for a "." within a
  /// part.
  ///
  /// - Throws: `Problem`, also for a leading "-" and for patterns, which sysctl.d(5) allows.
  init(_ text: String) throws(Problem) {
    if text.hasPrefix("-") { throw Problem(message: "begins with -, which would hide that it cannot be set") }
    if text.contains(where: { "*?[]".contains($0) }) { throw Problem(message: "is a pattern; name each parameter") }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), !text.contains(where: { "=#;\\".contains($0) }) else {
      throw Problem(message: "has a character that no parameter has")
    }
    let usesDots = text.first { $0 == "." || $0 == "/" } == "."
    let path = usesDots ? String(text.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 }) : text
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw Problem(message: "is no name such as \"net.ipv4.ip_forward\"")
    }
    self.path = path
  }

  /// The parameter that a line of a file sets; nil if it sets none, or those of a pattern.
  init?(line: String) {
    let line = line.drop { $0.isWhitespace || $0 == "-" }
    guard let equals = line.firstIndex(of: "="), let name = try? SysctlName(String(line[..<equals]).trimmed) else {
      return nil
    }
    self = name
  }
}
