import FoundationEssentials
import SystemPackage
import Testing

private let keys: [Wrong] = [
  Wrong(
    #"[system]\#nhostnme = "x""#,
    #"3:1: error: unknown key 'hostnme' in [system]; did you mean 'hostname'?"#),
  Wrong(
    #"[sytem]"#,
    #"2:2: error: unknown key 'sytem'; did you mean 'system'?"#),
  Wrong(
    #"quite = 1"#,
    #"2:1: error: unknown key 'quite'"#),
  Wrong(
    #"[boot]\#ncmdline = { ad = [] }"#,
    #"3:13: error: unknown key 'ad' in [boot.cmdline]; did you mean 'add'?"#),
  Wrong(
    #"recipe_version = 2"#,
    #"2:18: error: recipe_version 2: this pibake reads version 1"#),
  Wrong(
    #"recipe_version = "1""#,
    #"2:18: error: recipe_version: expected the integer 1, found a string"#),
  Wrong(
    #"fleet_seed = 3"#,
    #"2:14: error: fleet_seed: expected a string, found an integer"#),
  Wrong(
    #"fleet_seed = """#,
    #"2:14: error: fleet_seed: expected one line of 8 characters or more; `pibake seed` makes a seed"#),
  Wrong(
    #"fleet_seed = "pibake1-00112233445566778899aabbccddeeff00000000""#,
    #"2:14: error: fleet_seed: a digit is missing or wrong: expected the whole line that `pibake seed` printed"#),
  Wrong(
    #"fleet_seed = "env:PIBAKE_NO_SUCH_SEED""#,
    #"2:14: error: fleet_seed "env:PIBAKE_NO_SUCH_SEED": the environment has no variable of this name"#),
  Wrong(
    #"fleet_seed = "$FLEET_SEED""#,
    #"2:14: error: fleet_seed: a variable is written "env:NAME""#),
  Wrong(
    #"fleet_seed = "ENV:FLEET_SEED""#,
    #"2:14: error: fleet_seed: a variable is written "env:NAME""#),
  Wrong(
    #"fleet_seed = "/etc/passwd""#,
    #"2:14: error: fleet_seed: this is the name of a file: write fleet_seed_file"#),
  Wrong(
    #"image.path = "https://ben:hush@example.org/a.img.xz?token=hush""#,
    #"2:14: error: [image] path = "https://example.org/a.img.xz": this is a URL: write [image] url"#),
  Wrong(
    #"fleet_seed_file = "nowhere""#,
    #"2:19: error: fleet_seed_file "nowhere": cannot be read: No such file or directory"#),
  Wrong(
    #"[packages]\#ninstall=[]"#,
    #"2:2: error: [packages] is not supported yet"#),
  Wrong(
    #"nodes_from = "x.csv""#,
    #"1:10: error: [node] name and nodes_from (a.toml:2:1) cannot both be given"#,
    #"2:14: error: nodes_from: cannot read x.csv: No such file or directory"#),
  Wrong(
    #"[root]\#noverlay = true"#,
    #"3:11: error: [root] overlay = true is not supported yet"#),
  Wrong(
    #"[root]\#noverlay = false"#),
  Wrong(
    #"[root]\#nfilesystem = "btrfs""#,
    #"3:14: error: [root] filesystem = "btrfs" is refused: Debian's mkfs.btrfs makes every device 0:0 and fills holes; a server's btrfs takes [output] tree = "btrfs-stream""#
  ),
  Wrong(
    #"[output]\#ntree = "btrfs-steam"\#nstream = "v3""#,
    #"3:8: error: [output] tree = "btrfs-steam": expected "directory", "tar", "btrfs" or "btrfs-stream""#,
    #"4:10: error: [output] stream = "v3": expected "v1" or "v2-zstd""#),
  Wrong(
    #"[output]\#nimage = { compress = "gzip", bmap = 1, level = 9 }"#,
    #"3:22: error: [output.image] compress = "gzip": expected "none", "xz" or "zstd""#,
    #"3:37: error: [output.image] bmap: expected true or false, found an integer"#,
    #"3:40: error: unknown key 'level' in [output.image]"#),
  Wrong(
    #"runcmd = ["x", [], ["y", 3], ""]"#,
    #"2:16: error: runcmd []: expected the words of a command"#,
    #"2:20: error: runcmd: expected the words of a command as strings, found an integer"#,
    #"2:30: error: runcmd "": expected a command, on one line or several"#),
  Wrong(
    #"eeprom = {}"#,
    #"2:1: error: [eeprom] is not supported yet"#),
  Wrong(
    #"system = 3"#,
    #"2:10: error: system: expected a table, found an integer"#),
  Wrong(
    #"[[system]]"#,
    #"2:1: error: system: expected a table, found an array"#),
  Wrong(
    #"nodes = {}"#,
    #"1:10: error: [node] name and [[nodes]] (a.toml:2:1) cannot both be given"#,
    #"2:9: error: nodes: expected an array of tables, [[nodes]], found a table"#),
  Wrong(
    #"extends = "nix.toml""#,
    #"2:11: error: extends: cannot read nix.toml: No such file or directory"#),
  Wrong(
    #"extends = 3"#,
    #"2:11: error: extends: expected a path, found an integer"#),
  Wrong(
    #"extends = "a.toml""#,
    #"2:11: error: extends: the recipes extend each other in a circle: a.toml → a.toml"#),
  Wrong(
    #"extends = ["../../../../../etc", 4]"#,
    #"2:12: error: extends: cannot read ../../../../../etc: Is a directory"#,
    #"2:34: error: extends: expected a path, found an integer"#),
  Wrong(
    #"a = "#,
    #"2:5: error: expected a value"#),
]

@Suite struct `Keys` {
  @Test(arguments: keys)
  func `that are unknown, misplaced or not supported are reported`(_ wrong: Wrong) throws { try wrong.check() }
}

/// Keys that the recipe language has, and that change nothing where they stand.
private let idleKeys: [Wrong] = [
  Wrong(
    #"[server]\#ndhcp = "server"\#ninterface = "eth0"\#ntftp_root = "/t"\#nstore = "/s"\#nsubnet = "10.0.0.0/8""#,
    #"3:8: warning: [server] dhcp has no effect: pibake does not configure the server yet"#,
    #"4:13: warning: [server] interface has no effect: pibake does not configure the server yet"#),
  Wrong(
    #"[root]\#nnfs_version = "4.1""#,
    #"3:15: warning: [root] nfs_version has no effect: the root is not on the server"#),
  Wrong(
    #"[boot]\#nfrom = "card"\#n[root]\#non = "nfs"\#ndisk_id = "c1f95d14"\#n[server]\#naddress = "10.0.0.1""#,
    #"6:11: warning: [root] disk_id has no effect: a root over NFS has no disk"#),
  Wrong(
    #"[[files]]\#npath = "/a"\#nsymlink = "b"\#nmode = "0600""#,
    #"5:1: warning: [[files]] mode has no effect on a symbolic link"#),
  Wrong(
    #"[[files]]\#npath = "/a"\#nremove = true\#nmode = "0600"\#nowner = "pi"\#ngroup = "pi""#,
    #"5:1: warning: [[files]] mode has no effect on what is removed"#,
    #"6:1: warning: [[files]] owner has no effect on what is removed"#,
    #"7:1: warning: [[files]] group has no effect on what is removed"#),
]

@Suite struct `Keys without effect` {
  @Test(arguments: idleKeys)
  func `are warned of`(_ wrong: Wrong) throws { try wrong.check() }

  /// A setting that no other module asks for changes nothing: then its key must be warned of.
  @Test func `are all that nothing reads`() throws {
    let sources = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
      .appending("Sources")
    let settings = try swiftFiles(in: sources.appending("Recipe/Settings"))
    let readers =
      try ["RaspberryPiOS", "Baking", "pibake", "Recipe/Checks", "Recipe/Nodes"]
      .flatMap { try swiftFiles(in: sources.appending($0)) }
      + settings.map { text in
        // What a setting computes from others reads them.
        text.split(separator: "\n").filter { !$0.contains("package var ") && !$0.contains("self.") }.joined(
          separator: "\n")
      }
    let names = Set(settings.flatMap { $0.matches(of: /package var (\w+)\b/).map { String($0.1) } })
    #expect(names.count > 40)
    let read = Set(readers.flatMap { $0.matches(of: /\.(\w+)/).map { String($0.1) } })
    let idle = names.subtracting(read)
    // Swift itself, and a place's own description, ask for the others; that `[server] interface` is idle, those of other tables hide.
    #expect(
      idle.subtracting(["debugDescription", "customMirror", "column"]) == ["dhcp"],
      "each of these needs a warning of its own: \(idle)")
  }

  private func swiftFiles(in folder: FilePath) throws -> [String] {
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder.string) else { return [] }
    return try names.filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOfFile: folder.appending($0).string, encoding: .utf8) }
  }
}

@Suite struct `Boards` {
  @Test(arguments: [
    ("pi3", "gpt", "disk", true), ("Pi02W", "gpt", "disk", true), ("cm3", "gpt", "disk", true),
    ("pi4", "gpt", "disk", false), ("pi500", "gpt", "disk", false), ("cm4", "gpt", "disk", false),
    ("pi3", "hybrid", "disk", false), ("pi3", "mbr", "disk", false), ("pi3", "gpt", "tftp", false),
  ])
  func `that boot by a ROM without GPT are warned of`(
    model: String, table: String, from: String, isWarned: Bool
  ) throws {
    let folder = try RecipeFolder([
      "a.toml": """
      node = { name = "nog", mac = "dc:a6:32:01:02:03", model = "\(model)" }
      boot.from = "\(from)"
      root.on = "\(from == "tftp" ? "usb" : "disk")"
      output.image.table = "\(table)"
      """
    ])
    let warning =
      "a.toml:4:22: warning: the boot ROM of a \(model) reads no GPT: "
      + "[output] image = { table = \"hybrid\" } adds what it reads"
    #expect(folder.problems(folder.load("a.toml")) == (isWarned ? [warning] : []))
  }
}
