import Foundation
import SystemPackage
import TestSupport
import Testing

/// What boot-disk.py reports of one start of a machine.
struct Start: Decodable {
  /// A session over ssh, by key.
  struct Session: Decodable {
    let status: Int
    /// The user, the shell and the host name, as the session prints them.
    let said: String
    let output: [String]
  }

  /// A command given after the login.
  struct Command: Decodable {
    let status: Int
    let output: String
  }

  /// "seen", "ended" or "timeout".
  let result: String
  let reason: String?
  let answers: [String: Answer]
  let session: Session?
  let commands: [Command]
  /// What the journal has of level 4 or worse, but for what the stock stand-in has too.
  let journal: [String]?
  /// What systemd and the kernel say at power-off if something still holds a file system.
  let busy: [String]?
  let total: Double

  /// The value of an answer that comes once, or the empty string.
  subscript(name: String) -> String { answers[name]?.lines.first ?? "" }

  /// All values of an answer.
  func lines(_ name: String) -> [String] { answers[name]?.lines ?? [] }

  /// An answer that came once or several times.
  struct Answer: Decodable {
    let lines: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      lines = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
    }
  }

  /// Boots a disk and logs in as ben.
  static func of(_ arguments: [String], log: FilePath) async throws -> Start {
    let result = try await Fixture.run(
      "boot-disk.py", ["--timeout", "2400", "--log", log.string, "--login", "ben:changeme"] + arguments)
    if result.status != 0 {
      let console = try await Tool.run("tail", ["--lines=60", log.string])
      Issue.record("the system did not come up: \(result.output)\n\(console.output)")
    }
    return try JSONDecoder().decode(Start.self, from: Data(result.standardOutput.utf8))
  }
}
