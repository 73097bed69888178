/// The options before a key in authorized_keys, as sshauthopt_parse of OpenSSH reads them.
enum KeyOptions {
  private static let flags = ["restrict", "cert-authority"]
  private static let negatableFlags = [
    "port-forwarding", "agent-forwarding", "x11-forwarding", "touch-required", "verify-required", "pty", "user-rc",
  ]
  private static let values = [
    "command", "principals", "from", "expiry-time", "environment", "permitopen", "permitlisten", "tunnel",
  ]
  /// sshd refuses a line that gives one of these twice.
  private static let onlyOnce = ["command", "principals", "from"]

  /// Where the options of `line` end: at the first blank outside of quotes; nil if a quote is not closed.
  static func end(in line: ArraySlice<UInt8>) -> Int? {
    var index = line.startIndex
    var isQuoted = false
    while index < line.endIndex, isQuoted || line[index] != 0x20 && line[index] != 0x09 {
      if line[index] == UInt8(ascii: "\\"), line[index...].dropFirst().first == UInt8(ascii: "\"") {
        index += 1
      } else if line[index] == UInt8(ascii: "\"") {
        isQuoted.toggle()
      }
      index += 1
    }
    return isQuoted ? nil : index
  }

  /// Why sshd would pass over a line with these options; nil if it would not.
  static func problem(in options: ArraySlice<UInt8>) -> String? {
    var rest = options
    var seen: Set<String> = []
    var isAuthority = false
    while !rest.isEmpty {
      if !takeFlag(&rest, isAuthority: &isAuthority) {
        guard let name = values.first(where: { takePrefix("\($0)=", &rest) }) else { return "unknown option" }
        guard let value = takeQuoted(&rest) else { return "the value of \(name) does not stand in quotes" }
        if !seen.insert(name).inserted, onlyOnce.contains(name) { return "\(name) is given twice" }
        if !isValid(String(decoding: value, as: UTF8.self), of: name) { return "the value of \(name) is wrong" }
      }
      if rest.isEmpty { break }
      guard rest.removeFirst() == UInt8(ascii: ",") else { return "unknown option" }
    }
    return seen.contains("principals") && !isAuthority ? "principals is for cert-authority alone" : nil
  }

  private static func takeFlag(_ rest: inout ArraySlice<UInt8>, isAuthority: inout Bool) -> Bool {
    if let flag = flags.first(where: { takePrefix($0, &rest) }) {
      isAuthority = isAuthority || flag == "cert-authority"
      return true
    }
    var positive = rest
    _ = takePrefix("no-", &positive)
    guard negatableFlags.contains(where: { takePrefix($0, &positive) }) else { return false }
    rest = positive
    return true
  }

  /// Takes `prefix` off `rest`, letters of either case alike.
  private static func takePrefix(_ prefix: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
    let head = rest.prefix(prefix.utf8.count)
    guard head.map({ (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }).elementsEqual(prefix.utf8) else { return false }
    rest = rest.dropFirst(prefix.utf8.count)
    return true
  }

  /// Takes a value in double quotes off `rest`; `\"` is a quote in it.
  private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard rest.first == UInt8(ascii: "\"") else { return nil }
    var tail = rest.dropFirst()
    var value: [UInt8] = []
    while let byte = tail.popFirst() {
      if byte == UInt8(ascii: "\"") {
        rest = tail
        return value
      }
      if byte == UInt8(ascii: "\\"), tail.first == UInt8(ascii: "\""), let quote = tail.popFirst() {
        value.append(quote)
      } else {
        value.append(byte)
      }
    }
    return nil
  }

  private static func isValid(_ value: String, of name: String) -> Bool {
    switch name {
    case "expiry-time": isTime(value)
    case "environment": value.wholeMatch(of: /[A-Za-z0-9_]*=.*/) != nil
    case "permitopen": isHostAndPort(value)
    case "permitlisten": isHostAndPort(value.contains(":") ? value : "*:\(value)")
    case "tunnel": value.lowercased() == "any" || Int(value).map { (0...0x7FFF_FFFD).contains($0) } ?? false
    default: true
    }
  }

  /// YYYYMMDD[HHMM[SS]], with Z or UTC or without.
  private static func isTime(_ text: String) -> Bool {
    guard let match = text.wholeMatch(of: /([0-9]{4})([0-9]{2})([0-9]{2})(([0-9]{2})([0-9]{2})([0-9]{2})?)?(Z|UTC)?/),
      let month = Int(match.2), let day = Int(match.3)
    else { return false }
    let clock = [match.5.flatMap { Int($0) } ?? 0, match.6.flatMap { Int($0) } ?? 0, match.7.flatMap { Int($0) } ?? 0]
    return (1...12).contains(month) && (1...31).contains(day) && clock[0] <= 23 && clock[1] <= 59 && clock[2] <= 60
  }

  /// A host, which may stand in brackets, and a port: a number, a service's name, or `*`.
  private static func isHostAndPort(_ text: String) -> Bool {
    guard let match = text.wholeMatch(of: /(\[[^\]]*\]|[^:\[]*):([0-9A-Za-z\-]+|\*)/) else { return false }
    guard let first = match.2.first, first.isNumber else { return true }
    return Int(match.2).map { (1...65535).contains($0) } ?? false
  }
}
