import Bytes
import Recipe

/// /etc/wpa_supplicant/wpa_supplicant.conf: global settings, and a block for each network.
struct SupplicantFile {
  /// The file.
  private(set) var file: TextFile

  /// The file that `text` is; nil: one with what Raspberry Pi OS's own has.
  init(_ text: TextFile?) {
    file = text ?? TextFile(text: "ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev\nupdate_config=1\n")
  }

  /// Sets the country, in place of one that is there.
  mutating func set(country: CountryCode) {
    let network = file.firstIndex { $0.trimmed.hasPrefix("network=") }
    if let line = file.firstIndex(where: { $0.trimmed.hasPrefix("country=") }) {
      file[line] = "country=\(country)"
    } else if let network {
      file.insert("country=\(country)", before: network)
    } else {
      file.append("country=\(country)")
    }
  }

  /// Adds `networks`, in place of those of their names that are there.
  mutating func set(_ networks: [WLANSettings]) {
    let names = Set(networks.map(\.ssid.bytes))
    var removed: Set<Int> = []
    var block: [Int] = []
    var name: [UInt8]?
    for index in file.indices {
      let line = file[index].trimmed
      if line.hasPrefix("network=") { (block, name) = ([], nil) }
      block.append(index)
      if line.hasPrefix("ssid=") { name = SupplicantFile.name(line.dropFirst(5)) }
      if line == "}", name.map(names.contains) == true { removed.formUnion(block) }
      if line == "}" { (block, name) = ([], nil) }
    }
    file.removeLines(removed)
    for line in networks.flatMap({ SupplicantNetwork($0).lines }) { file.append(line) }
  }

  /// The name that a value of `ssid` is: a string in quotation marks, or hexadecimal digits.
  private static func name(_ value: Substring) -> [UInt8]? {
    if value.hasPrefix("\""), let end = value.dropFirst().lastIndex(of: "\"") {
      return Array(value[value.index(after: value.startIndex)..<end].utf8)
    }
    return [UInt8](hex: value)
  }
}
