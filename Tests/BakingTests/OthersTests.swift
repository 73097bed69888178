import Bytes
import Glibc
import HostFiles
import Recipe
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Baking

private let canMount =
  geteuid() == 0 && Tool.arePresent("mount", "mkfs.btrfs") && access("/dev/loop-control", W_OK) == 0

/// Bakes beside others: somebody edits the stock image, the first output, the cache, or an earlier output meanwhile.
@Suite(.serialized, .enabled(if: Tool.arePresent("mke2fs", "mcopy", "sfdisk"), "what builds the stand-in is missing"))
struct OthersTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func shell(_ line: String) async throws -> String {
    let result = try await Tool.run("bash", ["-c", "set -eu; cd '\(folder.path)'\n\(line)"])
    try #require(result.status == 0, "\(result.output)")
    return result.standardOutput
  }

  /// The nodes of a recipe whose stock image is `image`.
  private func nodes(_ names: [String], image: FilePath, output: String = "") async throws -> [NodeRecipe] {
    let nodes = names.enumerated().map { "[[nodes]]\nname = \"\($1)\"\nmac = \"dc:a6:32:01:02:0\($0)\"" }
    let text = """
      recipe_version = 1
      fleet_seed = "test test"
      image.path = "\(image)"
      boot.from = "tftp"
      root.on = "usb"
      \(output)
      \(nodes.joined(separator: "\n"))
      """
    try await shell("cat > fleet.toml <<'END'\n\(text)\nEND")
    let result = RecipeLoader.load(paths: [folder.appending("fleet.toml")])
    try #require(result.isSound, "\(result.problems)")
    return result.nodes
  }

  private func bake(
    _ nodes: [NodeRecipe], in place: FilePath, format: BakeOptions.Format? = nil,
    report: @escaping @Sendable (BakeEvent) -> Void = { _ in }
  ) throws -> [BakeResult] {
    var options = BakeOptions(
      image: nil, output: place.appending("out"), cache: place.appending("cache"), format: format)
    options.jobs = 1
    return try Baker(options: options, progress: Progress(), report: report).bake(nodes)
  }

  private func failures(_ results: [BakeResult]) -> [String] {
    results.compactMap { if case .failed(let failure) = $0.outcome { "\(failure)" } else { nil } }
  }

  private func image() async throws -> FilePath {
    let stock = try await Fixture.image("tiny")
    try await shell("cp --sparse=always '\(stock)' base.img; touch -d '1 hour ago' base.img")
    return folder.appending("base.img")
  }

  @Test(arguments: ["none", "zstd"])
  func `an image changed during the bake and put back fails it, and nothing is kept`(_ compression: String) async throws
  {
    let image = try await image()
    // Settled, so that records may be kept at all.
    try await shell("sleep 2.1")
    let nodes = try await nodes(
      ["n1", "n2"], image: image, output: compression == "none" ? "" : "output.image = { compress = \"zstd\" }")
    let isChanged = Atomic<Bool>(false)
    let results = try bake(nodes, in: folder.path) { event in
      guard case .began(let subject, let work) = event, subject.hasPrefix("n1-"), work == "writing",
        !isChanged.exchange(true, ordering: .relaxed),
        let file = try? FileDescriptor.open(image, .readWrite)
      else { return }
      defer { try? file.close() }
      var bytes = [UInt8](repeating: 0, count: 64)
      let place: Int64 = 100 << 20
      _ = try? bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: place, into: $0) }
      _ = try? file.writeAll(toAbsoluteOffset: place, bytes.map { $0 ^ 0xFF })
      _ = try? file.writeAll(toAbsoluteOffset: place, bytes)
    }
    let wasChanged = isChanged.load(ordering: .relaxed)
    #expect(wasChanged)
    let failures = failures(results)
    #expect(failures.count == 2 && failures.allSatisfy { $0.contains("changed while it was read") }, "\(failures)")
    #expect(try FolderListing.names(in: folder.appending("out")) == [])
    #expect(try FolderListing.names(in: folder.appending("cache/digests")) == [])
    let again = try bake(nodes, in: folder.path)
    #expect(self.failures(again) == [])
    try await shell("mkdir other")
    _ = try bake(nodes, in: folder.appending("other"))
    try await shell("diff -r out other/out")
  }

  @Test func `chunks are kept only of what was hashed`() throws {
    let source = ChangingSource()
    let output = RunSource([.source(source, offset: 0, count: source.size)], name: "output")
    let digests = try BlockDigests(of: output)
    source.change()
    let cache = try CacheDirectory(folder.appending("cache")).making("chunks")
    let image = CompressedImage(
      output, digests: digests, compression: .zstd,
      stores: .init(shared: ChunkStore(folder: cache), own: ChunkStore(folder: cache), ownRanges: []), gate: Gate(1))
    let file = try HeldFolder(folder.path).makeFile("image")
    defer { try? file.close() }
    let error = #expect(throws: IOError.self) { _ = try image.write(to: file, path: "image", progress: nil) }
    #expect(error?.cause == .changed)
    #expect(try cache.names() == [])
  }

  @Test func `folders of others are refused before an image is opened`() async throws {
    let image = try await image()
    let nodes = try await nodes(["n1", "n2"], image: image)
    try await shell("mkdir -p out/n1; echo '{\"name\": \"web\"}' > out/n1/manifest.json; echo x > out/n1/index.html")
    let results = try bake(nodes, in: folder.path)
    let failures = failures(results)
    #expect(failures.count == 1 && failures[0].contains("n1/manifest.json"), "\(failures)")
    try await shell(
      "test -e out/n1/index.html; test -e out/n2/manifest.json; grep -q '\"generator\" : \"pibake\"' out/n2/manifest.json"
    )
    // What somebody put into a tree of an output stays too.
    try await shell("echo mine > out/n2/boot/overlays/mine.dtbo || echo mine > out/n2/boot/mine")
    let second = self.failures(try bake(nodes, in: folder.path))
    #expect(second.count == 2 && second.contains { $0.contains("/mine") }, "\(second)")
  }

  @Test(.enabled(if: geteuid() == 0, "a tree with owners takes root"))
  func `a tree with owners is below a folder that only its owner may enter`() async throws {
    // Without the odd files, whose deep paths take minutes in a debug build.
    let stock = try await Fixture.image("--plain", "tiny")
    let nodes = try await nodes(["n1"], image: stock, output: "output.tree = \"directory\"")
    #expect(failures(try bake(nodes, in: folder.path)) == [])
    #expect(try await shell("stat -c %a out/n1") == "700\n")
    #expect(failures(try bake(nodes, in: folder.path)) == [])
  }

  @Test(.enabled(if: canMount, "a btrfs by loop takes root, btrfs-progs and loop devices"))
  func `nodes are cloned from nothing that is published`() async throws {
    let stock = try await Fixture.image("tiny")
    try await shell("mkdir mnt plain; truncate -s 2G disk; mkfs.btrfs -q disk; mount -o loop disk mnt || exit 77")
    defer { umount2(folder.appending("mnt").string, Int32(MNT_DETACH)) }
    try await shell("cp --sparse=always '\(stock)' mnt/base.img; cp --sparse=always mnt/base.img base.img")
    let names = ["n1", "n2", "n3"]
    let mount = folder.appending("mnt")
    let published = mount.appending("out/n1")
    let results = try bake(try await nodes(names, image: mount.appending("base.img")), in: mount) { event in
      // The first node is there, and somebody works with it.
      guard case .began(let subject, let work) = event, subject == "n2", work == "editing" else { return }
      for name in ["n1-usb.img", "boot/kernel8.img", "boot/start4.elf"] {
        guard let file = try? FileDescriptor.open(published.appending(name), .readWrite) else { continue }
        for place in stride(from: 0, to: 200 << 20, by: 1 << 20)
        where place < (try? file.seek(offset: 0, from: .end)) ?? 0 {
          _ = try? file.writeAll(toAbsoluteOffset: Int64(place), [0xBA, 0xAD])
        }
        try? file.close()
      }
    }
    #expect(failures(results) == [])
    _ = try bake(try await nodes(names, image: folder.appending("base.img")), in: folder.appending("plain"))
    for node in ["n2", "n3"] { try await shell("diff -r -x manifest.json mnt/out/\(node) plain/out/\(node)") }
  }
}

