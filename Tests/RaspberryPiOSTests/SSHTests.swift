import Bytes
import FileTree
import TestSupport
import Testing

import struct SystemPackage.FilePath

@testable import RaspberryPiOS
import Recipe

struct SSHTests {
  @Test func `the server is disabled with its alias`() throws {
    var stock = try StockTrees(.trixie)
    try stock.root.enableUnit("ssh.service", time: StockTrees.stockTime)
    try stock.putBoot("ssh", "")
    let node = try stock.applying(recipe { $0.ssh.enabled = false }).trees
    #expect(
      try changes(from: stock.root, to: node.root).filter {
        $0.key.hasSuffix("/ssh.service") || $0.key.hasSuffix("/sshd.service")
      } == [
        "/etc/systemd/system/multi-user.target.wants/ssh.service": "gone", "/etc/systemd/system/sshd.service": "gone",
      ])
    #expect(node.boot.find("ssh") == nil)
  }

  @Test func `a mask does not stop what the recipe enables`() throws {
    var stock = try StockTrees(.trixie)
    try stock.link("etc/systemd/system/ssh.service", "/dev/null")
    let node = try stock.applying(recipe { $0.ssh.enabled = true }).trees
    #expect(node.root.find("etc/systemd/system/ssh.service", followingLast: false) == nil)
    #expect(node.root.isUnitEnabled("ssh.service"))
  }

  @Test func `an image without a server is unsupported by name`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.root.removeIfPresent("usr/lib/systemd/system/ssh.service")
    let error = #expect(throws: RaspberryPiOSError.self) { try stock.applying(recipe { $0.ssh.enabled = true }) }
    #expect(error?.said == "the image has no openssh-server, which [ssh] enabled = true needs")
  }

  @Test func `without the folder of drop-ins, or with an earlier value, sshd_config itself says so`() throws {
    for config in [
      "Port 22\nPasswordAuthentication yes\n", "passwordauthentication yes\nInclude /etc/ssh/sshd_config.d/*.conf\n",
    ] {
      var stock = try StockTrees(.bookworm)
      try stock.put("etc/ssh/sshd_config", config)
      let wishes = try recipe { $0.ssh.passwordAuthentication = false }
      let node = try stock.applying(wishes).trees
      let text = "PasswordAuthentication no\nKbdInteractiveAuthentication no\n" + config
      #expect(try node.root.string("etc/ssh/sshd_config") == text)
      #expect(try node.applying(wishes).trees.root.string("etc/ssh/sshd_config") == text)
    }
  }
}

struct HostKeyTests {
  private func derived(_ change: (inout NodeRecipe) -> Void = { _ in }) throws -> StockTrees {
    try StockTrees(.bookworm).applying(
      recipe {
        $0.ssh.hostKeys = .derived
        change(&$0)
      }
    ).trees
  }

  @Test(.enabled(if: Tool.arePresent("ssh-keygen"), "ssh-keygen is not installed"))
  func `OpenSSH reads a derived key and finds its public half`() async throws {
    let node = try derived()
    let all = try listing(node.root)
    let folder = try TemporaryFolder()
    let privateText = try #require(try node.root.string("etc/ssh/ssh_host_ed25519_key"))
    let publicText = try #require(try node.root.string("etc/ssh/ssh_host_ed25519_key.pub"))
    #expect(all["/etc/ssh/ssh_host_ed25519_key"]?.hasPrefix("file 600 0:0\n") == true)
    #expect(all["/etc/ssh/ssh_host_ed25519_key.pub"]?.hasPrefix("file 644 0:0\nssh-ed25519 ") == true)
    try write(privateText, to: folder.appending("key"), mode: 0o600)
    try write(publicText, to: folder.appending("key.pub"), mode: 0o644)
    let found = try await Tool.run("ssh-keygen", ["-y", "-f", folder.appending("key").string])
    #expect(found.status == 0)
    #expect(found.output == publicText)
    let print = try await Tool.run("ssh-keygen", ["-lf", folder.appending("key.pub").string])
    #expect(print.output.contains("root@nog (ED25519)"))
  }

  @Test(.enabled(if: Tool.arePresent("ssh-keygen"), "ssh-keygen is not installed"))
  func `comments of every length keep the padding right`() async throws {
    let folder = try TemporaryFolder()
    for length in 1...8 {
      let node = try derived { $0.system.hostname = HostName(String(repeating: "h", count: length)) ?? $0.name }
      let path = folder.appending("key\(length)")
      try write(try #require(try node.root.string("etc/ssh/ssh_host_ed25519_key")), to: path, mode: 0o600)
      #expect(try await Tool.run("ssh-keygen", ["-y", "-f", path.string]).status == 0)
    }
  }

  @Test func `a derived key belongs to one fleet and one node, and survives the first start`() throws {
    let key = try derived().root.string("etc/ssh/ssh_host_ed25519_key")
    #expect(try derived().root.string("etc/ssh/ssh_host_ed25519_key") == key)
    #expect(
      try derived { $0.fleetSeed = try? FleetSeed("cardassia") }.root.string("etc/ssh/ssh_host_ed25519_key") != key)
    #expect(try derived { $0.name = HostName("jake") ?? $0.name }.root.string("etc/ssh/ssh_host_ed25519_key") != key)
    #expect(try !derived().root.isUnitEnabled("regenerate_ssh_host_keys.service"))
  }

  @Test func `without a seed nothing is derived`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) { try derived { $0.fleetSeed = nil } }
    #expect(error?.kind == .usage)
  }

  @Test func `keys of the image go where the node makes its own`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/ssh/ssh_host_rsa_key", "old", mode: 0o600)
    let node = try stock.applying(recipe()).trees
    #expect(NodeSystem.hostKeys(in: node.root).isEmpty)
    #expect(node.root.isUnitEnabled("pibake-ssh-host-keys.service"))
    // Given later, keys must not be made on top.
    let keyed = try node.applying(recipe { $0.ssh.hostKeys = .derived }).trees
    #expect(!keyed.root.isUnitEnabled("pibake-ssh-host-keys.service"))
  }

  @Test func `the keys of a folder are the node's alone`() throws {
    var folder = try StockTrees(.bookworm).root
    for name in folder.names(in: TreePath()) { try folder.remove(TreePath([name])) }
    for (name, mode) in [("ssh_host_rsa_key", UInt16(0o644)), ("ssh_host_rsa_key.pub", 0o600), ("notes", 0o644)] {
      try folder.write(name, to: TreePath("keys").appending(text: name), mode: mode, time: StockTrees.stockTime)
    }
    let imported = folder
    let node = try StockTrees(.bookworm).applying(recipe { $0.ssh.hostKeys = .folder("keys") }) { path in
      #expect(path == "keys")
      return imported
    }.trees
    let keys = try listing(node.root).filter { $0.key.contains("ssh_host_") || $0.key.contains("notes") }
    #expect(
      keys
        == [
          "/etc/ssh/ssh_host_rsa_key": "file 600 0:0\nssh_host_rsa_key",
          "/etc/ssh/ssh_host_rsa_key.pub": "file 644 0:0\nssh_host_rsa_key.pub",
        ].merging(keys.filter { $0.key.contains("regenerate") }) { $1 })
    #expect(
      try node.root.string("etc/ssh/sshd_config.d/02-pibake-host-keys.conf") == "HostKey /etc/ssh/ssh_host_rsa_key\n")
  }
}
