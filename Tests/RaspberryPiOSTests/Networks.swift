import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport

@testable import RaspberryPiOS

/// A wireless network of a recipe: a passphrase, country AT, and what `change` adds.
func wlan(
  _ ssid: String, password: String = "secret of it", _ change: (inout WLANSettings) -> Void = { _ in }
) throws -> WLANSettings {
  try wlan(bytes: Array(ssid.utf8), password: password, change)
}

/// The same for a name of any bytes.
func wlan(
  bytes: [UInt8], password: String = "secret of it", _ change: (inout WLANSettings) -> Void = { _ in }
) throws -> WLANSettings {
  guard let ssid = SSID(bytes) else { throw NoSuchName() }
  var network = WLANSettings(
    ssid: ssid, security: .wpaPSK(.passphrase(try passphrase(password))), country: CountryCode("AT"),
    place: RecipePlace(file: "nog.toml", line: 7, column: 1))
  change(&network)
  return network
}

func passphrase(_ text: String) throws -> Passphrase {
  guard let phrase = Passphrase(Secret(text)) else { throw NoSuchName() }
  return phrase
}

/// A wired interface of a recipe.
func ethernet(
  _ method: EthernetSettings.Method = .manual, _ addresses: [String] = [], link: EthernetSettings.Link = .port(nil),
  gateways: [String] = [], _ change: (inout EthernetSettings) -> Void = { _ in }
) -> EthernetSettings {
  var interface = EthernetSettings(
    link: link, method: method, addresses: addresses.compactMap(NetworkAddress.init),
    gateways: gateways.compactMap(IPAddress.init), place: RecipePlace(file: "nog.toml", line: 8, column: 1))
  change(&interface)
  return interface
}

extension InterfaceName {
  static func port(_ name: String) throws -> InterfaceName {
    guard let name = InterfaceName(name) else { throw NoSuchName() }
    return name
  }
}

/// Names that some reader takes for something else.
let oddNames: [[UInt8]] =
  [
    "plain", "Two Words", "two-words", "a.b_c", "😀☃", "👩‍👩‍👧", "Ünïcode", " leading", "trailing ", " ", "semi;colon;", ";",
    "back\\slash\\", "\\s\\n", "\"quoted\"", "'single'", "#hash", "a#b", "[section]", "key=value", "5", "65;66;",
    "0x41",
    "true", "null", "~", "a: b", "- a", "{a}", "%41", "$HOME", "`id`", "../../etc/x", ".hidden", "tab\tname",
    "line\nend",
    "same name", "same-name", "\u{7f}", "\u{85}\u{2028}", String(repeating: "x", count: 32),
  ].map { Array($0.utf8) } + [
    [0xFF], [0xFF, 0xFE, 0x41], [0], [0x41, 0], [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xC3, count: 32),
    Array("Latin \u{E4}".unicodeScalars.map { UInt8($0.value) }),
  ]

/// Names of arbitrary bytes, and of characters that mean something to some reader: the same at every run.
let randomNames: [[UInt8]] = {
  var state: UInt64 = 42
  func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
  let special = Array("\"\\#;'=[]{}:, s1aé😀".unicodeScalars).map { Array(String($0).utf8) }
  let names = (0..<120).map { index in
    let length = 4 + next(29)
    if index.isMultiple(of: 3) { return (0..<length).map { _ in UInt8(next(256)) } }
    var name: [UInt8] = []
    while name.count + 4 <= length { name += special[next(special.count)] }
    return name
  }
  return Array(Set(names).subtracting(oddNames).subtracting([[]])).sorted { $0.lexicographicallyPrecedes($1) }
}()

/// Passphrases that some reader takes for something else.
let oddPasswords = [
  " both ends ", "        ", "hash#hash#", "#######hash", "equals==", "\"quoted\"", "quote\"inside", "\"# breaks out",
  "a \"b\" #c", "$dollar$$", "back\\slash\\", "\\s\\t\\n\\x", "semi;colon;", "[section]", "'single' ", "{{a}}: b",
  "0123456789", String(repeating: "~", count: 63), "psk=\"x\"y",
]

/// What programs that configure networks are in an image beside what every image has.
enum Manager {
  case networkManager, netplan, netplanWithManager, dhcpcd
}