/// Bytes that become others.
private final class ChangingSource: ByteSource {
  private let seed = Atomic<UInt8>(1)
  let name = "changing"
  let size = 3 << 20

  func change() { seed.store(2, ordering: .relaxed) }

  func read(at offset: Int, into buffer: inout MutableSpan<UInt8>) throws(IOError) {
    let seed = seed.load(ordering: .relaxed)
    for index in 0..<buffer.count { buffer[index] = seed &+ UInt8(truncatingIfNeeded: (offset + index) / 4096) }
  }
}

/// The program on a machine that is not as it should be.
@Suite(.serialized) struct MachineTests {
  private let folder: TemporaryFolder
  private let pibake = Fixture.program("pibake")

  init() throws { folder = try TemporaryFolder() }

  private func run(_ script: String) async throws -> Tool.Result {
    try await Tool.run("bash", ["-c", "cd '\(folder.path)'; pibake='\(pibake)'; \(script)"])
  }

  private func writeRecipe() async throws {
    let image = try await Fixture.image("tiny")
    let text =
      "recipe_version = 1\nfleet_seed = \"test test\"\nnode.name = \"n1\"\nnode.mac = \"dc:a6:32:01:02:01\"\nimage.path = \"\(image)\"\nboot.from = \"tftp\"\nroot.on = \"usb\""
    _ = try await run("cat > r.toml <<'END'\n\(text)\nEND")
  }

