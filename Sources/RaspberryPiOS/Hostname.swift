import FileTree
import Recipe

extension NodeSystem {
  /// Writes /etc/hostname, and in /etc/hosts the line of 127.0.1.1 in the shape that raspi-config looks for.
  mutating func setHostname() throws(RaspberryPiOSError) {
    let name = recipe.system.hostname.description
    let old = try root.firstLine(of: "etc/hostname")
    try root.write("\(name)\n", to: "etc/hostname", time: time)
    var hosts = try root.text(at: "etc/hosts") ?? TextFile(text: "127.0.0.1\tlocalhost\n::1\t\tlocalhost\n")
    if let index = hosts.firstIndex(where: { $0.words.first == "127.0.1.1" }) {
      hosts[index] = NodeSystem.renaming(hosts[index], from: old, to: name)
    } else {
      hosts.append("127.0.1.1\t\t\(name)")
    }
    try root.write(hosts.bytes, to: "etc/hosts", time: time)
  }

  /// The line with the word `old` replaced; where it is not, with all names replaced. White space stays.
  private static func renaming(_ line: String, from old: String?, to name: String) -> String {
    let address = line.drop { $0.isWhitespace }
    let names = address.drop { !$0.isWhitespace }.drop { $0.isWhitespace }
    guard !names.isEmpty else { return "127.0.1.1\t\t\(name)" }
    let kept = names.words.contains(old ?? "") ? names.words.map { $0 == old ? name : $0 }.joined(separator: " ") : name
    return line[..<names.startIndex] + kept
  }
}
