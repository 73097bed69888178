import SystemPackage
import TestSupport
import Testing

/// pibake's manifests of the fixtures equal those of the kernel's ext4 driver and of mtools, line by line.
@Suite(.serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"))
struct ReadingTests {
  static let variants: [[String]] = [
    [], ["--fs", "pios2017"], ["--fs", "trixie", "--dialect", "trixie"], ["--fs", "modern"], ["--fs", "nocsum64"],
    ["--fs", "inline"], ["--fs", "blk1k"], ["--fs", "blk16k"], ["--fs", "ino128"], ["--fs", "noextent"],
    ["--fs", "nofiletype"], ["--fs", "metabg"], ["--fs", "nojournal"], ["--fat", "32s1"], ["--fat", "16"],
    ["--fat", "12"], ["--layout", "4M"],
  ]

  @Test(arguments: variants)
  func `tiny, every variant, root and boot`(_ variant: [String]) async throws {
    let image = try await Fixture.image(variant + ["tiny"])
    let cache = try TemporaryFolder()
    let boot = try await Pibake.manifest(image, "boot", cache: cache.path)
    #expect(try await difference(boot, Oracle.fat(image)) == "")
    let root = try await Pibake.manifest(image, cache: cache.path)
    guard let oracle = try await Oracle.ext4(image, partition: 2) else {
      try Test.cancel("this kernel does not mount \(variant.joined(separator: " "))")
    }
    #expect(difference(root, oracle) == "")
  }

  @Test func `mini, root and boot`() async throws {
    let image = try await Fixture.image("mini")
    let cache = try TemporaryFolder()
    #expect(try await difference(Pibake.manifest(image, "boot", cache: cache.path), Oracle.fat(image)) == "")
    guard let oracle = try await Oracle.ext4(image, partition: 2) else { try Test.cancel("this kernel does not mount") }
    #expect(try await difference(Pibake.manifest(image, cache: cache.path), oracle) == "")
  }

  @Test(arguments: ["xz", "xz1", "gz", "zip", "zst", "bz2"])
  func `every container holds the same disk`(_ format: String) async throws {
    let raw = try await Fixture.image("--plain", "tiny")
    let packed = try await Fixture.image("--plain", "--format", format, "tiny")
    let cache = try TemporaryFolder()
    let expected = try await Pibake.manifest(raw, cache: cache.path)
    #expect(try await Pibake.manifest(packed, cache: cache.path) == expected)
    #expect(try await Pibake.manifest(packed, cache: cache.path) == expected, "the second time, from the cache")
  }

  @Test func `a dirty journal is replayed, as the kernel does it`() async throws {
    let image = try await Fixture.image("--dirty", "tiny")
    let cache = try TemporaryFolder()
    let ours = try await Pibake.manifest(image, cache: cache.path)
    let oracle = try await Fixture.run("loop-oracle.sh", ["--replay", image.string, "2"])
    if oracle.status == 77 { try Test.cancel("this kernel does not mount") }
    #expect(oracle.status == 0, "\(oracle.standardError)")
    #expect(difference(ours, oracle.standardOutput.split(separator: "\n")) == "")
    let name = try await Pibake.run("cat", image.string, "/etc/hostname", cache: cache.path)
    #expect(name.standardOutput == "dirty-host\n")
  }

  @Test func `an image that is cut short is refused, not half read`() async throws {
    let image = try await Fixture.image("--plain", "tiny")
    let folder = try TemporaryFolder()
    let cut = folder.appending("cut.img")
    try #require(try await Tool.run("cp", ["--sparse=always", image.string, cut.string]).status == 0)
    try #require(try await Tool.run("truncate", ["--size=-30M", cut.string]).status == 0)
    let result = try await Pibake.run("manifest", cut.string, cache: folder.path)
    #expect(result.status == 1 && result.standardOutput.isEmpty)
    #expect(result.standardError.contains("partition 2"), "\(result.standardError)")
  }

  @Test func `inspect, ls and cat show what is in an image`() async throws {
    let image = try await Fixture.image("--fs", "trixie", "--dialect", "trixie", "tiny")
    let cache = try TemporaryFolder()
    let text = try await Pibake.run("inspect", image.string, cache: cache.path)
    #expect(text.status == 0)
    for fact in ["FAT32", "ext4", "metadata_csum_seed", "kernel8.img", "initramfs8", "trixie dialect", "cloud-init"] {
      #expect(text.standardOutput.contains(fact), "\(fact) in\n\(text.standardOutput)")
    }
    let json = try await Pibake.run("inspect", "--json", image.string, cache: cache.path)
    #expect(json.standardOutput.contains(#""first_boot" : "trixie""#))
    let list = try await Pibake.run("ls", image.string, "/etc", cache: cache.path)
    #expect(list.standardOutput.contains("hostname\n"))
    let cat = try await Pibake.run("cat", image.string, "/etc/hostname", cache: cache.path)
    #expect(cat.standardOutput == "raspberrypi\n")
    let missing = try await Pibake.run("cat", image.string, "/etc/hostnmae", cache: cache.path)
    #expect(missing.status == 2 && missing.standardError.contains("/etc/hostnmae"))
  }

  @Test func `an .xz of many blocks is read where it lies, with the answers of the plain image`() async throws {
    let raw = try await Fixture.image("--plain", "tiny")
    let packed = try await Fixture.image("--plain", "--format", "xz", "tiny")
    let cache = try TemporaryFolder()
    for words in [
      ["ls", "/"], ["ls", "-l", "/usr/bin"], ["ls", "--json", "/etc"], ["ls", "-l", "/etc/*.conf"],
      ["cat", "/etc/fstab", "/etc/hostname"], ["ls", "-l", "/", "--partition", "boot"],
    ] {
      let paths = Array(words.dropFirst())
      let expected = try await Pibake.run([words[0], raw.string] + paths, cache: cache.path)
      let result = try await Pibake.run([words[0], packed.string] + paths, cache: cache.path)
      #expect(expected.status == 0 && result.status == 0, "\(words): \(result.standardError)")
      #expect(!expected.standardOutput.isEmpty && result.standardOutput == expected.standardOutput, "\(words)")
    }
    let inspected = try await Pibake.run("inspect", packed.string, cache: cache.path)
    #expect(inspected.status == 0 && inspected.standardOutput.contains("xz"))
    let kept = try await Tool.run("find", [cache.path.string, "-name", "*.img"])
    #expect(kept.standardOutput == "", "nothing was decoded as a whole")
  }

  @Test func `a damaged block of an .xz is corrupt to whoever reads it, by its number`() async throws {
    let packed = try await Fixture.image("--plain", "--format", "xz", "tiny")
    let folder = try TemporaryFolder()
    // In the midst of the longest block, which holds files: its number, offset and size.
    let damage = """
      set -- $(xz -lvv --robot '\(packed.string)' | awk '$1 == "block" { print $7, $5, $4 }' | sort -n | tail -n 1)
      cd '\(folder.path)'
      cp '\(packed.string)' bad.img.xz
      printf '\\377\\0\\377\\0' | dd of=bad.img.xz bs=1 seek=$(($2 + $1 / 2)) conv=notrunc status=none
      printf '%s' "$3"
      """
    let block = try await Tool.run("sh", ["-ec", damage])
    try #require(block.status == 0, "\(block.output)")
    for words in [["extract", "/", "--to", folder.appending("out").string], ["ls", "-R", "/"], ["manifest"]] {
      let image = folder.appending("bad.img.xz").string
      let result = try await Pibake.run([words[0], image] + words.dropFirst(), cache: folder.appending("cache"))
      // A walk meets the damage only if the tree itself lies in it.
      if words[0] == "ls" && result.status == 0 { continue }
      #expect(result.status == 1, "\(words): \(result.output)")
      #expect(
        result.standardError.contains("bad.img.xz: ")
          && result.standardError.contains("corrupt xz block \(block.standardOutput) "),
        "\(words): \(result.standardError)")
    }
  }
}
