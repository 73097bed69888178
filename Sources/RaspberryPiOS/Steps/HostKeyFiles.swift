import FileTree
import Recipe

import struct SystemPackage.FilePath

extension NodeSystem {
  /// Gives the server its keys, or makes sure that the node makes them on its first start.
  mutating func setHostKeys() throws(RaspberryPiOSError) {
    switch recipe.ssh.hostKeys {
    case .firstBoot:
      try removeHostKeys()
      try root.removeIfPresent(NodeSystem.hostKeyList)
      try makeKeysOnFirstStart()
    case .derived:
      guard recipe.fleetSeed != nil else {
        throw .recipe("[ssh] host_keys = \"derived\" needs a fleet seed: without one anybody could derive them")
      }
      let key = try HostKey(identity, hostname: recipe.system.hostname)
      try removeHostKeys()
      try root.write(key.privateFile, to: "etc/ssh/ssh_host_ed25519_key", mode: 0o600, time: time)
      try root.write("\(key.publicLine)\n", to: "etc/ssh/ssh_host_ed25519_key.pub", time: time)
      try keepKeys()
    case .folder(let folder):
      try copyHostKeys(from: folder)
      try keepKeys()
    }
  }

  /// Copies the `ssh_host_*` files of a folder of this machine, which may be readable there by others.
  private mutating func copyHostKeys(from folder: FilePath) throws(RaspberryPiOSError) {
    let (tree, id, _) = try imported(folder, place: nil)
    guard let top = tree.directory(tree.root), let directory = tree.directory(id) else {
      throw .recipe("[ssh] host_keys: \(folder) is no folder")
    }
    try removeHostKeys()
    var count = 0
    for entry in directory where entry.name.bytes.starts(with: "ssh_host_".utf8) {
      guard let bytes = try tree.bytes(at: TreePath([top[0].name, entry.name])) else { continue }
      let mode: UInt16 = entry.name.bytes.suffix(4).elementsEqual(".pub".utf8) ? 0o644 : 0o600
      try root.write(bytes, to: TreePath("etc/ssh").appending(entry.name), mode: mode, time: time)
      count += 1
    }
    guard count > 0 else { throw .recipe("[ssh] host_keys: \(folder) holds no ssh_host_* files") }
  }

  /// The paths of the host keys in the system.
  static func hostKeys(in root: FileTree) -> [TreePath] {
    root.names(in: "etc/ssh").filter { name in
      name.bytes.starts(with: "ssh_host_".utf8) && String(decoding: name.bytes, as: UTF8.self).contains("_key")
    }.map { TreePath("etc/ssh").appending($0) }
  }

  private mutating func removeHostKeys() throws(RaspberryPiOSError) {
    for path in NodeSystem.hostKeys(in: root) { try root.removeIfPresent(path) }
  }

  /// Leaves the keys that were given as the only ones: nobody replaces them or adds others.
  private mutating func keepKeys() throws(RaspberryPiOSError) {
    try disableKeyMakers()
    try disable(HostKeyMaker.unitName)
    try listHostKeys()
  }

  /// Switches off what else of an image makes host keys. Raspberry Pi's unit of bookworm removes all keys first;
  /// Debian's and trixie's have ConditionFirstBoot, so they never run on a node with a preset machine id.
  /// `configureCloudInit` stops cloud-init's module.
  private mutating func disableKeyMakers() throws(RaspberryPiOSError) {
    for unit in ["regenerate_ssh_host_keys.service", "sshd-keygen.service"] { try disable(unit) }
  }

  private mutating func makeKeysOnFirstStart() throws(RaspberryPiOSError) {
    guard root.has("usr/bin/ssh-keygen") else { return }
    try disableKeyMakers()
    let types = try hostKeyTypes()
    guard !types.isEmpty else {
      return warn("the HostKey lines of sshd_config name no key that pibake makes: see to the server's keys yourself")
    }
    try root.write(HostKeyMaker.script, to: "usr/lib/pibake/make-ssh-host-keys", mode: 0o755, time: time)
    try root.install(HostKeyMaker.unit(types: types), time: time)
  }
}

// What sshd_config says of host keys.
extension NodeSystem {
  private static let hostKeyList: TreePath = "etc/ssh/sshd_config.d/02-pibake-host-keys.conf"

  /// The types of the keys that the server loads: those of its HostKey lines, else sshd's defaults.
  private func hostKeyTypes() throws(RaspberryPiOSError) -> [String] {
    var lines = try root.text(at: "etc/ssh/sshd_config").map(NodeSystem.hostKeyLines) ?? []
    for name in root.names(in: "etc/ssh/sshd_config.d") where name.bytes.suffix(5).elementsEqual(".conf".utf8) {
      let file = try root.text(at: TreePath("etc/ssh/sshd_config.d").appending(name))
      lines += file.map(NodeSystem.hostKeyLines) ?? []
    }
    return HostKeyMaker.types.filter { lines.isEmpty || lines.contains("/etc/ssh/ssh_host_\($0)_key") }
  }

  /// The files that the HostKey lines of `config` name.
  private static func hostKeyLines(_ config: TextFile) -> [String] {
    config.indices.compactMap { index in
      let words = config[index].words
      return words.count >= 2 && words[0].lowercased() == "hostkey" ? words[1] : nil
    }
  }

  /// Tells the server which keys it has. Without the list an update of openssh-server makes the types that are missing.
  private mutating func listHostKeys() throws(RaspberryPiOSError) {
    guard var config = try root.text(at: "etc/ssh/sshd_config") else { return }
    let lines = NodeSystem.hostKeys(in: root).filter { "\($0)".hasSuffix("_key") }.map { "HostKey \($0)" }
    if config.firstIndex(where: NodeSystem.includesDropIns) != nil {
      let text = lines.map { $0 + "\n" }.joined()
      return try root.write(text, to: NodeSystem.hostKeyList, time: time)
    }
    for line in lines.reversed() where config.firstIndex(where: { $0 == line }) == nil { config.prepend(line) }
    try root.write(config.bytes, to: "etc/ssh/sshd_config", time: time)
  }
}
