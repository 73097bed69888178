import SystemPackage
import TestSupport
import Testing

/// ls, cat, extract, diff and manifest, against other people's tools and with names that nobody gives.
@Suite(.serialized, .enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"))
struct LookingTests {
  private let folder: TemporaryFolder
  private var cache: FilePath { folder.appending("cache") }

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String..., status: Int = 0) async throws -> Tool.Result {
    let result = try await Tool.run(Fixture.pibake.string, arguments + ["--cache", cache.string])
    #expect(result.status == status, "pibake \(arguments): \(result.output)")
    return result
  }

  private func shell(_ script: String) async throws {
    let result = try await Tool.run("sh", ["-ec", "cd '\(folder.path)'\n\(script)"])
    try #require(result.status == 0, "\(script): \(result.output)")
  }

  private func isRoot() async throws -> Bool { try await Tool.run("id", ["-u"]).standardOutput == "0\n" }

  /// An ext4 of its own whose names hold control characters, bytes that are no text, and all that is long or odd.
  private func oddImage() async throws -> String {
    try await shell(
      """
      mkdir -p odd/d; cd odd
      python3 - <<'END'
      import os
      for name in [b"new\\nline", b"\\x1b[31mred", b"\\xff\\xfe", b"-rf", b"n" * 255, b"back\\\\slash", b"\\"quote", b"50%41", b"*"]:
          open(b"d/" + name, "wb").write(name)
      END
      cd ..; truncate -s 8M odd.img; mke2fs -q -t ext4 -d odd odd.img
      """)
    return folder.appending("odd.img").string
  }

  @Test(.enabled(if: Tool.arePresent("mke2fs", "python3"), "mke2fs or python3 is missing"))
  func `names are data, from the disk to the pipe`() async throws {
    let image = try await oddImage()
    let list = try await run("ls", image, "/d")
    #expect(!list.standardOutput.contains("\u{1B}") && list.standardOutput.split(separator: "\n").count == 9)
    for name in ["%1B[31mred", "new%0Aline", "%FF%FE", "-rf", "50%2541", "back%5Cslash"] {
      #expect(list.standardOutput.contains("\(name)\n"))
      let content = try await run("cat", image, "/d/\(name)")
      #expect(content.standardOutput.isEmpty == false)
    }
    #expect(try await run("cat", image, "/d/*").standardOutput == "*", "a name before it is a pattern")
    let missing = try await run("cat", image, "/\u{1B}[31m", status: 2)
    #expect(!missing.standardError.contains("\u{1B}") && missing.standardError.contains("%1B[31m"))

    _ = try await run("extract", image, "/d", "--to", folder.appending("out").string)
    try await shell("diff -r odd/d out/d")
    try await shell(
      """
      '\(Fixture.pibake)' ls -0 odd.img /d --cache cache | sort -z > ours
      (cd odd && find d -mindepth 1 -print0) | sed -z 's,^,/,' | sort -z > theirs
      cmp ours theirs
      # Bytes that are no text on the command line, too.
      '\(Fixture.pibake)' cat odd.img "$(printf '/d/\\377\\376')" --cache cache > raw; printf '\\377\\376' | cmp - raw
      """)
    let equal = try await run(
      "diff", image, folder.appending("odd").string, "--ignore", "mtime,nlink,uid,gid,mode", status: 1)
    #expect(equal.standardOutput == "- /lost%2Bfound (dir)\n" || equal.standardOutput == "- /lost+found (dir)\n")
    try await shell("tar -C odd -cf odd.tar d; tar -C odd -czf odd.tgz d")
    for archive in ["odd.tar", "odd.tgz"] {
      let result = try await run(
        "diff", folder.appending(archive).string, folder.appending("odd").string, "--ignore", "mtime", "--json")
      #expect(result.output == "")
    }
  }

  @Test func `diff has the status of diff(1), and says what differs`() async throws {
    let image = try await Fixture.image("tiny").string
    let manifest = folder.appending("m.jsonl").string
    try await shell("'\(Fixture.pibake)' manifest '\(image)' --cache cache > m.jsonl")
    #expect(try await run("diff", image, manifest).output == "")
    #expect(try await run("diff", manifest, manifest).output == "")
    try await shell(
      #"sed -e 's/\("path":"\/etc\/hostname".*"mode":"\)0644/\10600/' -e '/"path":"\/etc\/hosts"/d' m.jsonl > n.jsonl"#)
    let text = try await run("diff", image, folder.appending("n.jsonl").string, status: 1)
    #expect(text.standardOutput == "~ /etc/hostname: mode 0644 -> 0600\n- /etc/hosts\n")
    let json = try await run("diff", "--json", image, folder.appending("n.jsonl").string, "--ignore", "mode", status: 1)
    #expect(json.standardOutput.contains(#""path":"/etc/hosts","change":"removed","fields":[],"before":{"path""#))
    #expect(try await run("diff", image, "/nonexistent", status: 2).standardError.contains("/nonexistent"))
    #expect(try await run("diff", image, image, "--ignore", "colour", status: 2).standardOutput == "")
    #expect(try await run("diff", image, image, "--partition", "boot").output == "")
  }

  @Test func `ls knows patterns, several paths, folders within folders, and JSON`() async throws {
    let image = try await Fixture.image("tiny").string
    #expect(try await run("ls", image, "/etc/host*").standardOutput == "/etc/hostname\n/etc/hosts\n")
    #expect(
      try await run("ls", "-d", image, "/etc", "/etc/**/sshd_config").standardOutput == "/etc\n/etc/ssh/sshd_config\n")
    let whole = try await run("ls", "-R", "--json", image)
    let manifest = try await Pibake.manifest(FilePath(image), cache: cache)
    #expect(whole.standardOutput.split(separator: "\n").count == manifest.count - 1)
    let hostname = try await run("ls", "--json", image, "/etc/hostname").standardOutput.dropLast(2)
    #expect(manifest.contains { $0.hasPrefix(hostname) })
    #expect(try await run("ls", image, "/etc/nothing*", status: 2).standardError.contains("/etc/nothing*"))
    #expect(try await run("inspct", image, status: 2).standardError.contains("did you mean 'inspect'?"))
  }

  @Test func `the whole root is extracted as the kernel sees it, and goes through tar`() async throws {
    guard try await isRoot() else { try Test.cancel("only root may give files away and make devices") }
    let image = try await Fixture.image("tiny")
    let out = folder.appending("out").string
    _ = try await run("extract", image.string, "/", "--to", out)
    // Linux takes the nanoseconds off the last second that a file system can hold.
    func comparable(_ lines: [Substring]) -> [Substring] { lines.filter { !$0.contains("/time/max2446") } }
    let expected = comparable(try await Pibake.manifest(image, cache: cache))
    let seen = try await Fixture.run("oracle-ext4.py", [out])
    #expect(difference(expected, comparable(seen.standardOutput.split(separator: "\n"))) == "")
    // A socket cannot be in an archive, and GNU tar writes both names of a fifo as fifos; the rest must come back from GNU tar's and bsdtar's.
    let sockets = expected.filter { $0.contains(#""type":"socket""#) }
    func withoutSockets(_ lines: [Substring]) -> [Substring] {
      lines.filter { !sockets.contains($0) && !$0.contains("/time/") && !$0.contains(#""type":"fifo""#) }
    }
    for (tool, options) in [
      ("tar", "--format=pax --xattrs '--xattrs-include=*' --acls --sparse --numeric-owner"),
      ("bsdtar", "--format=pax --numeric-owner"),
    ] where Tool.arePresent(tool) {
      try await shell("\(tool) -C out -cf \(tool).tar \(options) . 2> \(tool).log || [ $? = 1 ]")
      let theirs = try await Tool.run(
        Fixture.pibake.string, ["manifest", "--from-tar", folder.appending("\(tool).tar").string])
      #expect(
        difference(withoutSockets(expected), withoutSockets(theirs.standardOutput.split(separator: "\n"))) == "",
        "\(tool): \(theirs.standardError)")
    }

    let again = try await run("extract", image.string, "/etc/hostname", "--to", out, status: 2)
    #expect(again.standardError.contains("is there already") && again.standardError.contains("--force"))
    _ = try await run("extract", "--force", image.string, "/etc/hostname", "--to", out)
    #expect(try await run("diff", image.string, out, "--ignore", "mtime").output == "")
  }

  @Test func `without root what is kept is kept, and the rest is said`() async throws {
    guard try await isRoot(), Tool.arePresent("setpriv") else { try Test.cancel("needs root, to be nobody") }
    let image = try await Fixture.image("tiny")
    try await shell(
      "mkdir out; chown 65534:65534 out; chmod 755 .; cp '\(Fixture.pibake)' pibake; cp --sparse=always '\(image)' i.img; chmod 755 pibake; chmod 644 i.img"
    )
    let result = try await Tool.run(
      "sh",
      [
        "-c",
        "cd '\(folder.path)' && setpriv --reuid 65534 --regid 65534 --clear-groups ./pibake extract i.img / --to out --cache out/.c",
      ])
    #expect(result.status == 0, "\(result.output)")
    for part in ["owners were not kept", "devices were not made"] { #expect(result.standardError.contains(part)) }
    let differences = try await run(
      "diff", image.string, folder.appending("out").string, "--ignore", "uid,gid,xattrs,mtime,nlink", "--json",
      status: 1)
    for line in differences.standardOutput.split(separator: "\n") where !line.contains(#""type":"char""#) {
      #expect(line.contains(#""fields":["mode"]"#) || line.contains(#""type":"block""#), "\(line)")
    }
  }

  @Test func `a bake to tar needs no root, and its archive equals the disk`() async throws {
    let base = try await Fixture.image("tiny")
    for (output, format) in [("a", "tar"), ("b", "tar"), ("c", "image")] {
      _ = try await run(
        "build", Fixture.recipes.appending("nog.toml").string, "--image", base.string, "--format", format, "--output",
        folder.appending(output).string)
    }
    try await shell(
      "cmp a/nog/nog-root.tar b/nog/nog-root.tar; test -f a/nog/boot/cmdline.txt; sha256sum a/nog/nog-root.tar | cut -c1-64 > sum; grep -qf sum a/nog/manifest.json"
    )
    let differences = try await run(
      "diff", folder.appending("c/nog/nog-usb.img").string, folder.appending("a/nog/nog-root.tar").string,
      "--json", status: 1)
    for line in differences.standardOutput.split(separator: "\n") {
      #expect(line.contains(#""type":"socket""#) && line.contains(#""change":"removed""#), "\(line)")
    }
  }
}
