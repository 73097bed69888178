import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Writes the recipe's networks for the program that configures the image's network.
  ///
  /// The command line is not touched: it needs `NetworkSettings.regulatoryParameter`. Goes before `configureCloudInit`.
  mutating func editNetwork(_ settings: NetworkSettings) throws(RaspberryPiOSError) {
    guard !settings.wlan.isEmpty || !settings.ethernet.isEmpty else { return }
    try checkNetwork(settings)
    if !settings.wlan.isEmpty, !root.has("usr/sbin/wpa_supplicant"), !root.has("usr/libexec/iwd") {
      warn("[wlan]: the image has no wpa_supplicant, without which no network is joined")
    }
    switch try NetworkStack.of(root) {
    case .networkManager?: try writeProfiles(settings)
    case .netplan(let renderer)?: try writeNetplan(settings, for: renderer)
    case .dhcpcd?: try writeDhcpcd(settings)
    case nil:
      throw .unsupported(
        "the image has none of NetworkManager, netplan and dhcpcd, one of which [wlan] and [ethernet] need")
    }
    try silenceSeededNetwork()
    if !settings.wlan.isEmpty { try unblockWLAN(settings) }
  }

  /// Holds `network: {config: disabled}`, with which cloud-init leaves the network alone.
  static let seededNetworkSwitch: TreePath = "etc/cloud/cloud.cfg.d/99_zz_pibake_network.cfg"

  /// Keeps cloud-init from writing the network of its seed, or its fallback, and removes the file that it has written:
  /// netplan would merge it with the recipe's.
  private mutating func silenceSeededNetwork() throws(RaspberryPiOSError) {
    if try root.removeIfPresent(NetplanFiles.ofCloudInit) {
      warn(
        "/\(NetplanFiles.ofCloudInit) is removed: cloud-init made it of its seed, and the recipe says another network")
    }
    guard StockImage.hasCloudInit(root) else { return }
    try root.write(
      "# Written by pibake: the network is the recipe's.\nnetwork:\n  config: disabled\n",
      to: NodeSystem.seededNetworkSwitch, time: time)
  }

  /// Writes a file that may hold secrets: only root can read it, whatever was at `path` before.
  mutating func writePrivate(_ bytes: [UInt8], to path: TreePath) throws(RaspberryPiOSError) {
    if let old = root.inode(at: path, followingLast: false), case .file = old.body, old.mode == 0o600, old.uid == 0,
      old.gid == 0, try root.bytes(at: path) == bytes
    {
      return
    }
    let inode = Inode(mode: 0o600, time: time, body: .file(FileContent(bytes: bytes)))
    try root.put(inode, at: path, followingLast: false, makingFolders: time)
  }
}
