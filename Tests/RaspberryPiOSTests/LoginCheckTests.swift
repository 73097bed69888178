import Bytes
import FileTree
import Testing

@testable import RaspberryPiOS
import Recipe

struct LoginCheckTests {
  private static let key = "ssh-ed25519 AAAA x"

  private func problem(
    _ dialect: StockTrees.Dialect = .trixie, _ change: (inout NodeRecipe) -> Void
  ) throws -> String? {
    let wishes = try recipe(change)
    do throws(any Error) {
      _ = try StockTrees(dialect).applying(wishes)
      return nil
    } catch let error as RaspberryPiOSError {
      #expect(error.kind == .usage)
      #expect(error.hint != nil)
      return error.said
    }
  }

  @Test func `five lock-outs are refused with the way out`() throws {
    // A user without password and keys.
    #expect(
      try problem { $0.users = [user("ben") { $0.password = nil }] }
        == "nog.toml:5:1: nobody can log in to nog: ben has neither a password nor a key")
    // Keys without a server.
    #expect(
      try problem {
        $0.users = [
          user("ben") {
            $0.password = nil
            $0.authorizedKeys = [Self.key]
          }
        ]
        $0.ssh.enabled = false
      } == "nog.toml:5:1: nobody can log in to nog: ben has keys, and no SSH server is enabled")
    // A shell that lets nobody in, beside a user that has no way in.
    #expect(
      try problem {
        $0.users = [user("ben") { $0.shell = "/usr/sbin/nologin" }, user("jake") { $0.password = nil }]
      }
        == "nog.toml:5:1: nobody can log in to nog: the shell of ben lets nobody in, jake has neither a password nor a key"
    )
    // Groups without sudo.
    #expect(
      try problem { $0.users = [user("ben") { $0.groupsOnly = ["video"] }] }
        == "nog.toml:5:1: nobody who can log in to nog can become root: ben is not in the group sudo")
    // Keys alone, where sudo asks for a password.
    #expect(
      try problem {
        $0.users = [
          user("ben") {
            $0.password = nil
            $0.authorizedKeys = [Self.key]
          }
        ]
      } == "nog.toml:5:1: nobody who can log in to nog can become root: sudo asks ben for a password, and there is none"
    )
  }

  @Test func `every way in and up that a node has is enough`() throws {
    func keyed(_ change: (inout UserSettings) -> Void = { _ in }) -> UserSettings {
      user("ben") {
        $0.password = nil
        $0.authorizedKeys = [Self.key]
        change(&$0)
      }
    }
    #expect(try problem { $0.users = [user("ben")] } == nil)
    #expect(try problem { $0.users = [user("ben") { $0.groups = ["video"] }] } == nil)
    #expect(try problem { $0.users = [keyed { $0.passwordlessSudo = true }] } == nil)
    #expect(try problem(.bookworm) { $0.users = [keyed()] } == nil)
    #expect(try problem { $0.users = [keyed(), user("jake")] } == nil)
    #expect(
      try problem {
        $0.users = [keyed()]
        $0.files = [file("/etc/sudoers.d/ops", .content("%video ALL=(ALL) NOPASSWD: ALL\n"), mode: 0o440)]
      } == nil)
    // What [[files]] take away counts too.
    #expect(
      try problem {
        $0.users = [keyed { $0.passwordlessSudo = true }]
        $0.files = [file("/home/ben/.ssh", .remove)]
      } != nil)
  }

  @Test func `what a recipe says on purpose is a warning`() throws {
    let stock = try StockTrees(.trixie)
    let sealed = try stock.applying(recipe { $0.users = [user("ben") { $0.shell = "/usr/sbin/nologin" }] }).warnings
    #expect(sealed.contains { $0.description.hasPrefix("nobody can log in") })
    let plain = try stock.applying(
      recipe {
        $0.users = [
          user("ben") {
            $0.groupsOnly = []
            $0.passwordlessSudo = false
          }
        ]
      }
    ).warnings
    #expect(plain.contains { $0.description.hasPrefix("nobody who can log in") })
  }

  @Test func `without users the image's wizard is the way in, and an image without one is warned of`() throws {
    var stock = try StockTrees(.trixie)
    #expect(try !stock.applying(recipe()).warnings.contains { $0.description.hasPrefix("nobody") })
    try stock.root.disableUnit("userconfig.service")
    try stock.root.removeIfPresent("etc/ssh/sshd_config.d/rename_user.conf")
    #expect(try stock.applying(recipe()).warnings.contains { $0.description.hasPrefix("nobody can log in") })
  }

  @Test func `keys mean that the server is enabled, unless the recipe says otherwise`() throws {
    let stock = try StockTrees(.trixie)
    func isEnabled(_ change: (inout NodeRecipe) -> Void) throws -> Bool {
      try stock.applying(recipe(change)).trees.root.isUnitEnabled("ssh.service")
    }
    #expect(try isEnabled { $0.ssh.authorizedKeys = [Self.key] })
    #expect(try isEnabled { $0.users = [user("ben") { $0.authorizedKeys = [Self.key] }] })
    #expect(
      try !isEnabled {
        $0.users = [user("ben") { $0.authorizedKeys = [Self.key] }]
        $0.ssh.enabled = false
      })
    #expect(try !isEnabled { $0.users = [user("ben")] })
  }
}
