import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Adds the names of `[hosts]` to /etc/hosts, in a block that the next run replaces. `setHostname` comes before it.
  mutating func editHosts(_ settings: HostsSettings) throws(RaspberryPiOSError) {
    guard !settings.entries.isEmpty else { return }
    for entry in settings.entries { try NodeSystem.check(entry) }
    var hosts = try root.text(at: "etc/hosts") ?? TextFile()
    OwnBlock.remove(from: &hosts)
    var known = hosts.indices.compactMap { HostsLine(hosts[$0], number: $0 + 1) }
    var lines: [String] = []
    for entry in settings.entries {
      let address = IPAddress.withoutZone(entry.address)
      var names: [String] = []
      for name in entry.names where !names.contains(where: { HostsLine.isSame($0, name) }) {
        let lines = known.filter { $0.has(name) }
        if lines.contains(where: { $0.address == address }) { continue }
        // An address of the other family is asked for by another question.
        if let other = lines.first(where: { $0.address.family == address?.family }) {
          warn("[hosts] \(name): \(other.place) gives it another address, which programs find first", at: entry.place)
        }
        names.append(name)
      }
      guard !names.isEmpty else { continue }
      let line = "\(entry.address)\t\(names.joined(separator: " "))"
      lines.append(line)
      if let line = HostsLine(line, number: nil) { known.append(line) }
    }
    if !lines.isEmpty { OwnBlock.append(lines, to: &hosts) }
    try root.write(hosts.bytes, to: "etc/hosts", time: time)
  }

  private static func check(_ entry: HostsSettings.Entry) throws(RaspberryPiOSError) {
    guard let address = IPAddress.withoutZone(entry.address), entry.address.words == [entry.address] else {
      throw .recipe(
        "[hosts] \"\(entry.address.printable)\": expected an IPv4 or IPv6 address", place: entry.place)
    }
    if address.bytes == [127, 0, 1, 1] {
      throw .recipe(
        "[hosts] 127.0.1.1 has the node's own name", place: entry.place, hint: "[system] hostname sets it")
    }
    for name in entry.names {
      guard name.words == [name], !name.contains("#") else {
        throw .recipe("[hosts] \"\(name.printable)\": expected a host name", place: entry.place)
      }
    }
  }
}

extension IPAddress {
  /// The address that `text` spells, a zone such as "%eth0" left out; nil if it spells none.
  fileprivate static func withoutZone(_ text: String) -> IPAddress? { IPAddress(String(text.prefix { $0 != "%" })) }
}

/// A line of hosts(5) with an address.
private struct HostsLine {
  let address: IPAddress
  let names: [String]
  /// "/etc/hosts:3", or the table of the recipe.
  let place: String

  /// The line `text` with this number, from 1; nil if it has no address.
  init?(_ text: String, number: Int?) {
    let words = text.prefix { $0 != "#" }.words
    guard let first = words.first, let address = IPAddress.withoutZone(first) else { return nil }
    self.address = address
    names = Array(words.dropFirst())
    place = number.map { "/etc/hosts:\($0)" } ?? "another entry"
  }

  func has(_ name: String) -> Bool { names.contains { HostsLine.isSame($0, name) } }

  /// Compares names as resolvers do, without regard to case.
  static func isSame(_ one: String, _ other: String) -> Bool { one.lowercased() == other.lowercased() }
}
