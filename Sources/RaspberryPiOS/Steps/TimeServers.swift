import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Names the NTP servers, and switches the client that asks them on or off, where the recipe says so.
  mutating func editTime(_ settings: TimeSettings) throws(RaspberryPiOSError) {
    if !settings.servers.isEmpty { try setTimeServers(settings) }
    guard let isOn = settings.ntp else { return }
    let units = ["systemd-timesyncd.service", "chrony.service"].filter { root.unitPath($0) != nil }
    if units.isEmpty, isOn {
      warn("[time] ntp = true is left out: the image has neither systemd-timesyncd nor chrony", at: settings.place)
    }
    for unit in units {
      if isOn { try root.enableUnit(unit, time: time) } else { try disable(unit) }
    }
  }

  private mutating func setTimeServers(_ settings: TimeSettings) throws(RaspberryPiOSError) {
    for server in settings.servers where !NodeSystem.isServer(server) {
      throw .recipe(
        "[time] servers: \"\(server.printable)\" is neither a host name nor an address", place: settings.place)
    }
    let hasTimesyncd = root.has("usr/lib/systemd/systemd-timesyncd")
    let hasChrony = root.has("usr/sbin/chronyd")
    if hasTimesyncd { try setTimesyncdServers(settings.servers) }
    if hasChrony { try setChronyServers(settings) }
    if !hasTimesyncd, !hasChrony {
      warn(
        "[time] servers are left out: the image has neither systemd-timesyncd nor chrony (packages of these names)",
        at: settings.place)
    }
  }

  /// timesyncd.conf(5): assignments add to the list, and an empty one drops what other files gave.
  private mutating func setTimesyncdServers(_ servers: [String]) throws(RaspberryPiOSError) {
    try root.write(
      "# Written by pibake.\n[Time]\nNTP=\nNTP=\(servers.joined(separator: " "))\n",
      to: "etc/systemd/timesyncd.conf.d/50-pibake.conf", time: time)
  }

  /// chrony.conf(5): Debian's `sourcedir` takes servers from files *.sources. The pool of chrony.conf stays beside them.
  private mutating func setChronyServers(_ settings: TimeSettings) throws(RaspberryPiOSError) {
    let configuration = try root.text(at: "etc/chrony/chrony.conf") ?? TextFile()
    if configuration.firstIndex(where: { $0.words.prefix(2) == ["sourcedir", "/etc/chrony/sources.d"] }) == nil {
      warn(
        "/etc/chrony/chrony.conf has no line \"sourcedir /etc/chrony/sources.d\": chrony does not see [time] servers",
        at: settings.place)
    }
    // prefer: without it chrony may choose a server of the pool.
    try root.write(
      "# Written by pibake.\n" + settings.servers.map { "server \($0) iburst prefer\n" }.joined(),
      to: "etc/chrony/sources.d/pibake.sources", time: time)
  }

  /// Whether `text` can be a host name or an address: no other byte may stand in the two files.
  private static func isServer(_ text: String) -> Bool {
    guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"): true
      default: false
      }
    }
  }
}
