import SystemPackage
import TestSupport
import Testing

/// What needs no image.
@Suite(.enabled(if: Pibake.isBuilt, "the release binary is not built: run `make test`"))
struct CommandLineTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func shell(_ script: String) async throws -> Tool.Result {
    try await Tool.run("bash", ["-c", "cd '\(folder.path)'; pibake='\(Fixture.pibake)'; \(script)"])
  }

  @Test func `version names the libraries that are loaded`() async throws {
    let lines = try await shell("$pibake --version").standardOutput.split(separator: "\n")
    try #require(lines.count == 2)
    #expect(lines[0].wholeMatch(of: /pibake \d+\.\d+\.\d+(, commit [0-9a-z-]+)?/) != nil, "\(lines[0])")
    for (name, command) in [("liblzma", "xz --version"), ("OpenSSL", "openssl version")] {
      let library = try #require(lines[1].split(separator: ", ").first { $0.hasPrefix("\(name) ") })
      let tool = try await shell(command)
      let number = library.dropFirst(name.count + 1)
      #expect(tool.standardOutput.contains(number), "\(library): \(tool.output)")
    }
  }

  @Test func `seed makes 128 bits, for standard output or a file of one's own`() async throws {
    let seeds = try await shell("$pibake seed; $pibake seed -").standardOutput.split(separator: "\n")
    #expect(seeds.count == 2 && Set(seeds).count == 2)
    let made = try await shell("$pibake seed fleet.seed && stat -c '%a %s' fleet.seed && ls -A")
    #expect(made.standardOutput == "600 \((seeds.first?.utf8.count ?? 0) + 1)\nfleet.seed\n", "\(made.output)")
    let again = try await shell(
      "before=$(cat fleet.seed); $pibake seed fleet.seed; echo $?; [ \"$before\" = \"$(cat fleet.seed)\" ]")
    #expect(again.status == 0 && again.standardOutput == "1\n", "\(again.output)")
    for name in ["/", "..", "''", "$'\\xff'", "nowhere/fleet.seed"] {
      let refused = try await shell("$pibake seed \(name); echo $?; ls -A")
      #expect(
        ["1\nfleet.seed\n", "2\nfleet.seed\n"].contains(refused.standardOutput)
          && refused.standardError.hasPrefix("error: "), "\(name): \(refused.output)")
    }
  }

  @Test(.timeLimit(.minutes(1))) func `a recipe may come from a shell's pipe, and a FIFO alone is refused`()
    async throws
  {
    let piped = try await shell("$pibake build <(sleep 0.1; echo 'node.name = \"nog\"')")
    #expect(piped.status == 2 && piped.standardError.contains("[image]"), "\(piped.output)")
    let fifo = try await shell("mkfifo f; timeout 10 $pibake build f")
    #expect(fifo.status == 2 && fifo.standardError.contains("is a FIFO that nobody writes to"), "\(fifo.output)")
  }
}
