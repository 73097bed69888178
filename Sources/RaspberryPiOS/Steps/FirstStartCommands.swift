import Bytes
import FileTree
import Recipe
import SystemPackage

extension NodeSystem {
  /// Has the node run the recipe's programs and commands, once, on its first start.
  mutating func arrangeFirstStart(_ settings: FirstStartSettings) throws(RaspberryPiOSError) {
    guard !settings.commands.isEmpty || !settings.scripts.isEmpty else { return }
    var steps: [(title: String, command: String)] = []
    for (index, script) in settings.scripts.enumerated() {
      let (_, _, inode) = try imported(script.value, place: script.place)
      guard case .file(let content) = inode.body else {
        throw .recipe("[first_start] \(script.value) is a folder: expected a program", place: script.place)
      }
      let path = FirstStartCommands.folder.appending(text: "script-\(index + 1)")
      // Programs may hold secrets.
      let copy = Inode(mode: 0o700, time: time, body: .file(content))
      try root.put(copy, at: path, followingLast: false, makingFolders: time)
      steps.append((script.value.lastComponent?.string ?? "script", "/\(path)"))
    }
    for (index, command) in settings.commands.enumerated() {
      steps.append(("command \(index + 1)", "/bin/sh -c \(command.value.shellWord)"))
    }
    try root.put(
      Inode(mode: 0o700, time: time, body: .file(FileContent(bytes: Array(FirstStartCommands.script(steps).utf8)))),
      at: FirstStartCommands.path, followingLast: false, makingFolders: time)
    try root.install(FirstStartCommands.unit, time: time)
  }
}

/// The unit that runs the recipe's programs and commands, and its script.
enum FirstStartCommands {
  static let folder: TreePath = "usr/lib/pibake/first-start.d"
  static let path: TreePath = "usr/lib/pibake/first-start"

  /// It fails where one of them does: `systemctl --failed` names it, and the journal tells which.
  static let unit = OwnUnit(
    name: "pibake-first-start.service",
    text: """
      [Unit]
      Description=Run what the recipe asks for on the first start
      Wants=network-online.target
      After=network-online.target pibake-grow-root.service pibake-ssh-host-keys.service
      ConditionPathExists=!/var/lib/pibake/first-start

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=/usr/lib/pibake/first-start

      [Install]
      WantedBy=multi-user.target

      """)

  /// Runs `steps` in their order, each of them whatever became of those before it. FIRST_START_FOLDER is there for tests.
  static func script(_ steps: [(title: String, command: String)]) -> String {
    """
    #!/bin/sh
    # Written by pibake. Runs each step once in the node's life: a start that is cut off does not run them again.
    set -u

    folder=${FIRST_START_FOLDER:-/var/lib/pibake}
    status=0

    run() {
      title=$1
      shift
      if "$@"; then
        echo "$title: done"
      else
        echo "$title: failed with status $?" >&2
        status=1
      fi
    }

    mkdir -p "$folder" || exit 1
    : > "$folder/first-start" && sync "$folder/first-start" "$folder" || exit 1

    """ + steps.map { "run \($0.title.shellWord) \($0.command)\n" }.joined() + "exit \"$status\"\n"
  }
}