extension StockTrees {
  /// An image whose network `manager` configures, before anybody has let its radio on.
  init(network manager: Manager) throws {
    try self.init(manager == .networkManager ? .bookworm : .trixie)
    try put("usr/share/zoneinfo/iso3166.tab", "# codes\nAT\tAustria\nDE\tGermany\nGB\tBritain (UK)\n")
    for chip in ["3f300000", "fe300000"] {
      try put(TreePath("var/lib/systemd/rfkill").appending(text: "platform-\(chip).mmcnr:wlan"), "1\n")
    }
    try put("var/lib/systemd/rfkill/platform-soc:bluetooth", "1\n")
    try put("usr/sbin/wpa_supplicant", "\u{7f}ELF", mode: 0o755)
    if manager == .networkManager || manager == .netplanWithManager {
      try put("usr/sbin/NetworkManager", "\u{7f}ELF", mode: 0o755)
      try put("var/lib/NetworkManager/NetworkManager.state", "[main]\nNetworkingEnabled=true\nWirelessEnabled=false\n")
    }
    if manager == .netplan || manager == .netplanWithManager {
      try put("usr/sbin/netplan", "#!/usr/bin/python3\n", mode: 0o755)
      try put("usr/lib/os-release", "NAME=\"Ubuntu\"\nID=ubuntu\nVERSION_ID=\"24.04\"\n")
      try put("var/lib/dpkg/status", "Package: netplan.io\nStatus: install ok installed\nVersion: 0.106-2+deb12u1\n\n")
    }
    if manager == .netplanWithManager {
      try put("usr/lib/netplan/00-network-manager-all.yaml", "network:\n  version: 2\n  renderer: NetworkManager\n")
    }
    if manager == .dhcpcd {
      try put("usr/sbin/dhcpcd", "\u{7f}ELF", mode: 0o755)
      try link("etc/systemd/system/multi-user.target.wants/dhcpcd.service", "/lib/systemd/system/dhcpcd.service")
      try put("etc/dhcpcd.conf", "hostname\npersistent\nslaac private\n")
      try put(
        "etc/wpa_supplicant/wpa_supplicant.conf",
        "ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev\nupdate_config=1\n", mode: 0o600)
    }
  }

  /// The trees after the network step of `settings`, and the warnings.
  func applying(
    _ settings: NetworkSettings, to recipe: NodeRecipe
  ) throws -> (trees: StockTrees, warnings: [String]) {
    let identity = NodeIdentity(recipe)
    let topology = try Topology(recipe, identity: identity)
    var system = NodeSystem(
      boot: boot, root: root, recipe: recipe, identity: identity, topology: topology,
      bootMountPoint: "boot/firmware", release: 12, stock: StockLayout(),
      references: StockReferences(StockLayout(), boot: nil, root: nil, disks: []), time: StockTrees.time,
      importing: { _ in throw NoSuchName() }, commandLines: ["cmdline.txt"])
    try system.editNetwork(settings)
    var trees = self
    trees.boot = system.boot
    trees.root = system.root
    return (trees, system.warnings.map(\.description))
  }

  /// The root after the network step of a node with a disk of its own.
  func networked(wlan: [WLANSettings] = [], ethernet: [EthernetSettings] = []) throws -> FileTree {
    try applying(NetworkSettings(wlan: wlan, ethernet: ethernet), to: recipe()).trees.root
  }

  /// What the network step says is wrong.
  func refusal(
    wlan: [WLANSettings] = [], ethernet: [EthernetSettings] = [], recipe node: NodeRecipe? = nil
  ) throws -> String {
    do {
      _ = try applying(NetworkSettings(wlan: wlan, ethernet: ethernet), to: node ?? recipe())
      return "nothing"
    } catch let error as RaspberryPiOSError {
      return error.said + (error.hint.map { " (\($0))" } ?? "")
    }
  }
}

/// Values that another program has read, in its order.
struct ReadValues {
  /// Names and values, with strings and bytes as hexadecimal digits after `x`.
  var entries: [(key: String, value: String)] = []

  /// The value of `key`; nil if there is none.
  subscript(key: String) -> String? { entries.first { $0.key == key }?.value }

  /// The bytes that `key` has; nil if it has none.
  func bytes(_ key: String) -> [UInt8]? {
    self[key].flatMap { $0.hasPrefix("x") ? [UInt8](hex: $0.dropFirst()) : nil }
  }

  /// The text that `key` has; nil if it has none.
  func text(_ key: String) -> String? { bytes(key).map { String(decoding: $0, as: UTF8.self) } }
}
