import SystemPackage
import TestSupport
import Testing

/// Several nodes at once, and what they share.
@Suite(.serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"))
struct FleetTests {
  private let folder: TemporaryFolder
  private var cache: FilePath { folder.appending("cache") }

  init() throws { folder = try TemporaryFolder() }

  /// A recipe of four nodes from an inventory; `image` is what stands after `[output] image =`.
  private func recipe(_ image: String, base: FilePath) async throws -> FilePath {
    let recipe = folder.appending("fleet.toml")
    let text = """
      recipe_version = 1
      nodes_from = "rack.csv"
      fleet_seed = "test test"
      [image]
      path = "\(base)"
      [server]
      address = "192.168.7.1"
      [boot]
      from = "tftp"
      [root]
      on = "usb"
      [output]
      image = \(image)
      """
    let lines = (1...4).map { "n\($0),dc:a6:32:01:02:0\($0),\($0 == 3 ? "16MiB" : "")" }.joined(separator: "\n")
    let command =
      "cat > '\(recipe)' <<'END'\n\(text)\nEND\nprintf 'name,mac,root.size\n\(lines)\n' > '\(folder.path)/rack.csv'"
    _ = try await clean("sh", "-c", command)
    return recipe
  }

  private func clean(_ tool: String, _ arguments: String...) async throws -> String {
    let result = try await Tool.run(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.output)")
    return result.standardOutput
  }

  private func build(_ recipe: FilePath, to output: String, _ options: String...) async throws -> Tool.Result {
    try await Tool.run(
      Fixture.pibake.string,
      ["build", recipe.string, "--output", folder.appending(output).string, "--cache", cache.string] + options)
  }

  @Test func `a node that fails names itself, and the others are there`() async throws {
    let recipe = try await recipe("{ compress = \"none\" }", base: Fixture.image("tiny"))
    let result = try await build(recipe, to: "out")
    #expect(result.status == 1, "\(result.output)")
    #expect(result.standardError.contains("error: n3: [root] size: the disk needs at least"), "\(result.output)")
    let names = try await clean("ls", "-A", folder.appending("out").string)
    #expect(names == "n1\nn2\nn4\n")
    #expect(result.standardOutput.split(separator: "\n").count == 3)
  }

  @Test func `shards and single nodes give the bytes of the whole`() async throws {
    let recipe = try await recipe("{ compress = \"zstd\", bmap = true }", base: Fixture.image("tiny"))
    let all = try await build(recipe, to: "all", "--only", "n1,n2,n4")
    #expect(all.status == 0, "\(all.output)")
    for shard in ["1/2", "2/2"] {
      let part = try await build(recipe, to: "parts", "--only", "n1,n2,n4", "--shard", shard, "--jobs", "1")
      #expect(part.status == 0, "\(part.output)")
    }
    _ = try await clean(Fixture.pibake.string, "cache", "clear", "--cache", cache.string)
    let one = try await build(recipe, to: "one", "--only", "n4")
    #expect(one.status == 0, "\(one.output)")
    _ = try await clean("diff", "-r", folder.appending("all").string, folder.appending("parts").string)
    _ = try await clean("diff", "-r", folder.appending("all/n4").string, folder.appending("one/n4").string)
    let wrong = try await build(recipe, to: "wrong", "--only", "n9")
    #expect(wrong.status == 2 && wrong.standardError.contains("no node is called 'n9'"), "\(wrong.output)")
  }

  @Test(.enabled(if: Tool.arePresent("xz", "zstd", "bmaptool"), "xz, zstd or bmaptool is missing"))
  func `packed disks unpack to the plain ones, and bmaptool verifies them`() async throws {
    let base = try await Fixture.image("tiny")
    let plain = try await build(recipe("{ compress = \"none\" }", base: base), to: "none", "--only", "n1")
    #expect(plain.status == 0, "\(plain.output)")
    let disk = folder.appending("none/n1/n1-usb.img").string
    for (word, suffix) in [("xz", "xz"), ("zstd", "zst")] {
      let recipe = try await recipe("{ compress = \"\(word)\", bmap = true }", base: base)
      let packed = try await build(recipe, to: word, "--only", "n1,n2")
      #expect(packed.status == 0, "\(packed.output)")
      let path = folder.appending("\(word)/n1/n1-usb.img.\(suffix)").string
      _ = try await clean(word, "-t", path)
      _ = try await clean("bmaptool", "copy", path, folder.appending("copy-\(word)").string)
      _ = try await clean("cmp", disk, folder.appending("copy-\(word)").string)
      if word == "xz" {
        // Its chunks are small, but neither too small nor too many to be read where they are.
        let looked = folder.appending("looked").string
        #expect(try await clean(Fixture.pibake.string, "cat", "--cache", looked, path, "/etc/hostname") == "n1\n")
        #expect(try await clean("find", folder.path.string, "-path", "*looked/images/*") == "")
      }
    }
  }
}
