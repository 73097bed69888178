import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

struct HostKeyMakerTests {
  private static let makers = ["regenerate_ssh_host_keys.service", "sshd-keygen.service"]

  @Test(arguments: StockTrees.Dialect.allCases)
  func `pibake's unit alone makes keys, whatever the machine id is`(dialect: StockTrees.Dialect) throws {
    for id in [SystemSettings.MachineID.derived, .firstBoot] {
      let node = try StockTrees(dialect).applying(recipe { $0.system.machineID = id }).trees.root
      for maker in Self.makers { #expect(!node.isUnitEnabled(maker), "\(maker)") }
      for target: TreePath in ["multi-user.target.wants", "ssh.service.wants", "ssh.socket.wants"] {
        let link = TreePath("etc/systemd/system/\(target.description.dropFirst())")
        #expect(link.map { node.names(in: $0).map(\.description).contains(HostKeyMaker.unitName) } == true, "\(target)")
      }
      let unit = try #require(try node.string("usr/lib/systemd/system/pibake-ssh-host-keys.service"))
      #expect(!unit.contains("FirstBoot"))
    }
  }

  @Test(arguments: StockTrees.Dialect.allCases)
  func `derived keys are the only ones, also after an update of the server`(dialect: StockTrees.Dialect) throws {
    let node = try StockTrees(dialect).applying(recipe { $0.ssh.hostKeys = .derived }).trees.root
    for maker in Self.makers + [HostKeyMaker.unitName] { #expect(!node.isUnitEnabled(maker), "\(maker)") }
    #expect(
      try node.string("etc/ssh/sshd_config.d/02-pibake-host-keys.conf") == "HostKey /etc/ssh/ssh_host_ed25519_key\n")
    #expect(NodeSystem.hostKeys(in: node).count == 2)
  }

  @Test func `a server that reads no drop-ins is told in sshd_config itself, once`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/ssh/sshd_config", "Port 22\n")
    let wishes = try recipe { $0.ssh.hostKeys = .derived }
    let node = try stock.applying(wishes).trees.applying(wishes).trees.root
    #expect(try node.string("etc/ssh/sshd_config") == "HostKey /etc/ssh/ssh_host_ed25519_key\nPort 22\n")
  }

  @Test func `the types are those that sshd_config names`() throws {
    var stock = try StockTrees(.trixie)
    try stock.put(
      "etc/ssh/sshd_config.d/keys.conf", "# HostKey /etc/ssh/ssh_host_rsa_key\nhostkey /etc/ssh/ssh_host_ed25519_key\n")
    let unit = try stock.applying(recipe()).trees.root.string("usr/lib/systemd/system/pibake-ssh-host-keys.service")
    #expect(unit == HostKeyMaker.unit(types: ["ed25519"]).text)
    try stock.put("etc/ssh/sshd_config.d/keys.conf", "HostKey /srv/key\n")
    let (node, warnings) = try stock.applying(recipe())
    #expect(!node.root.isUnitEnabled(HostKeyMaker.unitName))
    #expect(warnings.map(\.description).contains { $0.contains("HostKey lines of sshd_config") })
  }

  @Test(.enabled(if: Tool.arePresent("dash", "shellcheck"), "dash or shellcheck is not installed"))
  func `the script is POSIX shell of which shellcheck has nothing to say`() async throws {
    let folder = try TemporaryFolder()
    let script = folder.appending("script")
    try write(HostKeyMaker.script, to: script)
    for (tool, options) in [("dash", ["-n"]), ("shellcheck", [])] {
      let result = try await Tool.run(tool, options + [script.string])
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test(.enabled(if: Tool.arePresent("systemd-analyze"), "systemd-analyze is not installed"))
  func `systemd reads the unit and starts it for a key that is missing or empty`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.appending(HostKeyMaker.unitName)
    let text = HostKeyMaker.unit(types: ["rsa", "ed25519"]).text
    try write(text.replacing("/usr/lib/pibake/make-ssh-host-keys", with: "/bin/true"), to: path)
    let verified = try await Tool.run("systemd-analyze", ["verify", path.string])
    #expect(!verified.output.contains(HostKeyMaker.unitName), "\(verified.output)")

    let conditions = text.split(separator: "\n").filter { $0.hasPrefix("ConditionFileNotEmpty") }
      .map { String($0).replacing("/etc/ssh", with: folder.path.string) }
    func starts() async throws -> Bool {
      try await Tool.run("systemd-analyze", ["condition"] + conditions).status == 0
    }
    #expect(try await starts())
    for name in ["ssh_host_rsa_key", "ssh_host_ed25519_key"] { try write("key", to: folder.appending(name)) }
    #expect(try await !starts())
    try write("", to: folder.appending("ssh_host_ed25519_key"))
    #expect(try await starts())
  }

  @Test(.enabled(if: Tool.arePresent("ssh-keygen", "dash"), "ssh-keygen or dash is not installed"))
  func `missing and empty keys are made, whole ones stay`() async throws {
    let folder = try TemporaryFolder()
    let script = folder.appending("script")
    try write(HostKeyMaker.script, to: script, mode: 0o755)
    try write("whole", to: folder.appending("ssh_host_ecdsa_key"), mode: 0o600)
    try write("", to: folder.appending("ssh_host_ed25519_key"), mode: 0o600)
    func run(_ types: String) async throws -> Tool.Result {
      try await Tool.run("sh", ["-c", "HOST_KEY_FOLDER='\(folder.path)' dash '\(script)' \(types)"])
    }
    let first = try await run("ecdsa ed25519")
    #expect(first.status == 0 && first.output == "made ssh_host_ed25519_key\n", "\(first.output)")
    let list = try await Tool.run(
      "sh", ["-c", "cd '\(folder.path)' && stat -c '%a %n' ssh_host_* && cat ssh_host_ecdsa_key && ls -A"])
    #expect(list.output.contains("600 ssh_host_ed25519_key\n644 ssh_host_ed25519_key.pub\nwhole"), "\(list.output)")
    #expect(!list.output.contains(".pibake-host-keys"))
    let key = try await Tool.run("ssh-keygen", ["-y", "-f", folder.appending("ssh_host_ed25519_key").string])
    #expect(key.status == 0)
    #expect(try await run("ecdsa ed25519").output.isEmpty)
    // A type that is not known leaves the others made, and the unit failed.
    try write("", to: folder.appending("ssh_host_ed25519_key"), mode: 0o600)
    let failed = try await run("nonsense ed25519")
    #expect(failed.status == 1 && failed.output.contains("made ssh_host_ed25519_key"), "\(failed.output)")
  }
}
