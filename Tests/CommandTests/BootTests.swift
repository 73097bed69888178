import SystemPackage
import TestSupport
import Testing

/// Nodes baked from stand-ins of which the first-start machinery is as the genuine images' boot, the people whom their
/// recipes name can log in, and the second start finds what the first one wrote.
@Suite(
  .serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"),
  .enabled(if: Tool.arePresent("qemu-system-aarch64", "ssh"), "QEMU is missing: nothing is booted"))
struct BootTests {
  enum Dialect: String, CaseIterable { case bookworm, trixie }

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: Dialect.allCases)
  func `solo and nog can be entered, are whole, and stay the same over two starts`(dialect: Dialect) async throws {
    let base = try await Fixture.image("--dialect", dialect.rawValue, "mini")
    let key = folder.appending("key").string
    _ = try await clean("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key)
    // Trixie's nodes are those of the recipes. Bookworm's have the other tables: one that grows, and one of full size.
    let solo = Node(name: "solo", dialect: dialect, table: dialect == .trixie ? .mbr : .hybridOfFullSize)
    let nog = Node(name: "nog", dialect: dialect, table: dialect == .trixie ? .mbr : .gpt)
    for node in [solo, nog] { try await bake(node, base: base, key: key) }
    // Side by side: an emulated machine seldom keeps two cores busy.
    async let first: Void = startTwice(solo, key: key)
    async let second: Void = startTwice(nog, key: key)
    _ = try await (first, second)
  }

  /// A node, and how its disk is divided.
  private struct Node: CustomStringConvertible {
    enum Table: String {
      case mbr = ""
      case gpt = "[output]\nimage = { table = \"gpt\" }\n"
      case hybridOfFullSize = "[root]\nsize = \"4GiB\"\n[output]\nimage = { table = \"hybrid\" }\n"
    }

    let name: String
    let dialect: Dialect
    let table: Table

    /// Whether the boot files are in the network's folder, and the root alone on the disk.
    var isNetworked: Bool { name == "nog" }
    /// The disk's file in the node's folder.
    var disk: String { isNetworked ? "nog-usb.img" : "solo.img" }
    /// The number of the root's partition.
    var root: Int { isNetworked ? 1 : 2 }
    var description: String { "\(name) from \(dialect)" }
  }

  /// Bakes one of the recipes with a key whose private half is known.
  private func bake(_ node: Node, base: FilePath, key: String) async throws {
    let recipe = folder.appending("\(node.name).toml")
    let line = try await clean("cat", key + ".pub").split(separator: "\n")[0]
    let text = """
      extends = "\(Fixture.recipes.appending("\(node.name).toml"))"
      \(node.dialect == .trixie ? BootTests.tables : "")
      [ssh]
      authorized_keys = ["\(line)"]
      \(node.table.rawValue)
      """
    _ = try await clean("sh", "-c", "cat > '\(recipe)' <<'END'\n\(text)\nEND")
    let result = try await Pibake.run(
      "build", recipe.string, "--image", base.string, "--output", folder.appending("out").string,
      cache: folder.appending("cache"))
    try #require(result.status == 0, "\(result.output)")
  }

  /// Tables whose effect the running node shows.
  private static let tables = """
    runcmd = ["echo ran >> /var/tmp/ran", ["touch", "/var/tmp/a b"]]
    [hosts]
    "192.0.2.7" = ["lab7", "seven"]
    [sysctl]
    "vm.swappiness" = 17
    [motd]
    text = "Baked.\\n"
    [modules]
    load = ["loop"]
    [services]
    mask = ["apt-daily.timer"]
    [[mounts]]
    what = "tmpfs"
    where = "/scratch"
    options = "size=16M"
    """
  /// What shows it, line by line, at each start.
  private static let question = """
    getent hosts seven; /usr/sbin/sysctl -n vm.swappiness; cat /etc/motd; /usr/sbin/lsmod | grep -c '^loop'; \
    systemctl is-enabled apt-daily.timer; findmnt -no FSTYPE,SIZE /scratch; cat /var/tmp/ran; test -e '/var/tmp/a b' && echo there; \
    systemctl show --property Result --value pibake-first-start
    """
  private static let answer = [
    "192.0.2.7       lab7 seven", "17", "Baked.", "1", "masked", "tmpfs   16M", "ran", "there", "success",
  ]

  private func startTwice(_ node: Node, key: String) async throws {
    let output = folder.appending("out").appending(node.name)
    let disk = output.appending(node.disk).string
    // A medium that is larger than the image, so that there is something to grow into.
    if node.table != .hybridOfFullSize { _ = try await clean("truncate", "--size=+2G", disk) }
    let id = try await clean("sfdisk", "--disk-id", disk)
    var arguments = ["--writable", "--ssh-key", key, "--ssh-known", folder.appending("\(node.name).known").string]
    arguments += ["--known", Fixture.folder.appending("stock-journal/\(node.dialect).txt").string]
    arguments += ["--run", #"echo "$PIBAKE_PASSWORD" | sudo -S -p "" sfdisk --verify /dev/sda"#]
    if node.dialect == .trixie { arguments += ["--run", Self.question] }
    if node.isNetworked { arguments += ["--boot", output.appending("boot").string] }
    let larger = ["--known", Fixture.folder.appending("stock-journal/gpt-larger-disk.txt").string]
    let first = try await start(1, node, arguments + (node.table == .gpt ? larger : []) + [disk])
    let second = try await start(2, node, arguments + [disk])

    #expect(first["boot_id"] != second["boot_id"], "\(node): two starts")
    #expect(first["machine_id"] == second["machine_id"] && first["machine_id"].count == 32, "\(node): machine id")
    #expect(
      !first.lines("host_key").isEmpty && first.lines("host_key") == second.lines("host_key"), "\(node): host keys")
    #expect(first["root_bytes"] == second["root_bytes"], "\(node): grown at the first start")
    #expect(second["growfs"] == "0" && second["fstrim"] == "0", "\(node): first-start work at the second start")
    #expect(try await clean("sfdisk", "--disk-id", disk) == id, "\(node): the disk's id")
    let partition = try await clean("partx", "--raw", "--noheadings", "--output", "UUID", "--nr", "\(node.root)", disk)
    #expect("\(first["root_partuuid"])\n" == partition, "\(node): PARTUUID")
    // A root that was still held at power-off has a journal to be replayed.
    let start = try await Oracle.start(of: node.root, in: FilePath(disk))
    let header = try await clean("dumpe2fs", "-h", "\(disk)?offset=\(start)")
    #expect(!header.contains("needs_recovery"), "\(node): the root was let go of\n\(header)")
    if node.table == .hybridOfFullSize {
      // 4 GiB but for what lies before the root, and 1 MiB for the second copy of the GPT.
      #expect(first["root_partition_bytes"] == "\((4 << 30) - start - (1 << 20))", "\(node): the partition")
    }
  }

  /// One start, and what must hold at each.
  private func start(_ number: Int, _ node: Node, _ arguments: [String]) async throws -> Start {
    let start = try await Start.of(arguments, log: folder.appending("\(node.name)-\(number).log"))
    let of = "start \(number) of \(node)"
    #expect(start["user"].hasPrefix("uid=1000(ben)") && start["root_rights"] == "0", "\(of): login on the console")
    #expect(
      start.session?.said == "ben /bin/bash \(node.name)", "\(of): ssh with a key: \(start.session?.output ?? [])")
    #expect(start.lines("sshd").contains("passwordauthentication no"), "\(of): \(start.lines("sshd"))")
    #expect(start["state"] == "running", "\(of)")
    #expect(start.lines("failed").isEmpty, "\(of)")
    #expect(start.journal == [], "\(of): warnings and errors that the stock stand-in does not have")
    #expect(start.busy == [], "\(of): held at power-off")
    // cloud-init calls itself degraded where user-data holds only comments, as the stock image's does.
    let cloudInit = node.dialect == .bookworm ? "" : node.isNetworked ? "disabled" : "degraded done"
    #expect(start["cloud_init"] == cloudInit, "\(of)")
    #expect(start["hostname"] == node.name && start["timezone"] == "Europe/Vienna", "\(of)")
    #expect(start["boot"].contains("vfat") != node.isNetworked, "\(of): /boot/firmware is \(start["boot"])")
    // Grown from 0.8 GB into 2 GiB more, or of full size.
    #expect((Int(start["root_bytes"]) ?? 0) > 2_500_000_000, "\(of): the root has \(start["root_bytes"]) bytes")
    #expect(start.commands.first?.output.contains("No errors detected") == true, "\(of): \(start.commands)")
    // Bookworm's stand-in has no package locales.
    if node.dialect == .trixie {
      let said = start.commands.last?.output.split(separator: "\n").map(String.init) ?? []
      #expect(said.map { String($0.trimmingPrefix(" ")) } == Self.answer, "\(of): the recipe's tables")
      #expect(start["lang"] == "LANG=de_AT.UTF-8" && start["locales"].contains("de_AT.utf8"), "\(of): the locale")
      // As large as the memory, where there is room for that: in the root that has grown.
      let memory = (Int(start["memory_kib"]) ?? 0) / 1024 * 1_048_576
      #expect(Int(start["swap_file"]) == memory, "\(of): the swap file")
      #expect(start["swap"].contains("/dev/zram0"), "\(of)")
    }
    return start
  }

  private func clean(_ tool: String, _ arguments: String...) async throws -> String {
    let result = try await Tool.run(tool, arguments)
    try #require(result.status == 0, "\(tool) \(arguments): \(result.output)")
    return result.standardOutput
  }
}
