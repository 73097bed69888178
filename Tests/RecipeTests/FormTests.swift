import SystemPackage
import Testing

@testable import Recipe
@testable import TOML

@Suite struct `Forms` {
  private func read<Value>(_ form: Form<Value>, _ text: String) throws -> Value? {
    let table = try TOMLTable(parsing: Array("a = \(text)".utf8))
    let value = try #require(table["a"]).value
    return try? form.read(Setting(value, in: RecipeFile(path: "a.toml"))).get()
  }

  @Test(
    arguments: [
      ("fit", .fit), ("8GiB", .bytes(8 << 30)), ("4G", .bytes(4 << 30)), ("512M", .bytes(512 << 20)),
      ("2TiB", .bytes(2 << 40)), ("16TiB", .bytes(16 << 40)),
      ("64K", .bytes(65_536)), ("8GB", .bytes(8_000_000_000)), ("2TB", .bytes(2_000_000_000_000)),
      ("0G", nil), ("8", nil), ("G", nil), ("8 G", nil), ("-8G", nil), ("+8G", nil), ("1.5G", nil), ("8gib", nil),
      ("1KB", nil),
      ("17TiB", nil), ("99999999999999999999G", nil), ("9999999999999T", nil), ("٣G", nil),
    ] as [(String, DiskSize?)])
  func `of sizes`(_ text: String, _ size: DiskSize?) throws {
    #expect(try read(Form<DiskSize>.diskSize, "'\(text)'") == size)
  }

  @Test(
    arguments: [
      ("'0644'", 0o644), ("'755'", 0o755), ("'4755'", 0o4755), ("0o644", 0o644), ("0o0", 0), ("644", nil),
      ("0x1a4", nil),
      ("'0999'", nil), ("'+644'", nil), ("'00644'", nil), ("'77'", nil), ("0o17777", nil), ("true", nil),
    ] as [(String, UInt16?)])
  func `of permissions`(_ text: String, _ mode: UInt16?) throws {
    #expect(try read(Form<UInt16>.permissions, text) == mode)
  }

  @Test(arguments: [
    ("$y$j9T$salt$hash", false), ("$6$salt$hash", false), ("$5$rounds=5000$salt$hash", false), ("$2b$10$abc$", false),
    ("$1$salt$hash", false), ("hunter2", false), ("$6$", false), ("$6$salt", false), ("$6$sa:lt$hash", false),
    ("$6$salt$ha\nsh", false), ("$y$j9T$…", false), ("!$6$salt$hash", false),
  ])
  func `of password hashes`(_ text: String, _ isOne: Bool) { #expect(CryptHash.isOne(text) == isOne) }

  private static let key = "AAAAC3NzaC1lZDI1NTE5AAAAIMuGOu7N7tb5n4Q5CGVMVAS79xhpwPe19J262Sa6sHGu"

  @Test(
    arguments: [
      ("ssh-ed25519 \(key)", nil), ("ssh-ed25519 \(key) ben@mandalore, at home", nil),
      ("no-pty,command=\"echo \\\"a b\" ssh-ed25519 \(key)", nil), (" ssh-ed25519\t\(key)", nil),
      ("no-pty,command=\"echo a b\" ssh-ed25519 \(key)", nil), ("command=\"a \\\" b ssh-ed25519 \(key)", "quote"),
      ("ssh-ed25519 \(key.dropLast(4))", "cut short"), ("ssh-rsa \(key)", "damaged"), ("ssh-ed25519 AAAA", "cut short"),
      ("ssh-ed25519", "cut short"), ("ssh-ed25519 AAAA…", "damaged"), (key, "expected a public key"),
      ("", "expected a public key"), ("ssh-dss \(key)", "no longer"), ("# ssh-ed25519 \(key)", "comment"),
      ("ssh-ed25519 \(key)\nssh-ed25519 \(key)", "one key each"), ("ssh-ed25519 \(key)\r", "carriage return"),
      ("ssh-ed25519 \(key) one ssh-ed25519 \(key) two", "second key"), ("~/.ssh/id_ed25519.pub", "path"),
      ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"), ("@cert-authority * ssh-ed25519 \(key)", "known_hosts"),
      ("ssh-ed25519-cert-v01@openssh.com \(key)", "certificate"), ("shiny ssh-ed25519 \(key)", "unknown option"),
      ("from=\"a\",from=\"b\" ssh-ed25519 \(key)", "twice"), ("command=a ssh-ed25519 \(key)", "quotes"),
    ] as [(String, String?)])
  func `of authorized keys`(_ line: String, _ reason: String?) {
    do throws(AuthorizedKey.Problem) {
      let key = try AuthorizedKey(parsing: line)
      #expect(reason == nil && line.contains(key.line))
    } catch {
      #expect(reason.map { error.message.contains($0) } == true, "\(error.message)")
      #expect(!error.message.contains(Self.key))
    }
  }

  @Test(arguments: [
    ("nog", true), ("n", true), ("nog-2", true), ("2nog", true), ("NOG", true), ("", false), ("-nog", false),
    ("nog-", false),
    ("nog.at", false), ("n\u{D}g", false), ("n\u{10}g", false), ("nög", false),
    (String(repeating: "n", count: 64), false),
  ])
  func `of host names`(_ text: String, _ isOne: Bool) { #expect((HostName(text) != nil) == isOne) }

  @Test(
    arguments: [
      ("'9ffefdef'", "9ffefdef"), ("'9FFEFDEF'", "9ffefdef"), ("'0x9ffefdef'", "9ffefdef"),
      ("'100000009ffefdef'", "9ffefdef"), ("'9ffefde'", nil), ("'9ffefdeg'", nil), ("''", nil),
    ] as [(String, String?)])
  func `of serial numbers`(_ text: String, _ serial: String?) throws {
    #expect(try read(Form<String>.serial, text) == serial)
  }

  @Test(arguments: [
    ("Europe/Vienna", true), ("UTC", true), ("Etc/GMT+5", true), ("America/Argentina/Buenos_Aires", true),
    ("/Vienna", false), ("Europe/", false), ("../etc/passwd", false), ("", false), ("Europe Vienna", false),
  ])
  func `of time zones`(_ text: String, _ isOne: Bool) throws {
    #expect((try read(Form<String>.timezone, "'\(text)'") != nil) == isOne)
  }

  @Test(arguments: [
    ("192.168.7.0/24", true), ("10.0.0.0/8", true), ("192.168.7.1/24", false), ("192.168.7.0", false),
    ("192.168.7.0/33", false), ("192.168.7.0/+4", false), ("192.168.7/24", false), ("192.168.7.256/24", false),
  ])
  func `of subnets`(_ text: String, _ isOne: Bool) { #expect((IPv4.subnet(text) != nil) == isOne) }

  @Test(
    arguments: [
      ("hostnme", "hostname"), ("hostanme", "hostname"), ("machine-id", "machine_id"), ("x", nil), ("completely", nil),
      (String(repeating: "hostname", count: 10_000), nil),
    ] as [(String, String?)])
  func `that are near are suggested`(_ word: String, _ nearest: String?) {
    #expect(word.nearest(in: ["hostname", "machine_id"]) == nearest)
  }
}
