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

  private func bake(_ recipe: String) async throws {
    let base = try await Fixture.image("mini")
    let result = try await Pibake.run(
      "build", Fixture.recipes.appending(recipe).string, "--image", base.string, "--output",
      folder.appending("out").string, cache: folder.appending("cache"))
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

  @Test func `solo: boot files and root on one disk`() async throws {
    try await bake("solo.toml")
    let answers = try await boot(["--login", "ben:changeme", folder.appending("out/solo/solo.img").string])
    #expect(answers.contains(#""hostname": "solo""#))
    #expect(answers.contains(#""state": "running""#), "\(answers)")
    #expect(!answers.contains(#""failed""#), "\(answers)")
    #expect(answers.contains("/boot/firmware") || answers.contains("vfat"), "\(answers)")
  }
}
