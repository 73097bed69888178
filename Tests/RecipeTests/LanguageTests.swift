import SystemPackage
import Testing

@testable import Recipe

/// The one table of keys, from which everything else about the language comes.
@Suite struct `The recipe language` {
  private static let tables = RecipeLanguage.tables.filter { !["nodes", "tags"].contains($0.path) }

  /// The examples that people read in `explain` are what the language takes; those that name files and secrets of others are not tried.
  @Test func `takes its own examples`() throws {
    var tried = 0
    for table in Self.tables {
      for key in table.keys.all where !key.note.example.isEmpty && !key.note.example.contains("…") {
        let isFile = ["path", "source", "files", "scripts", "password_file"].contains(key.name)
        if isFile { continue }
        let name = table.keys.others?.name == key.name ? Self.name(key.name) : key.name
        let header = table.title.hasPrefix("[[") ? "[[\(table.path)]]" : "[\(table.path)]"
        let problems = try Self.problems("\(header)\n\(name) = \(key.note.example)")
        // Some need another key.
        let wrong = problems.filter { $0.hasPrefix("a.toml:3:") && $0.contains("error") && !$0.contains(" needs ") }
        #expect(wrong.isEmpty, "\(table.title) \(name)")
        tried += 1
      }
    }
    #expect(tried > 70)
  }

  /// A name that a user may give in a table of free names.
  private static func name(_ placeholder: String) -> String {
    ["PARAMETER": "\"vm.swappiness\"", "ADDRESS": "\"192.168.7.1\"", "MODULE": "brcmfmac"][placeholder] ?? "lab"
  }

  private static func problems(_ text: String) throws -> [String] {
    let folder = try RecipeFolder(["a.toml": "node = { name = \"nog\" }\n" + text])
    return folder.problems(folder.load("a.toml"))
  }

  @Test func `says one sentence of each key, and what it takes`() throws {
    for table in Self.tables {
      for key in table.keys.all {
        #expect(key.note.summary.hasSuffix("."), "\(table.title) \(key.name): \(key.note.summary)")
        let explanation = Explanation(of: "\(table.path).\(key.name)")
        #expect(explanation != nil, "\(table.path).\(key.name)")
      }
    }
    let explanation = try #require(Explanation(of: "[root] on"))
    #expect(explanation.lines.contains { $0.hasSuffix(#""disk", "usb" or "nfs""#) }, "\(explanation.lines)")
    #expect(Explanation(of: "root")?.lines.count ?? 0 > 5)
    #expect(Explanation(of: "wifi") == nil)
    #expect(
      try #require(Explanation(of: "wlan.password")).lines.contains { $0.contains("no message, log or manifest") })
    let all = Explanation.all.lines
    for table in Self.tables { #expect(all.contains { $0.hasPrefix(table.title) }, "\(table.title)") }
  }

  @Test(arguments: [
    ("[wifi]", "unknown key 'wifi'; [wlan] is the table for wireless networks"),
    ("hostname = \"x\"", "unknown key 'hostname'; 'hostname' is a key of [system]"),
    (
      "[user]\nname = \"ben\"\npassword_encrypted = \"x\"",
      "unknown key 'password_encrypted' in [user]; write password_hash"
    ),
    ("config_version = \"1.1\"", "unknown key 'config_version'; recipe_version is the version here"),
    ("[ssh]\nssh_import_id = \"gh:ben\"", "pibake asks no server for keys: write them into authorized_keys"),
    ("[wlan]\nssid = \"x\"\npsk = \"12345678\"", "write password, which takes a passphrase or 64 hex digits"),
    ("[ethernet]\naddress = \"192.168.7.2\"", "did you mean \"192.168.7.2/24\"?"),
    ("[ethernet]\nnetmask = \"255.255.255.0\"", "write address with its prefix length"),
    ("[ethernet]\nnameservers = []", "unknown key 'nameservers' in [ethernet]; write dns"),
    ("[locale]\nlanguage = \"de\"", "the language is [locale] lang"),
    ("[locale]\ntime_zone = \"Europe/Vienna\"", "did you mean 'timezone'?"),
    ("[root]\nsize = \"32 GB\"", "expected \"fit\" or a size such as \"8GiB\""),
    ("[root]\npartuuid = \"c1f95d14-02\"", "write [root] disk_id"),
    ("[boot]\ncmdline = \"quiet\"", "[boot] cmdline: expected a table, found a string"),
    ("[services]\nenable = \"docker\"", "[services] enable: expected an array, found a string"),
    ("[services]\nenabled = []", "did you mean 'enable'?"),
    ("[[mounts]]\ndevice = \"/dev/sda1\"", "[[mounts]] what is missing"),
    ("[swap]\nto = \"file\"", "[swap] to = \"file\" needs size"),
    ("[wlan]\nssid = \"x\"\nkey_mgmt = \"sae\"", "[wlan] key_mgmt = \"sae\" needs password or password_file"),
    ("[wlan]\nssid = \"x\"\npassword = \"short\"", "[wlan] password: expected 8 to 63 printable ASCII characters"),
    ("[wlan]\nssid = \"x\"\ncountry = \"Austria\"", "expected a country's two letters"),
    ("[[files]]\npath = \"/a\"\nsource = \"no\"", "cannot be read: No such file or directory"),
    ("[modules]\nload = \"i2c-dev\"", "[modules] load: expected an array, found a string"),
    ("[hosts]\n\"10.0.0.1\" = \"a b\"", "expected a host name"),
    ("[interfaces]\nserial = true", "[interfaces] serial: expected a string, found a boolean"),
    ("[tags.rack1]\nnode.name = \"x\"", "unknown key 'node' in [tags.rack1]"),
    ("eeprom = {}", "[eeprom] is not supported yet"),
    ("[users]\nname = \"ben\"", "users: expected an array of tables, [[users]], found a table"),
    ("[time]\nzone = \"UTC\"", "write [locale] timezone"),
    ("[ethernet]\nvlan = 10", "[ethernet] vlan needs interface"),
  ])
  func `says what to write instead`(_ text: String, _ expected: String) throws {
    let problems = try Self.problems(text)
    #expect(problems.contains { $0.contains(expected) }, "\(problems)")
  }
}
