import Bytes
import FileTree
import Recipe

// The files outside the account database that name the first user, or lead into its home.
extension NodeSystem {
  /// The folders whose text files are searched for the old name of a renamed user.
  private static let scanned: [TreePath] = [
    "etc/default", "etc/init.d", "etc/logrotate.d", "etc/nginx/sites-enabled", "etc/profile.d", "etc/samba",
    "etc/supervisor/conf.d", "etc/udev/rules.d", "etc/xdg/autostart", "etc/cron.daily", "etc/cron.hourly",
    "etc/cron.weekly", "etc/cron.monthly", "usr/local/bin", "usr/local/sbin",
  ]
  private static let scannedFiles: [TreePath] = ["etc/rc.local", "etc/fstab", "etc/exports", "etc/environment"]
  /// Larger files are no settings.
  private static let sizeLimit = 1 << 20

  /// Renames the user where a file can mean nothing else, and reports each other file that still names it.
  mutating func rename(_ renaming: UserRenaming) throws(RaspberryPiOSError) {
    for path in unitFiles() { try editLines(path, renaming, renaming.unitLine) }
    for path in [TreePath("etc/crontab")] + settings(in: "etc/cron.d") {
      try editLines(path, renaming, renaming.cronLine)
    }
    for path in [TreePath("etc/sudoers")] + settings(in: "etc/sudoers.d") {
      try editLines(path, renaming, renaming.sudoersLine)
    }
    try replaceDesktopLogin(of: renaming, by: "autologin-user=\(renaming.new)")
    for folder: TreePath in ["var/mail", "var/spool/cron/crontabs"] {
      let file = folder.appending(text: renaming.new)
      if let name = Name(Array(renaming.new.utf8)), root.has(folder.appending(text: renaming.old)) {
        try root.rename(folder.appending(text: renaming.old), to: name)
      }
      if folder.names.last?.description == "crontabs" { try editLines(file, renaming, renaming.movingHome) }
    }
    try reportLeftovers(of: renaming)
  }

  /// Gives the automatic logins of `old`, on consoles and on the desktop, to `new`; without `new` there are none.
  mutating func replaceAutologin(of old: String, by new: String?) throws(RaspberryPiOSError) {
    let renaming = UserRenaming(old: old, new: new ?? old, oldHome: "", newHome: "", renamesGroup: false)
    for path in unitFiles() {
      guard let file = try settingsText(path, renaming) else { continue }
      let lines = file.indices.filter { renaming.replacingAutologin(file[$0], by: "") != file[$0] }
      guard !lines.isEmpty else { continue }
      if let new {
        try editLines(path, renaming) { renaming.replacingAutologin($0, by: new) }
      } else {
        // raspi-config removes the whole drop-in when it turns the automatic login off.
        try root.removeIfPresent(path)
      }
    }
    try replaceDesktopLogin(
      of: renaming, by: new.map { "autologin-user=\($0)" } ?? "#autologin-user=\(recipe.users[0].name)")
  }

  private mutating func replaceDesktopLogin(of renaming: UserRenaming, by line: String) throws(RaspberryPiOSError) {
    for path in [TreePath("etc/lightdm/lightdm.conf")] + settings(in: "etc/lightdm/lightdm.conf.d") {
      try editLines(path, renaming) { $0.trimmed == "autologin-user=\(renaming.old)" ? line : $0 }
    }
  }

  // MARK: Files

  /// The administrator's units and drop-ins. Links are left out: they lead to units of packages, or to another here.
  private func unitFiles() -> [TreePath] {
    let folder: TreePath = "etc/systemd/system"
    let dropIns = root.names(in: folder).filter { $0.bytes.suffix(2).elementsEqual(".d".utf8) }
    return ([folder] + dropIns.map { folder.appending($0) }).flatMap { settings(in: $0) }
  }

  /// The regular files of a folder.
  private func settings(in folder: TreePath) -> [TreePath] {
    root.names(in: folder).map { folder.appending($0) }.filter { path in
      if case .file? = root.inode(at: path, followingLast: false)?.body { true } else { false }
    }
  }

  /// The file at `path` as lines; nil if there is none, it is too large or binary, or nothing in it may name the user.
  private func settingsText(_ path: TreePath, _ renaming: UserRenaming) throws(RaspberryPiOSError) -> TextFile? {
    guard case .file(let content)? = root.inode(at: path)?.body, content.size <= NodeSystem.sizeLimit,
      let bytes = try root.bytes(at: path), renaming.mayBeNamed(in: bytes[...]), !bytes.contains(0)
    else { return nil }
    return TextFile(bytes)
  }

  private mutating func editLines(
    _ path: TreePath, _ renaming: UserRenaming, _ change: (String) -> String
  ) throws(RaspberryPiOSError) {
    guard var file = try settingsText(path, renaming) else { return }
    var isChanged = false
    for index in file.indices where renaming.mayBeNamed(in: file.lines[index]) {
      let line = file[index]
      let new = change(line)
      if new != line {
        file[index] = new
        isChanged = true
      }
    }
    if isChanged { try root.write(file.bytes, to: path, time: time) }
  }

  // MARK: What is left

  /// Reports, file by file, lines that still name the user or its old home: their meaning is not certain.
  private mutating func reportLeftovers(of renaming: UserRenaming) throws(RaspberryPiOSError) {
    let packaged = enabledPackageUnits()
    let paths = NodeSystem.scannedFiles + NodeSystem.scanned.flatMap { settings(in: $0) } + packaged
    for path in paths {
      guard let file = try settingsText(path, renaming) else { continue }
      let candidates = file.indices.filter { renaming.mayBeNamed(in: file.lines[$0]) }
      let lines = candidates.filter { renaming.isNamed(in: file[$0]) }.map { $0 + 1 }
      guard let first = lines.first else { continue }
      let place = lines.count == 1 ? "line \(first)" : "line \(first) and \(lines.count - 1) more"
      warn("\(path), \(place): still names \(renaming.old) or its home, which is \(renaming.new)'s now")
    }
  }

  /// The units of packages that a target wants: no edit belongs there.
  private func enabledPackageUnits() -> [TreePath] {
    let folder: TreePath = "etc/systemd/system"
    let wants = root.names(in: folder).filter { $0.bytes.suffix(6).elementsEqual(".wants".utf8) }
    var paths: Set<TreePath> = []
    for link in wants.flatMap({ want in
      root.names(in: folder.appending(want)).map { folder.appending(want).appending($0) }
    }) {
      guard let path = try? root.resolve(link), !path.names.starts(with: folder.names) else { continue }
      paths.insert(path)
    }
    return paths.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}
