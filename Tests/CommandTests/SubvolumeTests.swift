import Glibc
import SystemPackage
import TestSupport
import Testing

/// Whether this machine lets the tests mount a btrfs.
private let canMount =
  geteuid() == 0 && Tool.arePresent("btrfs", "mkfs.btrfs", "shellcheck") && access("/dev/loop-control", W_OK) == 0

/// The story's btrfs: a base, a snapshot a node, and the script that makes both out of streams.
@Suite(
  .serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"),
  .enabled(if: canMount, "a btrfs by loop takes root, btrfs-progs and loop devices"))
struct SubvolumeTests {
  private let folder: TemporaryFolder
  private let nodes = ["nog", "ordo", "mandalore"]
  private var cache: FilePath { folder.appending("cache") }
  private var store: FilePath { folder.appending("out/server/store") }

  init() throws { folder = try TemporaryFolder() }

  private func expect(_ tool: String, _ arguments: String...) async throws {
    let result = try await Tool.run(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.output)")
  }

  /// Bakes all nodes with the lines of `output` in their recipes.
  private func bake(
    _ image: FilePath, _ output: String, to place: FilePath, _ more: String...
  ) async throws -> Tool.Result {
    var arguments = ["build", "--image", image.string, "--output", place.string, "--cache", cache.string] + more
    for node in nodes {
      let recipe = folder.appending("\(node).toml")
      let text = "extends = \"\(Fixture.recipes.appending("\(node).toml"))\"\n[output]\n\(output)\n"
      try await expect("sh", "-c", "cat > '\(recipe)' <<'END'\n\(text)\nEND")
      arguments.append(recipe.string)
    }
    return try await Tool.run(Fixture.pibake.string, arguments)
  }

  /// Calls `body` with a mounted btrfs.
  private func withMount(_ body: (FilePath) async throws -> Void) async throws {
    let mount = folder.appending("mnt")
    let disk = folder.appending("disk")
    try await expect("mkdir", mount.string)
    try await expect("truncate", "-s", "2G", disk.string)
    try await expect("mkfs.btrfs", "-q", disk.string)
    try await expect("mount", "-o", "loop", disk.string, mount.string)
    defer { umount2(mount.string, Int32(MNT_DETACH)) }
    try await body(mount)
  }

  /// Compares the digests in Nog's manifest.json with the streams': each has one.
  private func checkDigests() async throws {
    let check = """
      import hashlib, json, sys
      outputs = json.load(open("nog/manifest.json"))["outputs"]
      assert len(outputs) == 2
      for o in outputs:
          data = open(o["name"], "rb").read()
          assert len(data) == o["size"] and hashlib.sha256(data).hexdigest() == o["sha256"], o["name"]
      """
    try await expect("bash", "-c", "cd '\(folder.appending("out"))' && python3 - <<'END'\n\(check)\nEND")
  }

  private func receive(_ arguments: String...) async throws -> Tool.Result {
    try await Tool.run(store.appending("receive.sh").string, arguments)
  }

  /// Compares Nog's subvolume with the disk and the boot files that the same recipe gives. (The library's tests compare
  /// every subvolume; here a look at each file of one is enough.)
  private func compare(_ nog: FilePath, _ disks: FilePath) async throws {
    let root = try await Pibake.manifest(nog.appending("root"), cache: cache)
    let disk = try await Pibake.manifest(disks.appending("nog/nog-usb.img"), cache: cache)
    #expect(difference(root, disk) == "")
    try await expect("diff", "-r", nog.appending("boot").string, disks.appending("nog/boot").string)
  }

