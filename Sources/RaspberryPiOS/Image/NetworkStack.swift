import Bytes
import FileTree

/// The program that configures an image's network.
enum NetworkStack: Sendable, Equatable {
  /// NetworkManager reads its own key files: Raspberry Pi OS since Bookworm.
  case networkManager
  /// netplan, which generates files for another program from its YAML: Ubuntu.
  case netplan(Renderer)
  /// dhcpcd, which starts wpa_supplicant: Raspberry Pi OS to Bullseye.
  case dhcpcd

  /// The program for which netplan generates files.
  enum Renderer: String, Sendable {
    case networkd
    case networkManager = "NetworkManager"
  }

  /// The program that configures the network of `root`; nil if pibake knows none of it.
  ///
  /// Trixie has NetworkManager and netplan: NetworkManager reads its own key files and those that netplan generates. If
  /// a file of netplan describes interfaces, a key file would compete with it, or be ignored because NetworkManager does
  /// not manage the interface; such an image gets a file of netplan.
  static func of(_ root: FileTree) throws(RaspberryPiOSError) -> NetworkStack? {
    let hasManager = root.has("usr/sbin/NetworkManager")
    // An initramfs may have brought dhcpcd's program without its service.
    let runsDhcpcd = root.isUnitEnabled("dhcpcd.service") || root.isUnitEnabled("dhcpcd5.service")
    let isManaging = hasManager && (!runsDhcpcd || root.isUnitEnabled("NetworkManager.service"))
    // The generator and the command: two packages in Trixie.
    if root.has("usr/lib/systemd/system-generators/netplan") || root.has("usr/sbin/netplan") {
      let files = try NetplanFiles(root)
      if !isManaging { return .netplan(.networkd) }
      let isUbuntu = try root.text(at: "etc/os-release")?.value(of: "ID") == "ubuntu"
      if isUbuntu || files.describesInterfaces { return .netplan(files.renderer ?? .networkd) }
    }
    if isManaging { return .networkManager }
    return runsDhcpcd ? .dhcpcd : nil
  }
}

/// The parts of netplan's YAML files that decide which program configures an interface.
struct NetplanFiles {
  /// The renderer of the last file that names one; nil if none does, which means networkd.
  let renderer: NetworkStack.Renderer?
  /// Whether a file other than cloud-init's own describes interfaces.
  let describesInterfaces: Bool

  /// The file that cloud-init writes on a first start, out of its seed.
  static let ofCloudInit: TreePath = "etc/netplan/50-cloud-init.yaml"

  private static let kinds = [
    "ethernets", "wifis", "bonds", "bridges", "vlans", "modems", "tunnels", "vrfs", "nm-devices", "dummy-devices",
  ]

  init(_ root: FileTree) throws(RaspberryPiOSError) {
    var paths: [Name: TreePath] = [:]
    // A file of /etc takes the place of one of its name.
    for folder: TreePath in ["usr/lib/netplan", "etc/netplan"] {
      for name in root.names(in: folder) where name.bytes.suffix(5).elementsEqual(".yaml".utf8) {
        paths[name] = folder.appending(name)
      }
    }
    var renderer: NetworkStack.Renderer?
    var describes = false
    for (_, path) in paths.sorted(by: { $0.key < $1.key }) {
      guard let file = try root.text(at: path) else { continue }
      for index in file.indices {
        let line = file[index].prefix { $0 != "#" }
        if let colon = line.firstRange(of: "renderer:") {
          let word = line[colon.upperBound...].trimmed.prefix { $0.isLetter }
          renderer = NetworkStack.Renderer(rawValue: String(word)) ?? renderer
        }
        if path != NetplanFiles.ofCloudInit {
          describes = describes || NetplanFiles.kinds.contains { line.contains("\($0):") }
        }
      }
    }
    self.renderer = renderer
    describesInterfaces = describes
  }
}
