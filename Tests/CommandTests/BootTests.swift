import SystemPackage
import TestSupport
import Testing

/// The disks that pibake writes boot, and the people whom the recipe names can log in.
@Suite(
  .serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"),
  .enabled(if: Tool.arePresent("qemu-system-aarch64"), "QEMU is missing: nothing is booted"))
struct BootTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Bakes one of the recipes, with `change` behind it.
  private func bake(_ recipe: String, _ change: String = "") async throws {
    let base = try await Fixture.image("mini")
    let changed = folder.appending(recipe)
    let text = "extends = \"\(Fixture.recipes.appending(recipe))\"\n\(change)\n"
    _ = try await Tool.run("sh", ["-c", "cat > '\(changed)' <<'END'\n\(text)END"])
    let result = try await Pibake.run(
      "build", changed.string, "--image", base.string, "--output", folder.appending("out").string,
      cache: folder.appending("cache"))
    try #require(result.status == 0, "\(result.output)")
  }

  private func boot(_ arguments: [String]) async throws -> String {
    let log = folder.appending("console.log").string
    let result = try await Fixture.run("boot-disk.py", ["--timeout", "570", "--log", log] + arguments)
    if result.status != 0 {
      let console = try await Tool.run("tail", ["--lines=60", log])
      Issue.record("the system did not come up: \(result.output)\n\(console.output)")
    }
    return result.standardOutput
  }

  @Test func `nog: boot files from the network's folder, root on USB, grown to its larger disk`() async throws {
    try await bake("nog.toml")
    let disk = folder.appending("out/nog/nog-usb.img").string
    try #require(try await Tool.run("truncate", ["--size=+1G", disk]).status == 0)
    let answers = try await boot(["--boot", folder.appending("out/nog/boot").string, "--login", "ben:changeme", disk])
    #expect(answers.contains(#""hostname": "nog""#))
    #expect(answers.contains(#""root_partuuid": "c1f95d14-01""#))
    #expect(answers.contains(#""state": "running""#), "\(answers)")
    #expect(!answers.contains(#""failed""#), "\(answers)")
    #expect(answers.contains(#""ssh": "active""#) && answers.contains("passwordauthentication no"))
    #expect(answers.contains(#""timezone": "Europe/Vienna""#))
    let size = answers.firstMatch(of: /"root_bytes": "(\d+)"/).flatMap { Int($0.1) } ?? 0
    #expect(size > 1_700_000_000, "the root has grown from 0.8 GB: \(size)")
  }

  @Test func `nog with a GPT, whose second copy moves to the end of the larger disk`() async throws {
    try await bake("nog.toml", "[output]\nimage = { table = \"gpt\" }")
    let disk = folder.appending("out/nog/nog-usb.img").string
    let guid = try await partitionGUIDs(disk)
    try #require(try await Tool.run("truncate", ["--size=+1G", disk]).status == 0)
    let answers = try await boot([
      "--boot", folder.appending("out/nog/boot").string, "--login", "ben:changeme", "--run",
      #"echo "$PIBAKE_PASSWORD" | sudo -S -p "" sfdisk --verify /dev/sda"#, disk,
    ])
    #expect(answers.contains(#""state": "running""#), "\(answers)")
    #expect(!answers.contains(#""failed""#), "\(answers)")
    #expect(guid.count == 1 && answers.contains(#""root_partuuid": "\#(guid.first ?? "")""#), "\(guid) \(answers)")
    #expect(answers.contains("No errors detected"), "\(answers)")
    let size = answers.firstMatch(of: /"root_bytes": "(\d+)"/).flatMap { Int($0.1) } ?? 0
    #expect(size > 1_700_000_000, "the root has grown from 0.8 GB: \(size)")
  }

  private func partitionGUIDs(_ disk: String) async throws -> [String] {
    let list = try await Tool.run("partx", ["--raw", "--noheadings", "--output", "UUID", disk])
    return list.standardOutput.split(separator: "\n").map(String.init)
  }

  @Test func `solo: boot files and root on one hybrid disk of full size, which has nothing to grow`() async throws {
    try await bake("solo.toml", "[root]\nsize = \"4GiB\"\n[output]\nimage = { table = \"hybrid\" }")
    let answers = try await boot(["--login", "ben:changeme", folder.appending("out/solo/solo.img").string])
    #expect(answers.contains(#""hostname": "solo""#))
    #expect(answers.contains(#""state": "running""#), "\(answers)")
    #expect(!answers.contains(#""failed""#), "\(answers)")
    #expect(answers.contains("/boot/firmware") || answers.contains("vfat"), "\(answers)")
    // 4 GiB but for what lies before the root, and 1 MiB for the second copy of the GPT.
    let start = try await Oracle.start(of: 2, in: folder.appending("out/solo/solo.img"))
    #expect(answers.contains(#""root_partition_bytes": "\#((4 << 30) - start - (1 << 20))""#), "\(answers)")
    let size = answers.firstMatch(of: /"root_bytes": "(\d+)"/).flatMap { Int($0.1) } ?? 0
    #expect(size > 3_300_000_000, "the file system is as large as the disk: \(size)")
  }
}
