import SystemPackage
import TestSupport
import Testing

@testable import Recipe

@Suite struct `Authorized keys` {
  private static let kinds = [
    ["-t", "ed25519"], ["-t", "rsa", "-b", "1024"], ["-t", "rsa", "-b", "2048"], ["-t", "ecdsa", "-b", "256"],
    ["-t", "ecdsa", "-b", "384"], ["-t", "ecdsa", "-b", "521"],
  ]

  /// Public keys without comments: those that ssh-keygen makes, and two of security keys.
  private func makeKeys(in folder: TemporaryFolder) async throws -> [String] {
    var keys: [String] = []
    for (index, kind) in Self.kinds.enumerated() {
      let path = folder.appending("key\(index)").string
      let made = try await Tool.run("ssh-keygen", kind + ["-q", "-N", "", "-C", "", "-f", path])
      try #require(made.status == 0, "\(made.output)")
      keys.append(try await Tool.run("cat", [path + ".pub"]).standardOutput.split(separator: "\n").joined())
    }
    let script = #"""
      use MIME::Base64;
      sub field { join "", map { pack("N/a*", $_) } @_ }
      my ($ed) = $ARGV[0] =~ / (\S+)/; my ($ec) = $ARGV[1] =~ / (\S+)/;
      my $point = substr(decode_base64($ec), -65); my $name = "sk-ecdsa-sha2-nistp256\@openssh.com";
      print "sk-ssh-ed25519\@openssh.com ",
        encode_base64(field("sk-ssh-ed25519\@openssh.com", substr(decode_base64($ed), -32), "ssh:"), ""), "\n",
        "$name ", encode_base64(field($name, "nistp256", $point, "ssh:"), ""), "\n",
        "$name ", encode_base64(field($name, "nistp256", "\4" . "x" x 64, "ssh:"), ""), "\n",
        "ssh-ed25519 ", encode_base64(field("ssh-ed25519", "x" x 31), ""), "\n",
        "ssh-ed25519 ", encode_base64(field("ssh-ed25519", "x" x 32, ""), ""), "\n",
        "ssh-rsa ", encode_base64(field("ssh-rsa", "\1\0\1", "\xff" x 256), ""), "\n",
        "ssh-rsa ", encode_base64(field("ssh-rsa", "\1\0\1", "\0" . "\xff" x 100), ""), "\n";
      """#
    let made = try await Tool.run("perl", ["-e", script, keys[0], keys[3]])
    return keys + made.standardOutput.split(separator: "\n").map(String.init)
  }

  /// Lines around a key, good and bad.
  private func lines(around key: String) -> [String] {
    let (type, blob) = (key.prefix { $0 != " " }, String(key.drop { $0 != " " }.dropFirst()))
    var lines = [
      key, "\(key) comment with blanks", "  \(key)", "\(type)\t\(blob)\tc", "restrict \(key)", "\(type)  \(blob)",
      "command=\"echo \\\"hello there\\\"\" \(key) escaped", "environment=\"NAME=a \\\" b\" \(key)",
      "no-pty,from=\"192.0.2.0/24,2001:db8::/32\"\t\(key)", "NO-PTY,Command=\"x\" \(key)", "command=\"a b \(key)",
      "command=\"a\\\" \(key)", "expiry-time=\"20301231Z\" \(key)", "restrict,pty,user-rc \(key)",
      "permitopen=\"[::1]:80\",permitopen=\"host:*\",permitlisten=\"8080\" \(key)",
      "cert-authority,principals=\"a\" \(key)",
      "tunnel=\"0\" \(key)", "no-touch-required,verify-required \(key)", "restrict, \(key)",
      "\(type)", "\(type) ", blob, "\(type)\(blob)", "ssh-ed25519 \(blob)", "ssh-rsa \(blob)", "rsa-sha2-256 \(blob)",
      "ecdsa-sha2-nistp256 \(blob)", "ecdsa-sha2-nistp384 \(blob)", "\(type) \(blob)=", "\(type) \(blob)AAAA",
      "\(type) =\(blob)",
      "\(type) \(blob.dropLast())", "\(type) \(blob.dropLast(4))", "\(type) \(blob.dropFirst())", "\(type) !\(blob)",
      "\(type) AAAA", "\(key.uppercased())", "#\(key)", "1024 \(key)",
    ]
    for length in stride(from: 3, to: blob.count, by: max(11, blob.count / 6)) {
      lines.append("\(type) \(blob.prefix(length))")
      var altered = Array(blob)
      altered[length] = altered[length] == "A" ? "B" : "A"
      lines.append("\(type) \(String(altered))")
    }
    return lines
  }

  @Test(.enabled(if: Tool.arePresent("ssh-keygen", "perl", "sh"), "ssh-keygen or perl is not installed"))
  func `are those that ssh-keygen reads, whole, cut and altered`() async throws {
    let folder = try TemporaryFolder()
    let corpus = try await makeKeys(in: folder).flatMap(lines)
    for (index, line) in corpus.enumerated() {
      let file = try FileDescriptor.open(
        folder.appending("line\(index)"), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
      _ = try file.closeAfter { try file.writeAll("\(line)\n".utf8) }
    }
    let script =
      #"i=0; while [ $i -lt "$2" ]; do ssh-keygen -lf "$1/line$i" > /dev/null 2>&1 && echo 1 || echo 0; i=$((i+1)); done"#
    let judged = try await Tool.run("sh", ["-c", script, "sh", folder.path.string, "\(corpus.count)"])
    let verdicts = judged.standardOutput.split(separator: "\n").map { $0 == "1" }
    try #require(verdicts.count == corpus.count)
    for (line, verdict) in zip(corpus, verdicts) {
      let isKey = (try? AuthorizedKey(parsing: line)) != nil
      if isKey != verdict { Issue.record("\(line): ssh-keygen says \(verdict)") }
    }
    #expect(verdicts.filter { $0 }.count > 100)
  }

  private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMuGOu7N7tb5n4Q5CGVMVAS79xhpwPe19J262Sa6sHGu"

  /// What sshd 9.2 did with each line when a client offered the key: ssh-keygen does not look into options.
  @Test(arguments: [
    ("restrict   ", true), ("restrict,\t", true), ("restrict, ", true), ("shiny ", false), ("1024 ", false),
    ("from=\"127.0.0.1\",from=\"127.0.0.1\" ", false), ("no-pty,environment=\"A=b\" ", true),
    ("environment=\"A-=b\" ", false), ("expiry-time=\"20301231Z\" ", true), ("expiry-time=\"2030\" ", false),
    ("expiry-time=\"20301331\" ", false), ("expiry-time=\"203012312359\" ", true), ("permitopen=\"a:80\" ", true),
    ("permitopen=\"a\" ", false), ("permitopen=\"a:0\" ", false), ("permitopen=\"[::1]:80\" ", true),
    ("permitopen=\"a:http\" ", true), ("permitopen=\":80\" ", true), ("permitlisten=\"80\" ", true),
    ("tunnel=\"0\" ", true), ("tunnel=\"any\" ", true), ("tunnel=\"x\" ", false), ("principals=\"a\" ", false),
    ("no-restrict ", false), ("NO-PTY ", true), ("agent-forwarding,no-user-rc ", true), ("command=x ", false),
    ("verify-required ", true),
  ])
  func `have the options that sshd takes`(_ options: String, _ isTaken: Bool) {
    #expect(((try? AuthorizedKey(parsing: options + Self.key)) != nil) == isTaken)
  }
}
