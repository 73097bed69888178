import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

/// `runcmd` and `[first_start]`: judged by the shell that runs them, and by systemd.
@Suite struct FirstStartCommandTests {
  private func node(_ commands: [Located<String>]) throws -> FileTree {
    let wished = try recipe { $0.firstStart = FirstStartSettings(commands: commands) }
    return try StockTrees(.bookworm).afterStep(of: wished) { (system) throws(RaspberryPiOSError) in
      try system.arrangeFirstStart(system.recipe.firstStart)
    }.trees.root
  }

  @Test func `every command runs, also after one that fails, and only once`() async throws {
    let root = try node(["echo \"a  'b'\" > one", "exit 3", "printf '%s\\n' \"$0\" é > two"])
    let script = try #require(try root.bytes(at: FirstStartCommands.path))
    #expect(root.inode(at: FirstStartCommands.path)?.mode == 0o700)
    let folder = try TemporaryFolder()
    let file = try FileDescriptor.open(
      folder.appending("run"), .writeOnly, options: .create, permissions: .ownerReadWriteExecute)
    try file.closeAfter { _ = try file.writeAll(script) }
    let result = try await Tool.run(
      "dash", ["-c", "cd '\(folder.path)'; FIRST_START_FOLDER=$PWD/done ./run 2>&1; echo $?; cat one two; ls done"])
    #expect(
      result.standardOutput == """
        command 1: done
        command 2: failed with status 3
        command 3: done
        1
        a  'b'
        /bin/sh
        é
        first-start

        """, "\(result.output)")
    let check = try await Tool.run("shellcheck", ["-s", "sh", "-S", "warning", folder.appending("run").string])
    #expect(check.status == 0, "\(check.output)")
  }

  @Test(.enabled(if: Tool.arePresent("systemd-analyze"), "systemd-analyze is missing"))
  func `systemd reads the unit`() async throws {
    let root = try node(["true"])
    let folder = try TemporaryFolder()
    let unit = folder.appending(FirstStartCommands.unit.name)
    let file = try FileDescriptor.open(unit, .writeOnly, options: .create, permissions: .ownerReadWrite)
    try file.closeAfter {
      _ = try file.writeAll(
        FirstStartCommands.unit.text.replacing("/usr/lib/pibake/first-start", with: "/bin/true").utf8)
    }
    let result = try await Tool.run("systemd-analyze", ["verify", unit.string])
    #expect(result.status == 0 && result.standardError.isEmpty, "\(result.output)")
    #expect(root.isUnitEnabled(FirstStartCommands.unit.name))
  }

  @Test func `a recipe without commands gets no unit`() throws {
    #expect(!(try node([])).has(FirstStartCommands.path))
  }
}
