import SystemPackage
import Testing

@testable import Recipe

@Suite struct `Password files` {
  private func load(
    _ content: String, permissions: FilePermissions = [.ownerRead]
  ) throws -> (problems: [String], password: UserSettings.Password?) {
    let folder = try RecipeFolder(["a.toml": "node.name = \"nog\"\n[user]\nname = \"ben\"\npassword_file = \"secret\""])
    try folder.write("secret", Array(content.utf8), permissions: permissions)
    let result = folder.load("a.toml")
    return (folder.problems(result), result.nodes.first?.users.first?.password)
  }

  @Test func `hold a password on one line`() throws {
    let (problems, password) = try load("hunter2\n")
    #expect(problems == [])
    guard case .clear(let secret)? = password else {
      Issue.record("no clear password")
      return
    }
    #expect(secret.exposed == "hunter2")
    #expect("\(secret)" == "(secret)")
  }

  @Test func `or a hash`() throws {
    let hash = "$y$j9T$pibakedemo0123456789..$jnACZt/W063jf3/DcgLO9rksn1c.7oR/NH5lvDslE/6"
    guard case .hash(let secret)? = try load(hash).password else {
      Issue.record("no hash")
      return
    }
    #expect(secret.exposed == hash)
  }

  @Test(arguments: [
    ("geheim\r\n", "expected a line without a carriage return: save the file with the line ends of Unix"),
    ("\u{FEFF}geheim\n", "expected a file without a byte order mark: save it as UTF-8 without BOM"),
    (
      "$y$j9T$salt$hash",
      "the crypt(5) string is cut short or damaged, no password matches it (a shell expands $ in double quotes)"
    ),
  ])
  func `that nobody could type are refused`(_ content: String, _ reason: String) throws {
    #expect(try load(content).problems == ["a.toml:4:17: error: [user] password_file = \"secret\": \(reason)"])
  }

  @Test(arguments: ["", "\n", "two\nlines\n", "tab\t"])
  func `hold nothing else`(_ content: String) throws {
    #expect(
      try load(content).problems == [
        "a.toml:4:17: error: [user] password_file = \"secret\": expected a file that holds one line, the password or its hash"
      ])
  }

  @Test func `had better be readable by their owner only`() throws {
    let permissions: FilePermissions = [.ownerRead, .groupRead]
    #expect(
      try load("hunter2", permissions: permissions).problems == [
        "a.toml:4:17: warning: [user] password_file: others than its owner can read the file"
      ])
  }
}
