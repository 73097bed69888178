import FileTree
import Recipe

extension NodeSystem {
  /// Writes /etc/hostname, and in /etc/hosts the line of 127.0.1.1 in the shape that raspi-config looks for.
  mutating func setHostname() throws(RaspberryPiOSError) {
    let name = recipe.system.hostname.description
    let old = try root.firstLine(of: "etc/hostname")
    try root.write("\(name)\n", to: "etc/hostname", time: time)
    var hosts = try root.text(at: "etc/hosts") ?? TextFile(text: "127.0.0.1\tlocalhost\n::1\t\tlocalhost\n")
    let own = hosts.indices.filter { hosts[$0].words.first == "127.0.1.1" }
    for index in own { hosts[index] = NodeSystem.renaming(hosts[index], from: old, to: name) }
    if own.isEmpty { hosts.append("127.0.1.1\t\t\(name)") }
    try root.write(hosts.bytes, to: "etc/hosts", time: time)
  }

  /// The line with every name of `old` replaced by the same of `name`, its domain kept; where no name is old's, with
  /// `name` for all names. White space and a comment stay.
  private static func renaming(_ line: String, from old: String?, to name: String) -> String {
    let comment = line.firstIndex(of: "#") ?? line.endIndex
    let entry: Substring = line[..<comment]
    let address: Substring = entry.drop { $0.isWhitespace }
    let gap: Substring = address.drop { !$0.isWhitespace }
    let names: Substring = gap.drop { $0.isWhitespace }
    guard !names.isEmpty, let old, !old.isEmpty else { return "127.0.1.1\t\t\(name)" }
    var kept = ""
    var isOld = false
    var isName = false
    var rest = names
    while !rest.isEmpty {
      let blanks = rest.prefix { $0.isWhitespace }
      let word = rest.dropFirst(blanks.count).prefix { !$0.isWhitespace }
      rest = rest.dropFirst(blanks.count + word.count)
      let isItself = word.lowercased() == old.lowercased()
      let renames = isItself || word.lowercased().hasPrefix("\(old.lowercased()).")
      isOld = isOld || renames
      isName = isName || isItself || word == name
      kept += blanks
      kept += renames ? "\(name)\(word.dropFirst(old.count))" : word
    }
    let end = kept.reversed().prefix { $0.isWhitespace }.count
    if !isOld, !isName { kept = name + String(kept.suffix(end)) }
    // The bare name is what a host looks itself up by.
    if isOld, !isName { kept = "\(kept.dropLast(end)) \(name)\(kept.suffix(end))" }
    return "\(line[..<names.startIndex])\(kept)\(line[comment...])"
  }
}
