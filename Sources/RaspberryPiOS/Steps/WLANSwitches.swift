import Bytes
import FileTree
import Recipe

// The switches that keep the radio off until a country is set.
extension NodeSystem {
  /// Turns the radio on, as raspi-config's do_wifi_country does beside editing the command line.
  mutating func unblockWLAN(_ settings: NetworkSettings) throws(RaspberryPiOSError) {
    // systemd-rfkill restores these states; NetworkManager then applies its own to the interfaces that it manages.
    let folder: TreePath = "var/lib/systemd/rfkill"
    for name in root.names(in: folder) where name.bytes.suffix(5).elementsEqual(":wlan".utf8) {
      try root.write("0\n", to: folder.appending(name), time: time)
    }
    try edit("var/lib/NetworkManager/NetworkManager.state") { file throws(RaspberryPiOSError) in
      file.setWirelessEnabled()
    }
    guard let country = settings.country else { return }
    try edit("etc/default/crda") { file throws(RaspberryPiOSError) in
      file.set("REGDOMAIN=\(country)") { $0.hasPrefix("REGDOMAIN=") }
    }
  }
}

extension TextFile {
  /// Sets WirelessEnabled of the section [main] to true; other keys stay.
  fileprivate mutating func setWirelessEnabled() {
    let line = "WirelessEnabled=true"
    if let index = firstIndex(where: { $0.trimmed.hasPrefix("WirelessEnabled") }) {
      self[index] = line
    } else if let main = firstIndex(where: { $0.trimmed == "[main]" }) {
      if main + 1 < indices.upperBound { insert(line, before: main + 1) } else { append(line) }
    } else {
      append("[main]")
      append(line)
    }
  }
}