  @Test(arguments: ["v1", "v2-zstd"])
  func `streams become a base, and a running snapshot of it for each node`(_ form: String) async throws {
    let image = try await Fixture.image("tiny")
    let disks = folder.appending("disks")
    #expect(try await bake(image, "", to: disks).status == 0)
    for place in ["out", "again"] {
      let result = try await bake(
        image, "tree = \"btrfs-stream\"\nstream = \"\(form)\"", to: folder.appending(place))
      #expect(result.status == 0, "\(result.output)")
    }
    try await expect("diff", "-r", folder.appending("out").string, folder.appending("again").string)
    try await checkDigests()
    // What somebody has altered is not trusted by its name, and is made anew.
    for change in ["printf X | dd of=$f bs=1 seek=30000 conv=notrunc status=none", "truncate -s -5 $f", "touch $f"] {
      try await expect("bash", "-c", "f=$(echo '\(store)'/base-*.btrfs); \(change)")
      #expect(
        try await bake(image, "tree = \"btrfs-stream\"\nstream = \"\(form)\"", to: folder.appending("out")).status == 0)
      try await checkDigests()
    }
    let script = store.appending("receive.sh").string
    try await expect("shellcheck", script)
    try await withMount { mount in
      #expect(try await receive(mount.string, "nobody").status == 1)
      let one = try await receive(mount.string, "nog")
      #expect(one.status == 0 && !one.output.contains("ordo"), "\(one.output)")
      for _ in 0..<2 {
        let all = try await receive(mount.string)
        #expect(all.status == 0 && all.output.contains("nog: runs already"), "\(all.output)")
      }
      try await compare(mount.appending("run/nog"), disks)
      let scrub = try await Tool.run("btrfs", ["scrub", "start", "-B", mount.string])
      #expect(scrub.status == 0 && scrub.output.contains("no errors found"), "\(scrub.output)")
    }
  }

  @Test func `the script cleans up after itself, and leaves alone what is not its own`() async throws {
    let image = try await Fixture.image("tiny")
    #expect(try await bake(image, "tree = \"btrfs-stream\"", to: folder.appending("out")).status == 0)
    let script = store.appending("receive.sh")
    #expect(try await receive(folder.path.string).status == 1, "not a btrfs")
    try await withMount { mount in
      try await expect("mkdir", mount.appending("received").string)
      let partial = mount.appending("received/.partial-x")
      try await expect("mkdir", partial.string)
      try await expect("btrfs", "subvolume", "create", partial.appending("half").string)
      try await expect("mkdir", mount.appending("run").string)
      try await expect("btrfs", "subvolume", "create", mount.appending("run/nog").string)
      try await expect("touch", mount.appending("run/nog/mine").string)
      let first = try await receive(mount.string)
      #expect(first.status == 0 && first.output.contains("--renew"), "\(first.output)")
      #expect(access(partial.string, F_OK) != 0)
      #expect(access(mount.appending("run/nog/mine").string, F_OK) == 0)
      let renewed = try await receive("--renew", mount.string, "nog")
      #expect(renewed.status == 0 && access(mount.appending("run/nog/root/etc").string, F_OK) == 0, "\(renewed.output)")
      let left = try await Tool.run("find", [mount.appending("run").string, "-maxdepth", "2", "-name", "mine"])
      #expect(!left.standardOutput.isEmpty, "\(left.output)")
      // A stream that breaks off leaves nothing after the next run.
      let cut = folder.appending("cut")
      try await expect("cp", "-r", store.string, cut.string)
      try await expect(
        "sh", "-c", "cd '\(cut)' && rm base-*.btrfs ordo.btrfs mandalore.btrfs && truncate -s -9 nog.btrfs")
      try await expect(
        "sh", "-c", "btrfs subvolume delete '\(mount)'/received/*/nog && rmdir '\(mount)'/received/*/ || true")
      let broken = try await Tool.run(cut.appending("receive.sh").string, [mount.string])
      #expect(broken.status != 0 && broken.output.contains("cannot be received"), "\(broken.output)")
      let halves = try await Tool.run("find", [mount.appending("received").string, "-name", ".partial-*"])
      #expect(halves.standardOutput.isEmpty, "\(halves.output)")
      let whole = try await Tool.run(script.string, [mount.string])
      #expect(whole.status == 0 && whole.output.contains("nog: received"))
    }
  }

  @Test func `an update of the base tells only what differs`() async throws {
    let old = try await Fixture.image("tiny")
    let new = try await Fixture.image("--fs", "modern", "tiny")
    #expect(try await bake(old, "tree = \"btrfs-stream\"", to: folder.appending("out")).status == 0)
    try await withMount { mount in
      #expect(try await receive(mount.string).status == 0)
      let disks = folder.appending("disks")
      #expect(try await bake(new, "", to: disks).status == 0)
      try await expect("rm", "-r", folder.appending("out").string)
      let result = try await bake(
        new, "tree = \"btrfs-stream\"", to: folder.appending("out"), "--since", old.string)
      #expect(result.status == 0, "\(result.output)")
      let size = try await Tool.run("sh", ["-c", "cat '\(store)'/base-*-since-*.btrfs | wc -c"])
      #expect(Int(size.standardOutput.dropLast()).map { $0 < 2 << 20 } ?? false, "\(size.output)")
      let received = try await receive("--renew", mount.string)
      #expect(received.status == 0, "\(received.output)")
      try await compare(mount.appending("run/nog"), disks)
    }
  }

  @Test func `subvolumes are made in place, once`() async throws {
    let image = try await Fixture.image("tiny")
    let disks = folder.appending("disks")
    #expect(try await bake(image, "", to: disks).status == 0)
    let refused = try await bake(image, "tree = \"btrfs\"", to: folder.appending("out"))
    #expect(refused.status == 2 && refused.standardError.contains("not on a btrfs"), "\(refused.output)")
    try await withMount { mount in
      for _ in 0..<2 {
        let result = try await bake(image, "tree = \"btrfs\"", to: mount.appending("out"))
        #expect(result.status == 0, "\(result.output)")
      }
      try await compare(mount.appending("out/server/store/nog"), disks)
      let list = try await Tool.run("btrfs", ["subvolume", "list", "-r", mount.string])
      #expect(list.standardOutput.split(separator: "\n").count == 4, "\(list.output)")

      // A new base becomes a snapshot of the old one; where that is not there, nothing is made.
      let new = try await Fixture.image("--fs", "modern", "tiny")
      let direct = { (place: String) in
        try await bake(new, "tree = \"btrfs\"", to: mount.appending(place), "--since", image.string)
      }
      for _ in 0..<2 { #expect(try await direct("out").status == 0) }
      let newDisks = folder.appending("new-disks")
      #expect(try await bake(new, "", to: newDisks).status == 0)
      try await compare(mount.appending("out/server/store/nog"), newDisks)
      let parents = try await Tool.run("btrfs", ["subvolume", "list", "-q", mount.string])
      let bases = parents.standardOutput.split(separator: "\n").filter { $0.contains("/base-") }
      #expect(bases.filter { $0.contains("parent_uuid -") }.count == 1 && bases.count == 2, "\(parents.output)")
      let missing = try await direct("elsewhere")
      #expect(missing.status == 2 && missing.standardError.contains("without --since"), "\(missing.output)")
      #expect(access(mount.appending("elsewhere/nog").string, F_OK) != 0)
    }
    let pointless = try await bake(image, "", to: folder.appending("none"), "--since", image.string)
    #expect(pointless.status == 2 && pointless.standardError.contains("--since"), "\(pointless.output)")
  }
}
