import SystemPackage
import TestSupport
import Testing

/// What builds keep for later builds, and what is left of builds that were stopped.
@Suite(.serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"))
struct KeptTests {
  private let folder: TemporaryFolder
  private var cache: FilePath { folder.appending("cache") }
  private var recipe: FilePath { folder.appending("fleet.toml") }

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func sh(_ script: String) async throws -> String {
    let result = try await Tool.run("bash", ["-c", "cd '\(folder.path)'; \(script)"])
    #expect(result.status == 0, "\(script): \(result.output)")
    return result.standardOutput
  }

  /// Writes a recipe of three nodes whose disks are packed; `base` is the image.
  private func writeRecipe(_ base: FilePath) async throws {
    let nodes = (1...3).map { "[[nodes]]\nname = \"n\($0)\"\nmac = \"dc:a6:32:01:02:0\($0)\"" }
    let text = """
      recipe_version = 1
      fleet_seed = "test test"
      image.path = "\(base)"
      boot.from = "tftp"
      root.on = "usb"
      output.image = { compress = "zstd" }
      \(nodes.joined(separator: "\n"))
      """
    try await sh("cat > fleet.toml <<'END'\n\(text)\nEND")
  }

  private func build(
    _ output: String, _ options: String..., cache name: String = "cache"
  ) async throws -> Tool.Result {
    let places = ["--output", folder.appending(output).string, "--cache", folder.appending(name).string]
    return try await Tool.run(Fixture.pibake.string, ["build", recipe.string, "--quiet"] + places + options)
  }

  private func run(_ words: String...) async throws -> Tool.Result {
    try await Tool.run(Fixture.pibake.string, ["cache"] + words + ["--cache", cache.string])
  }

  @Test func `has no password hash and no host key of a node when the build is done`() async throws {
    try await writeRecipe(Fixture.image("--format", "gz", "tiny"))
    let hash = "$6$abcdefgh$kaZiuLj4zqPGwTdJBgtXTTOHhSzdfbnwTRd.YxrDMnVvj5rwDTxjUDyhoYg9TdVKBNmIF6pLDcXMU14S9Z2TZ."
    try await sh(
      """
      printf '[user]\\nname = "ben"\\npassword_hash = "%s"\\n[ssh]\\nhost_keys = "derived"\\n' '\(hash)' > more
      { sed '/^\\[\\[nodes/,$d' fleet.toml; cat more; sed -n '/^\\[\\[nodes/,$p' fleet.toml; } > all
      mv all fleet.toml
      """)
    let built = try await build("one")
    try #require(built.status == 0, "\(built.output)")
    let counts = try await sh(
      """
      find cache -mindepth 2 -type d | wc -l
      zstd -dcq one/n1/n1-usb.img.zst > disk; grep -acF '\(hash)' disk || :; grep -ac 'BEGIN OPENSSH PRIVATE' disk || :
      for chunk in cache/chunks/*; do head -c -48 "$chunk" | zstd -dcq; done > kept
      grep -acF '\(hash)' kept || :; grep -ac 'BEGIN OPENSSH PRIVATE' kept || :
      test $(stat -c %s kept) -gt 1000000
      """)
    let numbers = counts.split(separator: "\n").compactMap { Int($0) }
    try #require(numbers.count == 5, "\(counts)")
    #expect(numbers[0] == 0, "a folder of the build is left")
    #expect(numbers[1] > 0 && numbers[2] > 0, "the disk has them: \(counts)")
    #expect(numbers[3] == 0 && numbers[4] == 0, "the cache has none: \(counts)")
  }

  @Test func `is listed, bounded and emptied, and holds nothing else's files`() async throws {
    #expect(try await run("list").standardOutput == "all\t0 bytes\t\(cache)\n")
    #expect(try await run("clear").status == 0)
    try await writeRecipe(Fixture.image("--format", "gz", "tiny"))
    let built = try await build("one")
    try #require(built.status == 0, "\(built.output)")
    let list = try await run("list").standardOutput
    #expect(list.contains("image\t") && list.contains("chunks\t") && list.contains("pieces of disks"), "\(list)")

    // Things with odd names, and what is no file, are not followed, not printed raw, and no reason to fail.
    try await sh(
      #"""
      echo precious > outside; mkdir cache/chunks/folder; echo x > cache/chunks/folder/x
      ln -s ../../outside cache/chunks/link; ln -s /nowhere cache/images/dangling.img
      touch cache/downloads/$'new\nline\e[31m' 2>/dev/null || { mkdir cache/downloads; touch cache/downloads/$'new\nline\e[31m'; }
      touch cache/chunks/-rf cache/chunks/part-1-1
      """#)
    let odd = try await run("list")
    #expect(odd.status == 0 && !odd.output.contains("\u{1B}"), "\(odd.output.debugDescription)")
    #expect(
      odd.standardOutput.split(separator: "\n").allSatisfy { $0.contains("\t") }, "\(odd.output.debugDescription)")

    let size = try await sh("du -s -B1 cache/chunks | cut -f1").filter { $0 != "\n" }
    let pruned = try await run("prune", "--keep", "\((Int(size) ?? 0) / 2 / 1024)KiB")
    #expect(pruned.status == 0, "\(pruned.output)")
    let left = try await sh("find cache -type f -printf '%b\\n' | awk '{s += $1} END {print s * 512}'")
    #expect(Int(left.filter { $0 != "\n" }) ?? .max <= (Int(size) ?? 0) / 2 + 4096, "\(left)")
    let cleared = try await run("clear")
    #expect(cleared.status == 0, "\(cleared.output)")
    #expect(
      try await sh("cat outside; cat cache/chunks/folder/x; find cache -type f | sort")
        == "precious\nx\ncache/chunks/folder/x\n")

    let again = try await build("two")
    #expect(again.status == 0, "\(again.output)")
    try await sh("diff -r one two")
    let wrong = try await run("prune", "--keep", "much")
    #expect(wrong.status == 2, "\(wrong.output)")
  }

  @Test func `may be emptied while nodes are baked`() async throws {
    try await writeRecipe(Fixture.image("tiny"))
    try #require(try await build("one").status == 0)
    async let built = build("two", "--jobs", "2")
    for _ in 0..<20 {
      #expect(try await run("clear").status == 0)
      try await sh("sleep 0.02")
    }
    let result = try await built
    #expect(result.status == 0, "\(result.output)")
    try await sh("diff -r one two")
  }

  /// Stopped at any moment by either signal, a build leaves whole nodes or none, and what it kept is sound.
  @Test(arguments: ["INT", "KILL"])
  func `of a stopped build spoils no later one`(signal: String) async throws {
    try await writeRecipe(Fixture.image("tiny"))
    try #require(try await build("whole", cache: "other").status == 0)
    for delay in ["0.03", "0.1", "0.2", "0.35", "0.5", "0.8", "1.2"] {
      let stopped = try await Tool.run(
        "timeout",
        [
          // One signal: by itself timeout sends a second one to all of its group, which ends pibake at once.
          "--foreground", "--signal=\(signal)", delay, Fixture.pibake.string, "build", recipe.string, "--quiet",
          "--output",
          folder.appending("out").string, "--cache", cache.string,
        ])
      #expect([0, 124, 137].contains(stopped.status), "\(stopped.output)")
      // Nodes that are there are whole; after an interrupt nothing half-made is left.
      try await sh("for n in out/n*; do [ ! -e $n ] || diff -r $n whole/${n#out/}; done")
      if signal == "INT" {
        #expect(try await sh("find out cache -name '*part*' 2>/dev/null || true") == "", "\(delay)")
      }
    }
    let built = try await build("out")
    #expect(built.status == 0, "\(built.output)")
    try await sh("diff -r out whole; for f in out/n*/*.zst; do zstd -qt $f; done")
    #expect(try await sh("find out cache -name '*part*'") == "")
  }

  @Test func `shards and any number of jobs give the bytes of the whole`() async throws {
    try await writeRecipe(Fixture.image("tiny"))
    try #require(try await build("whole", "--jobs", "4").status == 0)
    for (shard, jobs) in [("1/3", "1"), ("2/3", "2"), ("3/3", "7")] {
      let part = try await build("parts", "--shard", shard, "--jobs", jobs, cache: jobs)
      #expect(part.status == 0, "\(part.output)")
    }
    try await sh("diff -r whole parts")
    #expect(try await build("none", "--jobs", "0").status == 2)
    for shard in ["0/3", "4/3", "1/0", "1", "a/b", "1/2/3", "-1/2"] {
      #expect(try await build("none", "--shard=\(shard)").status == 2, "\(shard)")
    }
  }
}
