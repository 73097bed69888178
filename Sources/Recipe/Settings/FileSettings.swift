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
  /// A user name of the image, or a number; nil: the user in whose home the file lies, else root.
  package var owner: Located<String>?
  /// A group name of the image, or a number; nil: that of the user in whose home the file lies, else root.
  package var group: Located<String>?
  /// Where the recipe says so, for errors that only the image can tell.
  package var place: RecipePlace

  /// An edit at `path`, which the recipe says at `place`.
  package init(
    path: String, action: Action, mode: UInt16? = nil, owner: Located<String>? = nil, group: Located<String>? = nil,
    place: RecipePlace
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
  static let pathKey = Key("path", .absolutePath, "Where on the node.", example: "\"/etc/motd\"")
  static let contentKey = Key("content", .text, "The text of the file.", example: "\"Welcome to {{node.name}}.\\n\"")
  static let sourceKey = Key(
    "source", .existingPath, "A file or folder, relative to this file, to be copied.", example: "\"motd\"")
  static let symlinkKey = Key("symlink", .linkTarget, "Where a symbolic link leads.", example: "\"/run/motd\"")
  static let directoryKey = Key("directory", .onlyTrue, "A folder.", example: "true")
  static let removeKey = Key(
    "remove", .onlyTrue, "Nothing: what is there goes, a folder with all that it holds.", example: "true")
  static let templateKey = Key(
    "template", .boolean, "Whether variables such as {{node.name}} in the content are filled.", example: "true",
    fallback: "false")
  static let modeKey = Key(
    "mode", .permissions, "The permission bits.", example: "\"0600\"",
    fallback: "those of the file replaced or copied, or 0644 and 0755")
  static let ownerKey = Key(
    "owner", .owner, "The owner: a name of the image, or a number.", example: "\"www-data\"",
    fallback: "the user in whose home the file lies, else root")
  static let groupKey = Key(
    "group", .owner, "The group: a name of the image, or a number.", example: "\"adm\"",
    fallback: "that of the user in whose home the file lies, else root")
  static let keys = TableKeys(
    "files", "Files to add, replace or remove, in the order of the recipe.",
    [
      pathKey, contentKey, sourceKey, symlinkKey, directoryKey, removeKey, templateKey, modeKey, ownerKey, groupKey,
    ],
    exclusives: [
      TableKeys.Exclusive(["content", "source", "symlink", "directory", "remove"], isRequired: true)
    ],
    required: ["path"])

  /// One element of `[[files]]`; `node` fills a template. nil when it is wrong, which has been reported.
  init?(reading table: TableReader, node: NodeRecipe) {
    let choices: [Action?] = [
      table[Self.contentKey].map(Action.content), table[Self.sourceKey].map(Action.source),
      table[Self.symlinkKey].map(Action.symlink), table[Self.directoryKey].map { _ in .directory },
      table[Self.removeKey].map { _ in .remove },
    ]
    guard let path = table[Self.pathKey], let action = choices.compactMap(\.self).first else { return nil }
    self.path = path
    mode = table[Self.modeKey]
    owner = table.located(Self.ownerKey)
    group = table.located(Self.groupKey)
    place = table.entry(Self.pathKey)?.setting.place ?? table.settings.place
    FileSettings.warnOfKeysWithoutEffect(action, in: table)
    self.action = table[Self.templateKey] ?? false ? action.filled(from: table, node: node) : action
  }

  private static func warnOfKeysWithoutEffect(_ action: Action, in table: TableReader) {
    let (idle, what): ([String], String) =
      switch action {
      case .remove: (["mode", "owner", "group"], "what is removed")
      // Linux gives every link the mode 0777.
      case .symlink: (["mode"], "a symbolic link")
      default: ([], "")
      }
    for key in idle {
      if let entry = table.settings[key] { table.warn(key, "has no effect on \(what)", at: entry.place) }
    }
  }
}

extension FileSettings.Action {
  /// The action with its content's variables replaced.
  fileprivate func filled(from table: TableReader, node: NodeRecipe) -> Self {
    guard case .content(let text) = self, let entry = table.entry(FileSettings.contentKey) else {
      if let entry = table.entry(FileSettings.templateKey) {
        table.fail("template", "is supported for content only yet", at: entry.place)
      }
      return self
    }
    switch Template(text).filled(for: node) {
    case .success(let filled): return .content(filled)
    case .failure(let problem):
      table.fail("content:", "\(problem)", at: entry.setting.place)
      return self
    }
  }
}
