import Foundation
import SystemPackage
import TestSupport
import Testing

/// Whether `make boots` runs the tests.
private let isMakeBoots = ProcessInfo.processInfo.environment["PIBAKE_TWO_STARTS"] == "1"

/// Nodes baked from stand-ins of which the first-start machinery is as the genuine images', started twice: the second
/// start finds what the first one wrote.
@Suite(
  .serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"),
  .enabled(if: isMakeBoots, "eight emulated starts of both stand-ins need a quiet machine: run `make boots`"),
  .enabled(if: Tool.arePresent("qemu-system-aarch64", "ssh"), "QEMU is missing: nothing is booted"))
struct TwoStartsTests {
  enum Dialect: String, CaseIterable { case trixie, bookworm }

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: Dialect.allCases)
  func `solo and nog can be entered, are whole, and stay the same over two starts`(dialect: Dialect) async throws {
    let base = try await Fixture.image("--dialect", dialect.rawValue, "mini")
    let key = folder.appending("key").string
    _ = try await clean("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key)
    for node in ["solo", "nog"] { try await bake(node, base: base, key: key) }
    // Side by side: an emulated machine seldom keeps two cores busy.
    async let solo: Void = startTwice("solo", dialect, key: key)
    async let nog: Void = startTwice("nog", dialect, key: key)
    _ = try await (solo, nog)
  }

  /// Bakes one of the recipes with a key whose private half is known.
  private func bake(_ node: String, base: FilePath, key: String) async throws {
    let recipe = folder.appending("\(node).toml")
    let public_ = try await clean("cat", key + ".pub").split(separator: "\n")[0]
    let text =
      "extends = \"\(Fixture.recipes.appending("\(node).toml"))\"\n[ssh]\nauthorized_keys = [\"\(public_)\"]\n"
    _ = try await clean("sh", "-c", "cat > '\(recipe)' <<'END'\n\(text)END")
    let result = try await Pibake.run(
      "build", recipe.string, "--image", base.string, "--output", folder.appending("out").string,
      cache: folder.appending("cache"))
    try #require(result.status == 0, "\(result.output)")
  }

  private func startTwice(_ node: String, _ dialect: Dialect, key: String) async throws {
    let isNetworked = node == "nog"
    let output = folder.appending("out").appending(node)
    let disk = output.appending(isNetworked ? "nog-usb.img" : "solo.img").string
    // A medium that is larger than the image, so that there is something to grow into.
    _ = try await clean("truncate", "--size=+2G", disk)
    let id = try await diskID(disk)
    var arguments = ["--writable", "--ssh-key", key, "--ssh-known", folder.appending("\(node).known").string]
    arguments += ["--known", Fixture.folder.appending("stock-journal/\(dialect).txt").string]
    if isNetworked { arguments += ["--boot", output.appending("boot").string] }
    let first = try await start(1, node, dialect, arguments + [disk])
    let second = try await start(2, node, dialect, arguments + [disk])

    let of = "\(node) from \(dialect)"
    #expect(first["boot_id"] != second["boot_id"], "\(of): two starts")
    #expect(first["machine_id"] == second["machine_id"] && first["machine_id"].count == 32, "\(of): machine id")
    #expect(!first.lines("host_key").isEmpty && first.lines("host_key") == second.lines("host_key"), "\(of): host keys")
    #expect(first["root_bytes"] == second["root_bytes"], "\(of): grown at the first start")
    #expect(second["growfs"] == "0" && second["fstrim"] == "0", "\(of): first-start work at the second start")
    #expect(try await diskID(disk) == id, "\(of): the disk's id")
    // A root that was still held at power-off has a journal to be replayed.
    let start = try await Oracle.start(of: isNetworked ? 1 : 2, in: FilePath(disk))
    let header = try await clean("dumpe2fs", "-h", "\(disk)?offset=\(start)")
    #expect(!header.contains("needs_recovery"), "\(of): the root was let go of\n\(header)")
  }

  /// One start, and what must hold at each.
  private func start(_ number: Int, _ node: String, _ dialect: Dialect, _ arguments: [String]) async throws -> Start {
    let start = try await Start.of(arguments, log: folder.appending("\(node)-\(number).log"))
    let of = "start \(number) of \(node) from \(dialect)"
    let isNetworked = node == "nog"
    #expect(start["user"].hasPrefix("uid=1000(ben)") && start["root_rights"] == "0", "\(of): login on the console")
    #expect(start.session?.said == "ben /bin/bash \(node)", "\(of): ssh with a key: \(start.session?.output ?? [])")
    #expect(start["state"] == "running", "\(of)")
    #expect(start.lines("failed").isEmpty, "\(of)")
    #expect(start.journal == [], "\(of): warnings and errors that the stock stand-in does not have")
    #expect(start.busy == [], "\(of): held at power-off")
    #expect(["", "done", "disabled"].contains(start["cloud_init"]), "\(of)")
    #expect(start["hostname"] == node && start["timezone"] == "Europe/Vienna", "\(of)")
    #expect(start["lang"] == "LANG=de_AT.UTF-8", "\(of)")
    #expect(start["boot"].contains("vfat") != isNetworked, "\(of): /boot/firmware is \(start["boot"])")
    // Grown from 0.8 GB into 2 GiB more.
    #expect((Int(start["root_bytes"]) ?? 0) > 2_500_000_000, "\(of): the root has \(start["root_bytes"]) bytes")
    if dialect == .trixie {
      #expect(start["locales"].contains("de_AT.utf8"), "\(of): \(start["locales"])")
      // As large as the memory, where there is room for that: in the root that has grown.
      let memory = (Int(start["memory_kib"]) ?? 0) / 1024 * 1_048_576
      #expect(Int(start["swap_file"]) == memory, "\(of): the swap file")
      #expect(start["swap"].contains("/dev/zram0"), "\(of)")
    }
    return start
  }

  private func diskID(_ disk: String) async throws -> String {
    try await clean("sfdisk", "--disk-id", disk)
  }

  private func clean(_ tool: String, _ arguments: String...) async throws -> String {
    let result = try await Tool.run(tool, arguments)
    try #require(result.status == 0, "\(tool) \(arguments): \(result.output)")
    return result.standardOutput
  }
}
