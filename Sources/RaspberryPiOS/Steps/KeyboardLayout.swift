import FileTree
import Recipe

/// `[locale] keymap`, taken apart: XKB layouts and the variant of each, such as "us(intl),ru".
struct Keymap {
  /// Each layout with its variant, which is empty where there is none.
  let parts: [(layout: String, variant: String)]

  init(_ text: String) {
    parts = text.split(separator: ",").map { part in
      let layout = part.prefix { $0 != "(" }
      return (String(layout), String(part.dropFirst(layout.count).filter { $0 != "(" && $0 != ")" }))
    }
  }

  /// XKBLAYOUT of keyboard(5).
  var layouts: String { parts.map(\.layout).joined(separator: ",") }
  /// XKBVARIANT of keyboard(5): as many parts as layouts, or nothing.
  var variants: String {
    parts.allSatisfy(\.variant.isEmpty) ? "" : parts.map(\.variant).joined(separator: ",")
  }
}

/// The layouts and variants that xkb-data of the image knows (rules/base.lst).
struct KeyboardLayouts {
  private(set) var layouts: [String] = []
  /// The variants of each layout.
  private(set) var variants: [String: [String]] = [:]

  /// The layouts of xkeyboard-config 2.35, for images that do not hold the list.
  static let wellKnown =
    """
    us af ara al am at au az by be bd in ba br bg dz ma cm mm ca cd cn hr cz dk nl bt ee ir iq fo fi fr gh gn ge de gr \
    hu is il it jp kg kh kz la latam lt lv mao me mk mt mn no pl pt ro ru rs si sk es se ch sy tj lk th tr tw ua gb uz \
    vn kr ie pk mv za epo np ng et sn brai tm ml tz tg ke bw ph md id jv my custom
    """.words

  /// nil if the image has no list.
  init?(_ root: FileTree) throws(RaspberryPiOSError) {
    let folder: TreePath = "usr/share/X11/xkb/rules"
    var file = try root.text(at: folder.appending(text: "base.lst"))
    if file == nil { file = try root.text(at: folder.appending(text: "evdev.lst")) }
    guard let file else { return nil }
    var section = ""
    for index in file.indices {
      let words = file[index].words
      guard let name = words.first else { continue }
      switch (name, section) {
      case ("!", _): section = words.dropFirst().first ?? ""
      case (_, "layout"): layouts.append(name)
      case (_, "variant"):
        // "  intl            us: English (US, intl., with dead keys)"
        if words.count > 1, words[1].hasSuffix(":") { variants[String(words[1].dropLast()), default: []].append(name) }
      default: break
      }
    }
  }

  /// What was probably meant by a layout that does not exist.
  func suggestion(for layout: String) -> String? {
    // Names of the console's keymaps and of countries that people write most.
    if let known = ["uk": "gb", "en": "us", "sv": "se", "da": "dk", "cs": "cz", "ja": "jp"][layout.lowercased()] {
      return known
    }
    if layouts.contains(layout.lowercased()) { return layout.lowercased() }
    let parts = layout.split(whereSeparator: { "-_".contains($0) }).map(String.init)
    if parts.count == 2, variants[parts[0]]?.contains(parts[1]) == true { return "\(parts[0])(\(parts[1]))" }
    if variants["us"]?.contains(layout) == true { return "us(\(layout))" }
    if let owner = layouts.first(where: { variants[$0]?.contains(layout) == true }) { return "\(owner)(\(layout))" }
    return layout.nearest(in: layouts)
  }
}

extension NodeSystem {
  /// Sets the layouts that console and desktop share (keyboard(5)).
  mutating func setKeymap(_ wanted: Located<String>) throws(RaspberryPiOSError) {
    let keymap = Keymap(wanted.value)
    try check(keymap, wanted)
    let stock = "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"gb\"\nXKBVARIANT=\"\"\nXKBOPTIONS=\"\"\n\nBACKSPACE=\"guess\"\n"
    var file = try root.text(at: "etc/default/keyboard") ?? TextFile(text: stock)
    let isSame = file.value(of: "XKBLAYOUT") == keymap.layouts
    // A layout that stays keeps the image's variant, unless the recipe names one.
    if isSame, keymap.variants.isEmpty || file.value(of: "XKBVARIANT") == keymap.variants { return }
    file.set("XKBLAYOUT=\"\(keymap.layouts)\"") { $0.hasPrefix("XKBLAYOUT=") }
    if (file.value(of: "XKBVARIANT") ?? "") != keymap.variants {
      file.set("XKBVARIANT=\"\(keymap.variants)\"") { $0.hasPrefix("XKBVARIANT=") }
    }
    try root.write(file.bytes, to: "etc/default/keyboard", time: time)
    // keyboard-setup.sh prefers what setupcon(1) computed from the old layout, whatever its age.
    try root.removeIfPresent("etc/console-setup/cached_setup_keyboard.sh")
  }

  private mutating func check(_ keymap: Keymap, _ wanted: Located<String>) throws(RaspberryPiOSError) {
    let text = wanted.value
    guard let known = try KeyboardLayouts(root) else {
      for part in keymap.parts where !KeyboardLayouts.wellKnown.contains(part.layout) {
        warn(
          "[locale] keymap = \"\(text)\": the image has no list of keyboard layouts, and \"\(part.layout)\" is none of XKB's"
        )
      }
      return
    }
    for (layout, variant) in keymap.parts {
      guard known.layouts.contains(layout) else {
        throw .recipe(
          "[locale] keymap = \"\(text)\": the image has no keyboard layout \"\(layout)\"",
          place: wanted.place,
          hint: known.suggestion(for: layout).map { "did you mean \"\($0)\"?" })
      }
      let variants = known.variants[layout] ?? []
      guard variant.isEmpty || variants.contains(variant) else {
        throw .recipe(
          "[locale] keymap = \"\(text)\": the layout \"\(layout)\" has no variant \"\(variant)\"",
          place: wanted.place,
          hint: variant.nearest(in: variants).map { "did you mean \"\(layout)(\($0))\"?" })
      }
    }
  }
}
