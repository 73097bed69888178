import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Sets the time zone, the keyboard and the language, where the recipe says so.
  mutating func editLocale() throws(RaspberryPiOSError) {
    let locale = recipe.locale
    if let zone = locale.timezone {
      try attempt { (system) throws(RaspberryPiOSError) in try system.setTimezone(zone) }
    }
    if let keymap = locale.keymap {
      try attempt { (system) throws(RaspberryPiOSError) in try system.setKeymap(keymap) }
    }
    if let lang = locale.lang { try attempt { (system) throws(RaspberryPiOSError) in try system.setLang(lang) } }
  }

  private mutating func setTimezone(_ wanted: Located<String>) throws(RaspberryPiOSError) {
    let zone = wanted.value
    let folder: TreePath = "usr/share/zoneinfo"
    guard let path = TreePath("usr/share/zoneinfo/\(zone)"), NodeSystem.isZone(zone), try isZoneFile(path) else {
      guard root.has(folder) else { throw .unsupported("the image has no /usr/share/zoneinfo") }
      throw .recipe(
        "[locale] timezone = \"\(zone)\": the image has no such zone", place: wanted.place,
        hint: zone.nearest(in: try zones(in: folder)).map { "did you mean \"\($0)\"?" })
    }
    try root.write("\(zone)\n", to: "etc/timezone", time: time)
    try root.link("etc/localtime", to: "/usr/share/zoneinfo/\(zone)", time: time)
  }

  /// Whether the name can be a zone: the copies in posix and right, and the rules that others refer to, are none.
  private static func isZone(_ name: String) -> Bool {
    !["posix", "right", "posixrules", "localtime"].contains(String(name.prefix { $0 != "/" }))
  }

  /// Whether a compiled zone is at `path` (tzfile(5)): the folder holds tables such as leapseconds, too.
  private func isZoneFile(_ path: TreePath) throws(RaspberryPiOSError) -> Bool {
    guard case .file(let content)? = root.inode(at: path)?.body else { return false }
    do { return try content.head(4).elementsEqual("TZif".utf8) } catch { throw .io(error) }
  }

  /// The names of all zones, such as "America/Argentina/Salta"; the doubles in posix and right are left out.
  private func zones(in folder: TreePath) throws(RaspberryPiOSError) -> [String] {
    var zones: [String] = []
    var open = [(folder, "")]
    while let (path, prefix) = open.popLast() {
      for name in root.names(in: path) where !prefix.isEmpty || NodeSystem.isZone("\(name)") {
        let place = path.appending(name)
        // A link to a folder above would never end.
        if case .directory? = root.inode(at: place, followingLast: false)?.body {
          open.append((place, "\(prefix)\(name)/"))
        } else if try isZoneFile(place) {
          zones.append("\(prefix)\(name)")
        }
      }
    }
    return zones
  }

  private mutating func setLang(_ wanted: Located<String>) throws(RaspberryPiOSError) {
    let lang = LocaleArchive.canonical(wanted.value)
    if try !isBuilt(lang) {
      // The image's lack, not the recipe's: a node that speaks C.UTF-8 still does all else that was asked.
      guard root.has("usr/sbin/locale-gen"), let supported = try root.text(at: "usr/share/i18n/SUPPORTED") else {
        return warn(
          "[locale] lang = \"\(lang)\" is left out: the image has neither it nor the package locales to make it")
      }
      try buildOnFirstStart(lang, from: supported, at: wanted.place)
    }
    if !lang.contains("."), !["C", "POSIX"].contains(lang), !lang.contains("@") {
      warn("[locale] lang = \"\(lang)\" is the locale with an 8-bit character set: \"\(lang).UTF-8\" is what most want")
    }
    try setLanguage(lang)
  }

  /// Sets LANG, and takes away what would beat it: LC_ALL beats all, LANGUAGE beats it for messages (locale(7)).
  private mutating func setLanguage(_ lang: String) throws(RaspberryPiOSError) {
    if !root.has("etc/default/locale") { try root.write("", to: "etc/default/locale", time: time) }
    for path: TreePath in ["etc/default/locale", "etc/locale.conf", "etc/environment"] {
      var others: [String] = []
      try edit(path) { file throws(RaspberryPiOSError) in
        file.removeAll { ["LC_ALL", "LANGUAGE"].contains(NodeSystem.variable(of: $0)) }
        let isHome = path == "etc/default/locale"
        let line = file.firstIndex { NodeSystem.variable(of: $0) == "LANG" }
        if let line { file[line] = "LANG=\(lang)" } else if isHome { file.append("LANG=\(lang)") }
        others = file.indices.compactMap { NodeSystem.variable(of: file[$0]) }.filter { $0.hasPrefix("LC_") }
      }
      if !others.isEmpty { warn("\(path) sets \(others.joined(separator: ", ")), which [locale] lang does not change") }
    }
  }

  /// The variable that a line assigns, `export` before it or not; nil for other lines.
  private static func variable(of line: String) -> String? {
    let text = line.trimmed
    let assignment = text.hasPrefix("export ") ? text.dropFirst(7).trimmed : text
    guard let equals = assignment.firstIndex(of: "="), !assignment.hasPrefix("#") else { return nil }
    return String(assignment[..<equals])
  }

  /// Whether the C library finds the locale as it is.
  private func isBuilt(_ lang: String) throws(RaspberryPiOSError) -> Bool {
    let folded = LocaleArchive.fold(lang)
    if ["C", "POSIX", "C.utf8"].contains(folded) { return true }
    if root.names(in: "usr/lib/locale").contains(where: { LocaleArchive.fold("\($0)") == folded }) { return true }
    guard case .file(let archive)? = root.inode(at: "usr/lib/locale/locale-archive")?.body else { return false }
    return try archiveNames(archive).contains(folded)
  }

  /// The locales of an archive. One of all locales has 220 MB; the names are at its head.
  private func archiveNames(_ archive: FileContent) throws(RaspberryPiOSError) -> Set<String> {
    let index: [UInt8]
    do {
      let head = try archive.head(56)
      index = try archive.head(min(LocaleArchive.indexSize(parsing: head.span), archive.size, 16 << 20))
    } catch { throw .io(error) }
    return LocaleArchive.names(parsing: index.span)
  }

  /// Has the node make the locale, with what the package `locales` brought: it takes a Pi's processor.
  private mutating func buildOnFirstStart(
    _ lang: String, from supported: TextFile, at place: RecipePlace?
  ) throws(RaspberryPiOSError) {
    let folded = LocaleArchive.fold(lang)
    let names = supported.indices.compactMap { supported[$0].words.first }
    guard let index = supported.firstIndex(where: { $0.words.first.map(LocaleArchive.fold) == folded }) else {
      throw .recipe(
        "[locale] lang = \"\(lang)\": the image has no such locale", place: place,
        hint: lang.nearest(in: names).map { "did you mean \"\($0)\"?" })
    }
    let line = supported[index].trimmed
    var list = try root.text(at: "etc/locale.gen") ?? TextFile()
    list.set(line) { $0.trimmed == line || $0.hasPrefix("#") && $0.dropFirst().trimmed == line }
    try root.write(list.bytes, to: "etc/locale.gen", time: time)
    try root.install(NodeSystem.localeUnit, time: time)
    warn("the image does not hold the locale \(lang): the node makes it on its first start, in a minute or so")
  }

  private static let localeUnit = OwnUnit(
    name: "pibake-locale-gen.service",
    text: """
      [Unit]
      Description=Make the locales of /etc/locale.gen
      After=pibake-grow-root.service

      [Service]
      Type=oneshot
      ExecStart=/usr/sbin/locale-gen
      ExecStartPost=/usr/bin/systemctl --no-reload disable pibake-locale-gen.service

      [Install]
      WantedBy=multi-user.target

      """)
}
