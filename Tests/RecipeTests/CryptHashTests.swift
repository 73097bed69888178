import TestSupport
import Testing

@testable import Recipe

@Suite struct `Password hashes` {
  /// Settings of crypt(5) with which the system's own crypt makes good strings. Costs are low, except where they are the
  /// method's default.
  private static let settings = [
    "$y$j9T$pibakedemo0123456789..$", "$y$j75$F.$", "$y$j/.$abcd$", "$gy$j75$pibakedemo01$", "$7$2/..../....salt$",
    "$6$wq3nVpZ0$", "$6$rounds=1000$0123456789abcdef$", "$6$a$", "$5$salt$", "$5$rounds=1234$a.b/c$",
    "$2b$04$abcdefghijklmnopqrstuu",
    "$2a$04$abcdefghijklmnopqrstuu", "$2y$05$......................",
  ]

  /// What crypt(3) says of each text: whether its result for some password begins with the same setting and has the same
  /// length and alphabet, so that a password can match.
  private func judge(_ texts: [String]) async throws -> [Bool] {
    let script = #"""
      for my $hash (@ARGV) {
        my $result = crypt("password", $hash) // "*";
        my $at = $hash =~ /^\$2/ ? 29 : rindex($hash, "\$") + 1;
        my $good = $result !~ /^\*/ && length($result) == length($hash) && $at > 3
          && substr($result, 0, $at) eq substr($hash, 0, $at) && substr($hash, $at) =~ m{^[./0-9A-Za-z]+$}
          && $hash !~ /^\$(1|sha1|md5|3|2x)/;
        print $good ? "1" : "0";
      }
      """#
    let result = try await Tool.run("perl", ["-e", script] + texts)
    try #require(result.status == 0, "\(result.output)")
    return result.standardOutput.map { $0 == "1" }
  }

  private func made() async throws -> [String] {
    let script = #"print crypt("password", $_) // "*", "\n" for @ARGV"#
    let result = try await Tool.run("perl", ["-e", script] + Self.settings)
    return result.standardOutput.split(separator: "\n").map(String.init)
  }

  @Test(.enabled(if: Tool.arePresent("perl"), "perl is not installed"))
  func `are those that crypt(3) takes, whole, cut and altered`() async throws {
    let good = try await made()
    try #require(good.count == Self.settings.count)
    var corpus = good
    for hash in good {
      let bytes = Array(hash.utf8)
      for length in stride(from: 1, to: bytes.count, by: 7) {
        corpus.append(String(decoding: bytes[..<length], as: UTF8.self))
      }
      corpus += [hash + ".", hash + "$", hash + "\n", "\(hash.dropLast())", "!\(hash)", " \(hash)"]
      // Parameters altered at will could ask for gigabytes.
      for index in stride(from: bytes.count - 2, to: max(bytes.count - 50, 8), by: -5) {
        for character in "!:$=;*\\ é" {
          var text = Array(hash.unicodeScalars)
          text[index] = character.unicodeScalars.first ?? "!"
          corpus.append(String(String.UnicodeScalarView(text)))
        }
      }
    }
    corpus += [
      "$6$rounds=999$salt$", "$6$rounds=01000$salt$", "$6$rounds=1000000000$salt$", "$6$rounds=$salt$",
      "$6$0123456789abcdefg$", "$6$$", "$5$sa lt$", "$y$j9T$$", "$y$$salt$", "$2b$03$abcdefghijklmnopqrstuu",
      "$2b$4$ab",
      "$2b$32$abcdefghijklmnopqrstuu", "$2b$04$abcdefghijklmnopqrstuv",
    ].map {
      $0
        + ($0.hasPrefix("$6")
          ? String(repeating: ".", count: 86) : String(repeating: ".", count: $0.hasPrefix("$2") ? 31 : 43))
    }
    corpus += ["", "*", "!", "x", "hunter2", "$", "$$$$", "ab0123456789.", "$1$salt$0123456789abcdefghij..", "é"]
    let verdicts = try await judge(corpus)
    try #require(verdicts.count == corpus.count)
    for (text, verdict) in zip(corpus, verdicts) where CryptHash.isOne(text) != verdict {
      Issue.record("\(text.debugDescription): crypt(3) says \(verdict)")
    }
    #expect(verdicts.prefix(good.count).allSatisfy { $0 })
  }

  @Test(arguments: [
    ("$1$salt$hash", "md5crypt is too weak"), ("ab0123456789.", "DES is too weak"),
    ("$sha1$1$a$b", "sha1crypt is too weak"),
    ("!", "locks the account"), ("*", "locks the account"), ("", "locks the account"), ("$6$salt$", "cut short"),
    ("$y$", "cut short"), ("hunter2", "expected a crypt(5) string"),
  ])
  func `that are refused are told why`(_ text: String, _ reason: String) {
    #expect(CryptHash.problem(of: text)?.contains(reason) == true)
  }
}
