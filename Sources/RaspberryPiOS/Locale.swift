import FileTree
import Recipe

extension NodeSystem {
  /// Sets the time zone, the keyboard and the language, where the recipe says so.
  mutating func editLocale() throws(RaspberryPiOSError) {
    if let zone = recipe.locale.timezone { try setTimezone(zone) }
    if let keymap = recipe.locale.keymap { try setKeymap(keymap) }
    if let lang = recipe.locale.lang { try setLang(lang) }
  }

  private mutating func setTimezone(_ zone: String) throws(RaspberryPiOSError) {
    let folder: TreePath = "usr/share/zoneinfo"
    guard let path = TreePath("usr/share/zoneinfo/\(zone)"), case .file? = root.inode(at: path)?.body else {
      guard root.has(folder) else { throw .unsupported("the image has no /usr/share/zoneinfo") }
      throw .recipe(
        "[locale] timezone = \"\(zone)\": the image has no such zone",
        hint: zone.nearest(in: zones(in: folder)).map { "did you mean \"\($0)\"?" })
    }
    try root.write("\(zone)\n", to: "etc/timezone", time: time)
    try root.link("etc/localtime", to: "/usr/share/zoneinfo/\(zone)", time: time)
  }

  /// The names of all zones, such as "America/Argentina/Salta"; the doubles in posix and right are left out.
  private func zones(in folder: TreePath) -> [String] {
    var zones: [String] = []
    var open = [(folder, "")]
    while let (path, prefix) = open.popLast() {
      for name in root.names(in: path) where !(prefix.isEmpty && ["posix", "right"].contains("\(name)")) {
        let place = path.appending(name)
        // A link to a folder above would never end.
        if case .directory? = root.inode(at: place, followingLast: false)?.body {
          open.append((place, "\(prefix)\(name)/"))
        } else if !"\(name)".contains(".") {
          zones.append("\(prefix)\(name)")
        }
      }
    }
    return zones
  }

  /// Sets the layout that console and desktop share (keyboard(5)).
  private mutating func setKeymap(_ layout: String) throws(RaspberryPiOSError) {
    let stock = "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"gb\"\nXKBVARIANT=\"\"\nXKBOPTIONS=\"\"\n\nBACKSPACE=\"guess\"\n"
    var file = try root.text(at: "etc/default/keyboard") ?? TextFile(text: stock)
    let changed = file.value(of: "XKBLAYOUT") != layout
    guard changed else { return }
    file.set("XKBLAYOUT=\"\(layout)\"") { $0.hasPrefix("XKBLAYOUT=") }
    // A variant belongs to the layout before.
    if let variant = file.value(of: "XKBVARIANT"), !variant.isEmpty {
      file.set("XKBVARIANT=\"\"") { $0.hasPrefix("XKBVARIANT=") }
    }
    try root.write(file.bytes, to: "etc/default/keyboard", time: time)
    // keyboard-setup.sh prefers what setupcon(1) computed from the old layout, whatever its age.
    try root.removeIfPresent("etc/console-setup/cached_setup_keyboard.sh")
  }

  private mutating func setLang(_ lang: String) throws(RaspberryPiOSError) {
    if try !isBuilt(lang) {
      // The image's lack, not the recipe's: a node that speaks C.UTF-8 still does all else that was asked.
      guard root.has("usr/sbin/locale-gen"), let supported = try root.text(at: "usr/share/i18n/SUPPORTED") else {
        return warn(
          "[locale] lang = \"\(lang)\" is left out: the image has neither it nor the package locales to make it")
      }
      try buildOnFirstStart(lang, from: supported)
    }
    var file = try root.text(at: "etc/default/locale") ?? TextFile()
    file.set("LANG=\(lang)") { $0.hasPrefix("LANG=") }
    try root.write(file.bytes, to: "etc/default/locale", time: time)
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
    _ lang: String, from supported: TextFile
  ) throws(RaspberryPiOSError) {
    let folded = LocaleArchive.fold(lang)
    let names = supported.indices.compactMap { supported[$0].words.first }
    guard let index = supported.firstIndex(where: { $0.words.first.map(LocaleArchive.fold) == folded }) else {
      throw .recipe(
        "[locale] lang = \"\(lang)\": the image has no such locale",
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
