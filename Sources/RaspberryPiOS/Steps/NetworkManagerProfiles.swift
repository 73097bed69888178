import Bytes
import FileTree
import Recipe

// NetworkManager's profiles: a key file each, which it ignores if others than root may read it.
extension NodeSystem {
  /// Writes a profile for each network. Their UUIDs derive from the node's identity.
  mutating func writeProfiles(_ settings: NetworkSettings) throws(RaspberryPiOSError) {
    for network in settings.wlan {
      // A name that is not the SSID itself is made unique by the UUID, which is the SSID's.
      let uuid = connectionUUID("wlan \(network.ssid.bytes.hex)")
      let word = network.ssid.plainText.map { String($0.map { $0 == " " ? "-" : $0 }) }
      let isExact = word != nil && word == network.ssid.text
      let suffix = isExact ? "" : "-\(uuid.description.prefix(8))"
      try write(Keyfile(network, uuid: uuid), named: "wlan-\(word ?? "network")\(suffix)")
    }
    for interface in settings.ethernet {
      let name = interface.connectionName
      let uuid = connectionUUID(name)
      try write(Keyfile(interface, id: name, uuid: uuid), named: name)
      guard case .bond(_, _, let members) = interface.link else { continue }
      for member in members {
        let port = "port-\(member)"
        try write(Keyfile(member: member, of: uuid, id: port, uuid: connectionUUID(port)), named: port)
      }
    }
  }

  private func connectionUUID(_ label: String) -> UUID { UUID(name: "connection \(label)", in: identity.rootUUID) }

  private mutating func write(_ profile: Keyfile, named name: String) throws(RaspberryPiOSError) {
    let path = TreePath("etc/NetworkManager/system-connections").appending(text: "\(name).nmconnection")
    try writePrivate(Array(profile.text.utf8), to: path)
  }
}

extension EthernetSettings {
  /// What the profile of the interface is called: without a name of its own, it is the only one.
  fileprivate var connectionName: String {
    let kind =
      switch link {
      case .port: "ethernet"
      case .vlan: "vlan"
      case .bond: "bond"
      }
    return name.map { "\(kind)-\($0)" } ?? kind
  }
}
