import SystemPackage

/// One of `[[files]]`: what is to stand at a path of the root.
package struct FileSettings: Sendable {
  /// What is to stand there.
  package enum Action: Sendable {
    /// A file with this text.
    case content(String)
    /// A copy of a file or folder of this machine.
    case source(FilePath)
    /// A symbolic link to this target.
    case symlink(String)
    /// A folder.
    case directory
    /// Nothing: what is there goes, a folder with all that it holds.
    case remove
  }
  /// An absolute path without `.` and `..`.
  package var path: String
  /// What is to stand there.
  package var action: Action
  /// The permission bits, at most 0o7777; nil: those of the file replaced, of the source, or 0644 and 0755.
  package var mode: UInt16?
  /// A user name of the image, or a number; nil: root.
  package var owner: String?
  /// A group name of the image, or a number; nil: root.
  package var group: String?
  /// Where the recipe says so, for errors that only the image can tell.
  package var place: RecipePlace

  /// An edit at `path`, which the recipe says at `place`.
  package init(
    path: String, action: Action, mode: UInt16? = nil, owner: String? = nil, group: String? = nil, place: RecipePlace
  ) {
    self.path = path
    self.action = action
    self.mode = mode
    self.owner = owner
    self.group = group
    self.place = place
  }
}

extension FileSettings {
  private static let actions = ["content", "source", "symlink", "directory", "remove"]

  /// One element of `[[files]]`; `node` fills a template, which without it is checked only. nil when it is wrong.
  init?(reading table: TableReader, node: NodeRecipe?) {
    let path = table.value("path", .absolutePath)
    let choices: [Action?] = [
      table.value("content", .text).map(Action.content),
      table.value("source", .existingPath).map(Action.source),
      table.value("symlink", .linkTarget).map(Action.symlink),
      table.value("directory", .onlyTrue).map { _ in .directory },
      table.value("remove", .onlyTrue).map { _ in .remove },
    ]
    let isTemplate = table.value("template", .boolean) ?? false
    mode = table.value("mode", .permissions)
    owner = table.value("owner", .owner)
    group = table.value("group", .owner)
    place = table.settings["path"]?.setting.place ?? table.settings.place
    table.require("path")
    table.requireOne(of: Self.actions)
    let action = choices.compactMap(\.self).first
    FileSettings.warnOfKeysWithoutEffect(action, in: table)
    self.action = isTemplate ? action?.filled(from: table, node: node) ?? .remove : action ?? .remove
    guard let path, action != nil else { return nil }
    self.path = path
  }
}

extension FileSettings {
  private static func warnOfKeysWithoutEffect(_ action: Action?, in table: TableReader) {
    let idle: [String]
    switch action {
    case .remove: idle = ["mode", "owner", "group"]
    // Linux gives every link the mode 0777.
    case .symlink: idle = ["mode"]
    default: idle = []
    }
    for key in idle {
      guard let entry = table.settings[key] else { continue }
      let what = action.map { if case .remove = $0 { "what is removed" } else { "a symbolic link" } } ?? ""
      table.log.warning("\(table.subject(key)) has no effect on \(what)", at: entry.place)
    }
  }
}

extension FileSettings.Action {
  /// The action with its content's variables replaced.
  fileprivate func filled(from table: TableReader, node: NodeRecipe?) -> Self {
    guard case .content(let text) = self, let place = table.settings["content"]?.setting.place else {
      if let place = table.settings["template"]?.place {
        table.log.error("\(table.subject("template")) is supported for content only yet", at: place)
      }
      return self
    }
    switch Template(text).filled(for: node) {
    case .success(let filled): return .content(filled)
    case .failure(let problem):
      table.log.error("\(table.subject("content")): \(problem)", at: place)
      return self
    }
  }
}
