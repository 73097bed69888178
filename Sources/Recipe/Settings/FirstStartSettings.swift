import Bytes
import SystemPackage

/// `runcmd` and `[first_start]`: what the node runs once, on its first start.
package struct FirstStartSettings: Sendable {
  /// Lines for the shell, in their order.
  package var commands: [Located<String>]
  /// Files of this machine that are run before the commands, in their order.
  package var scripts: [Located<FilePath>]

  /// Settings that say only what is given.
  package init(commands: [Located<String>] = [], scripts: [Located<FilePath>] = []) {
    self.commands = commands
    self.scripts = scripts
  }
}

extension FirstStartSettings {
  static let commandsKey = ListKey(
    "runcmd", of: .shellCommand,
    "Commands that the node runs as root, once, on its first start with the network up; an array of words is quoted for the shell.",
    example: "[\"timedatectl set-ntp true\", [\"touch\", \"/var/tmp/a b\"]]", preseed: "runcmd")
  static let scriptsKey = ListKey(
    "scripts", of: .existingPath, takesOne: true,
    "Programs, relative to this file, that the node runs as root, once, before the commands of runcmd.",
    example: "[\"setup.sh\"]")
  static let keys = TableKeys("first_start", "Programs of the first start.", [scriptsKey])

  init(reading recipe: TableReader) {
    self.init(
      commands: recipe.located(Self.commandsKey) ?? [],
      scripts: recipe.table(Self.keys).located(Self.scriptsKey) ?? [])
  }
}

extension Form<String> {
  /// A line for the shell, or the words of a command.
  static var shellCommand: Form {
    Form(.any([.text(), .words])) { setting in
      guard let elements = setting.elements else {
        return text("a command, on one line or several") { !$0.trimmed.isEmpty && !$0.utf8.contains(0) }.read(setting)
      }
      var words: [String] = []
      for element in elements {
        guard case .string(let word) = element.content, !word.utf8.contains(0) else {
          return .failure(.kind("the words of a command as strings", element))
        }
        words.append(word.shellWord)
      }
      return words.isEmpty
        ? .failure(Mismatch(found: "[]", message: "expected the words of a command"))
        : .success(words.joined(separator: " "))
    }
  }
}
