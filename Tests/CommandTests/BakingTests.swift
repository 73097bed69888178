import SystemPackage
import TestSupport
import Testing

/// What pibake writes, seen by the tools that its users have.
@Suite(.serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"))
struct BakingTests {
  private let folder: TemporaryFolder
  private var cache: FilePath { folder.appending("cache") }

  init() throws { folder = try TemporaryFolder() }

  private func bake(_ recipe: String, _ image: FilePath, to output: String = "out") async throws -> Tool.Result {
    let result = try await Pibake.run(
      "build", Fixture.recipes.appending(recipe).string, "--image", image.string, "--output",
      folder.appending(output).string, cache: cache)
    #expect(result.status == 0, "\(result.output)")
    return result
  }

  private func expectClean(_ tool: String, _ arguments: [String]) async throws {
    let result = try await Tool.run(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.output)")
  }

  /// A partition as a file of its own, for tools that know no partitions.
  private func extract(_ partition: Int, of image: FilePath) async throws -> FilePath {
    let target = folder.appending("partition\(partition)")
    let start = try await Oracle.start(of: partition, in: image) / 4096
    try await expectClean(
      "dd", ["if=\(image)", "of=\(target)", "bs=4096", "skip=\(start)", "conv=sparse", "status=none"])
    return target
  }

  @Test(arguments: [[], ["--fs", "trixie", "--dialect", "trixie"], ["--fs", "blk1k"]])
  func `a whole disk is clean, and holds the base with the edits and nothing else`(_ variant: [String]) async throws {
    let base = try await Fixture.image(variant + ["tiny"])
    _ = try await bake("solo.toml", base)
    let disk = folder.appending("out/solo/solo.img")
    try await expectClean("sfdisk", ["--verify", disk.string])
    try await expectClean("fsck.fat", ["-n", try await extract(1, of: disk).string])
    try await expectClean("e2fsck", ["-fn", try await extract(2, of: disk).string])
    #expect(try await difference(Pibake.manifest(disk, "boot", cache: cache), Oracle.fat(disk)) == "")

    let changed = try await changedPaths("solo")
    for (partition, tree) in [("boot", "boot"), ("root", "root")] {
      let before = Set(try await Pibake.manifest(base, partition, cache: cache).map { withoutLinks($0) })
      let after = Set(try await Pibake.manifest(disk, partition, cache: cache).map { withoutLinks($0) })
      let paths = Set(before.symmetricDifference(after).map { path(of: $0) })
      #expect(paths.subtracting(changed[tree] ?? []) == [], "changed, but not in manifest.json")
      #expect((changed[tree] ?? []).subtracting(paths) == [], "in manifest.json, but not changed")
    }
    guard let kernel = try await Oracle.ext4(disk, partition: 2) else { try Test.cancel("this kernel does not mount") }
    #expect(try await difference(Pibake.manifest(disk, cache: cache), kernel) == "")
  }

  @Test func `the same recipe gives the same bytes, wherever and whenever`() async throws {
    let base = try await Fixture.image("tiny")
    let packed = try await Fixture.image("--format", "xz", "tiny")
    _ = try await bake("mandalore.toml", base, to: "one")
    _ = try await bake("mandalore.toml", packed, to: "two")
    for name in ["mandalore-card.img", "mandalore-usb.img"] {
      try await expectClean(
        "cmp", [folder.appending("one/mandalore/\(name)").string, folder.appending("two/mandalore/\(name)").string])
    }
    _ = try await bake("mandalore.toml", base, to: "one")
    try await expectClean("cmp", ["one", "two"].map { folder.appending("\($0)/mandalore/mandalore-usb.img").string })
  }

  @Test func `the root grows offline, to twice its size and to sixteen gibibytes`() async throws {
    _ = try await bake("nog.toml", try await Fixture.image("tiny"))
    let root = try await extract(1, of: folder.appending("out/nog/nog-usb.img"))
    for size in ["512M", "16G"] {
      try await expectClean("truncate", ["--size=\(size)", root.string])
      try await expectClean("resize2fs", [root.string])
      try await expectClean("e2fsck", ["-fn", root.string])
    }
  }

  @Test func `the recipes of the story bake: each node has what it boots from`() async throws {
    let base = try await Fixture.image("tiny")
    for recipe in ["nog.toml", "ordo.toml", "mandalore.toml"] { _ = try await bake(recipe, base) }
    let list = try await Tool.run("find", [folder.appending("out").string, "-maxdepth", "2", "-printf", "%P %y %m\n"])
    let found = Set(list.standardOutput.split(separator: "\n").map(String.init))
    let expected: Set<String> = [
      "nog/nog-usb.img f 600", "nog/boot d 755", "nog/manifest.json f 644",
      "ordo/ordo-root.ext4 f 600", "ordo/boot d 755", "ordo/manifest.json f 644",
      "mandalore/mandalore-card.img f 600", "mandalore/mandalore-usb.img f 600", "mandalore/manifest.json f 644",
    ]
    #expect(expected.subtracting(found) == [], "\(found)")
    let words = try await Tool.run(
      "cat", ["nog", "ordo"].map { folder.appending("out/\($0)/boot/cmdline.txt").string })
    #expect(words.standardOutput.contains("root=PARTUUID=c1f95d14-01"))
    #expect(words.standardOutput.contains("nfsroot=192.168.7.1:/srv/nfs/ordo,vers=3,tcp"))
    try await expectClean("e2fsck", ["-fn", folder.appending("out/ordo/ordo-root.ext4").string])
  }

  @Test func `with --format tree the folders equal the disk`() async throws {
    let base = try await Fixture.image("tiny")
    let output = folder.appending("trees").string
    let result = try await Pibake.run(
      "build", Fixture.recipes.appending("nog.toml").string, "--image", base.string, "--output", output, "--format",
      "tree", cache: cache)
    if result.status == 2 && result.standardError.contains("tar") {
      try Test.cancel("only root may give files away: \(result.standardError)")
    }
    #expect(result.status == 0, "\(result.output)")
    _ = try await bake("nog.toml", base)
    // Linux takes the nanoseconds off the last second that a file system can hold.
    func comparable(_ lines: [Substring]) -> [Substring] { lines.filter { !$0.contains("/time/max2446") } }
    let disk = comparable(try await Pibake.manifest(folder.appending("out/nog/nog-usb.img"), cache: cache))
    let tree = try await Fixture.run("oracle-ext4.py", [output + "/nog/root"])
    #expect(difference(disk, comparable(tree.standardOutput.split(separator: "\n"))) == "")
    let folders = try await Pibake.manifest(FilePath(output + "/nog/root"), cache: cache)
    #expect(difference(disk, comparable(folders)) == "")
  }

  @Test func `no secret is told, and a folder that is not pibake's own is left alone`() async throws {
    let base = try await Fixture.image("--plain", "tiny")
    let recipe = folder.appending("recipes")
    try await expectClean("cp", ["-r", Fixture.recipes.string, recipe.string])
    let cluster = recipe.appending("cluster.toml").string
    try await expectClean("sed", ["-i", #"s/^password_hash.*/password = "open sesame 4711"/"#, cluster])
    let result = try await Pibake.run(
      "build", recipe.appending("nog.toml").string, "--image", base.string, "--output", folder.appending("out").string,
      cache: cache)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.standardError.contains("warning: [user] password is in clear text"), "\(result.standardError)")
    let manifest = try await Tool.run("cat", [folder.appending("out/nog/manifest.json").string])
    #expect(!(result.output + manifest.output).contains("4711"))
    #expect(manifest.output.contains(#""secret" : true"#))

    try await expectClean("rm", [folder.appending("out/nog/manifest.json").string])
    let again = try await Pibake.run(
      "build", recipe.appending("nog.toml").string, "--image", base.string, "--output", folder.appending("out").string,
      cache: cache)
    #expect(again.status == 2 && again.standardError.contains("is not just pibake's output of nog"), "\(again.output)")
  }

  @Test func `an interrupted bake leaves nothing, and what a killed one left is removed`() async throws {
    let base = try await Fixture.image("tiny")
    let output = folder.appending("out")
    try await expectClean(
      "mkdir", ["-p", output.appending(".pibake-" + String(repeating: "1", count: 32) + ".partial/boot").string])
    let stopped = try await Tool.run(
      "timeout",
      [
        "--signal=INT", "0.2", Fixture.pibake.string, "build", Fixture.recipes.appending("nog.toml").string, "--image",
        base.string, "--output", output.string, "--cache", cache.string,
      ])
    #expect([0, 124].contains(stopped.status), "\(stopped.output)")
    _ = try await bake("nog.toml", base)
    let left = try await Tool.run("find", [output.string, "-name", "*partial*"])
    #expect(left.standardOutput.isEmpty, "\(left.output)")
  }

  @Test func `an image by URL is fetched once, and only if it is what the recipe says`() async throws {
    let base = try await Fixture.image("--plain", "--format", "gz", "tiny")
    let digest = try await Tool.run("sha256sum", [base.string]).standardOutput.prefix(64)
    let recipe = folder.appending("url.toml")
    let text = """
      extends = "\(Fixture.recipes.appending("solo.toml"))"
      [image]
      url = "file://\(base)"
      sha256 = "\(digest)"
      """
    try await expectClean("sh", ["-c", "cat > '\(recipe)' <<'END'\n\(text)\nEND"])
    let good = try await Pibake.run(
      "build", recipe.string, "--output", folder.appending("out").string, cache: cache)
    #expect(good.status == 0, "\(good.output)")
    let wrong = digest.last == "0" ? digest.dropLast() + "1" : digest.dropLast() + "0"
    try await expectClean("sed", ["-i", "s/\(digest)/\(wrong)/", recipe.string])
    let bad = try await Pibake.run(
      "build", recipe.string, "--output", folder.appending("other").string, cache: cache)
    #expect(bad.status == 1 && bad.standardError.contains("\(digest)"), "\(bad.output)")
    // The output folder was tried before the image was fetched.
    let made = try await Tool.run("find", [folder.appending("other").string, "-mindepth", "1"])
    #expect(made.standardOutput.isEmpty, "nothing was made: \(made.output)")
  }

  /// The paths in manifest.json, by tree.
  private func changedPaths(_ node: String) async throws -> [String: Set<String>] {
    let script = """
      import json, sys
      for c in json.load(open(sys.argv[1]))["changes"]: print(c["tree"], c["path"], sep="\\t")
      """
    let result = try await Tool.run(
      "python3", ["-c", script, folder.appending("out/\(node)/manifest.json").string])
    var paths: [String: Set<String>] = [:]
    for line in result.standardOutput.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
      paths[parts[0], default: []].insert(parts[1])
    }
    return paths
  }

  /// A line without the link count, which changes with a folder's entries, and without the first of several names.
  private func withoutLinks(_ line: Substring) -> String {
    String(line.replacing(/,"nlink":\d+/, with: "").replacing(/,"same":"[^"]*"/, with: ""))
  }

  private func path(of line: String) -> String {
    String(line.dropFirst(9).prefix { $0 != "\"" })
  }
}
