import Glibc
import SystemPackage
import TestSupport
import Testing

/// Whether this machine lets the tests mount a file system by loop.
private let canMount =
  geteuid() == 0 && Tool.arePresent("mount", "filefrag") && access("/dev/loop-control", W_OK) == 0

/// Disks on a file system that shares extents, as btrfs and XFS do.
@Suite(
  .serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"),
  .enabled(if: canMount, "a file system by loop takes root and loop devices"))
struct SharingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func expect(_ tool: String, _ arguments: String...) async throws {
    let result = try await Tool.run(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.output)")
  }

  /// Calls `body` with a mounted file system; skips aloud where this machine cannot make or mount one.
  private func withMount(_ type: String, _ body: (FilePath) async throws -> Void) async throws {
    guard Tool.arePresent("mkfs.\(type)") else { try Test.cancel("mkfs.\(type) is not installed") }
    let (mount, disk) = (folder.appending("mnt"), folder.appending("disk"))
    try await expect("mkdir", mount.string)
    try await expect("truncate", "-s", "3G", disk.string)
    try await expect("mkfs.\(type)", "-q", disk.string)
    let mounted = try await Tool.run("mount", ["-o", "loop", "-t", type, disk.string, mount.string])
    guard mounted.status == 0 else { try Test.cancel("this kernel mounts no \(type): \(mounted.output)") }
    defer { umount2(mount.string, Int32(MNT_DETACH)) }
    try await body(mount)
  }

  private func build(_ names: [String], of base: FilePath, in place: FilePath) async throws -> Tool.Result {
    let nodes = names.enumerated().map { "[[nodes]]\nname = \"\($1)\"\nmac = \"dc:a6:32:01:02:0\($0)\"" }
    let text = """
      recipe_version = 1
      fleet_seed = "test test"
      [image]
      path = "\(base)"
      [boot]
      from = "tftp"
      [root]
      on = "usb"
      \(nodes.joined(separator: "\n"))
      """
    let recipe = folder.appending("fleet.toml")
    try await expect("sh", "-c", "cat > '\(recipe)' <<'END'\n\(text)\nEND")
    let result = try await Tool.run(
      Fixture.pibake.string,
      [
        "build", recipe.string, "--jobs", "1", "--output", place.appending("out").string, "--cache",
        place.appending("cache").string,
      ])
    #expect(result.status == 0, "\(result.output)")
    return result
  }

  /// The bytes of files that the file system says lie in extents of their own.
  private func ownBytes(_ files: [FilePath]) async throws -> Int {
    var blocks = 0
    for file in files {
      let list = try await Tool.run("filefrag", ["-b4096", "-v", file.string])
      #expect(list.status == 0, "\(list.output)")
      for line in list.standardOutput.split(separator: "\n") where !line.contains("shared") {
        let fields = line.split(separator: ":").map { $0.filter { $0 != " " } }
        if fields.count >= 4, Int(fields[0]) != nil { blocks += Int(fields[3]) ?? 0 }
      }
    }
    return blocks * 4096
  }

  private func files(_ node: String, in place: FilePath) async throws -> [FilePath] {
    let list = try await Tool.run("find", [place.appending("out/\(node)").string, "-type", "f", "-size", "+100k"])
    return list.standardOutput.split(separator: "\n").map { FilePath(String($0)) }
  }

  @Test(arguments: [("btrfs", "mini"), ("xfs", "tiny")])
  func `a node shares what is the image's, a further one nearly all`(type: String, image: String) async throws {
    let stock = try await Fixture.image(image)
    try await withMount(type) { mount in
      let base = mount.appending("base.img")
      try await expect("cp", "--sparse=always", stock.string, base.string)
      let alone = try await build(["n1"], of: base, in: mount)
      #expect(alone.status == 0)
      try await expect("sync", "-f", mount.string)
      // What the tables and small files take, and half of the boot files: a FAT begins them at any sector.
      let disk = mount.appending("out/n1/n1-usb.img")
      let (own, all) = (try await ownBytes([disk]), try await Tool.run("du", ["-B1", disk.string]).standardOutput)
      let size = all.split(separator: "\t").first.flatMap { Int($0) } ?? 0
      // Of the files of tiny most are small.
      #expect(own < (image == "mini" ? size / 4 : size), "\(own) of \(size) bytes are the first node's own")

      let result = try await build(["n1", "n2", "n3"], of: base, in: mount)
      try await expect("sync", "-f", mount.string)
      for node in ["n2", "n3"] {
        let own = try await ownBytes(try await files(node, in: mount))
        #expect(own < 5_000_000, "\(own) bytes are \(node)'s own: \(result.output)")
      }
      // The same bytes as on a file system that shares nothing.
      _ = try await build(["n1", "n2", "n3"], of: stock, in: folder.path)
      try await expect(
        "diff", "-r", "-x", "manifest.json", folder.appending("out").string, mount.appending("out").string)
    }
  }
}