  @Test func `a libcrypto that refuses SHA-256 ends the run before it begins`() async throws {
    try await writeRecipe()
    let configuration = """
      openssl_conf = all
      [all]
      providers = providers
      alg_section = algorithms
      [providers]
      default = default
      [default]
      activate = 1
      [algorithms]
      default_properties = fips=yes
      """
    _ = try await run("cat > fips.cnf <<'END'\n\(configuration)\nEND")
    let result = try await run("OPENSSL_CONF=$PWD/fips.cnf $pibake build r.toml --output out --cache cache")
    #expect(result.status == 1, "\(result.output)")
    #expect(result.standardError.contains("refuses SHA-256 (OPENSSL_CONF="), "\(result.output)")
    #expect(result.standardError.contains("hint: "))
    #expect(try await run("ls").standardOutput == "fips.cnf\nr.toml\n")
  }

  @Test func `without HOME the cache must be named`() async throws {
    try await writeRecipe()
    for environment in [
      "env -u HOME -u XDG_CACHE_HOME", "env -u XDG_CACHE_HOME HOME=", "env -u XDG_CACHE_HOME HOME=here",
    ] {
      let result = try await run("\(environment) $pibake build r.toml --output out")
      #expect(result.status == 2 && result.standardError.contains("--cache"), "\(result.output)")
    }
    #expect(try await run("env -u HOME -u XDG_CACHE_HOME $pibake --help").status == 0)
    #expect(try await run("env -u HOME -u XDG_CACHE_HOME $pibake cache list --cache c").status == 0)
  }

  @Test func `without HOME what lies there whole is looked at where it lies`() async throws {
    let image = try await Fixture.image("tiny")
    let without = "env -u HOME -u XDG_CACHE_HOME"
    _ = try await run("xz -T1 --block-size=1MiB -c '\(image)' > blocks.xz; gzip -1 -c '\(image)' > disk.gz")
    for path in [image.string, "blocks.xz"] {
      let look = try await run("\(without) $pibake inspect \(path) && \(without) $pibake cat \(path) /etc/hostname")
      #expect(look.status == 0, "\(path): \(look.output)")
    }
    #expect(try await run("\(without) $pibake manifest \(image)").status == 0)
    for command in ["inspect disk.gz", "manifest blocks.xz"] {
      let result = try await run("\(without) $pibake \(command)")
      #expect(result.status == 2 && result.standardError.contains("--cache"), "\(command): \(result.output)")
    }
  }

  @Test func `a cache that others may write to is refused`() async throws {
    try await writeRecipe()
    let result = try await run("mkdir cache; chmod 777 cache; $pibake build r.toml --output out --cache cache")
    #expect(result.status == 2 && result.standardError.contains("others may write to it"), "\(result.output)")
    #expect(try await run("ls cache; ls -d out 2>&1 | grep -c nog").standardOutput == "0\n")
  }

  @Test(.timeLimit(.minutes(5)))
  func `a FIFO as an image is refused at once`() async throws {
    for command in ["inspect", "ls", "manifest", "cat"] {
      let path = command == "cat" ? " /etc/hostname" : ""
      let result = try await run("[ -p fifo ] || mkfifo fifo; timeout 10 $pibake \(command) fifo\(path) --cache cache")
      #expect(result.status == 2 && result.standardError.contains("a FIFO"), "\(command): \(result.output)")
    }
    #expect(
      try await run("timeout 10 $pibake inspect /dev/null --cache cache").standardError.contains("a character device"))
  }
}
