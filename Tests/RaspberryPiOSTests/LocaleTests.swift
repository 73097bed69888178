import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS
import Recipe

struct LocaleTests {
  private static let hasSources =
    (try? FileDescriptor.open("/usr/share/i18n/locales/de_AT", .readOnly)).map { try? $0.close() } != nil

  @Test func `a zone that the image has not is refused with the nearest`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.locale.timezone = "Europe/Viena" })
    }
    #expect(error?.kind == .usage)
    #expect(error?.hint == "did you mean \"Europe/Vienna\"?")
    #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.locale.timezone = "Europe" })
    }
  }

  @Test func `a variant of the layout before goes with it`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/default/keyboard", "XKBLAYOUT=\"gb\"\nXKBVARIANT='dvorak'\n")
    let node = try stock.applying(recipe { $0.locale.keymap = "de" }).trees
    #expect(try node.root.string("etc/default/keyboard") == "XKBLAYOUT=\"de\"\nXKBVARIANT=\"\"\n")
    let same = try stock.applying(recipe { $0.locale.keymap = "gb" }).trees
    #expect(try same.root.string("etc/default/keyboard") == "XKBLAYOUT=\"gb\"\nXKBVARIANT='dvorak'\n")
    #expect(same.root.has("etc/console-setup/cached_setup_keyboard.sh"))
  }

  @Test(arguments: ["leapseconds", "tzdata.zi", "posixrules", "posix/Europe/Vienna", "right/Europe/Vienna"])
  func `what lies beside the zones is none`(name: String) throws {
    var stock = try StockTrees(.bookworm)
    for name in ["leapseconds", "tzdata.zi"] {
      try stock.put(TreePath("usr/share/zoneinfo").appending(text: name), "# Allowance for leap seconds\n")
    }
    try stock.put("usr/share/zoneinfo/posixrules", "TZif2")
    try stock.put("usr/share/zoneinfo/posix/Europe/Vienna", "TZif2")
    try stock.put("usr/share/zoneinfo/right/Europe/Vienna", "TZif2")
    let wished = stock
    #expect(throws: RaspberryPiOSError.self) { try wished.applying(recipe { $0.locale.timezone = Located(name) }) }
  }

  @Test(
    arguments: [
      ("us", "us", ""), ("us(intl)", "us", "intl"), ("us,ru", "us", ""), ("us(intl),ru", "us", "intl,"),
      ("de,us(dvorak)", "de", ",dvorak"),
    ] as [(String, String, String)])
  func `layouts and variants that the image has`(keymap: String, first: String, variants: String) throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/share/X11/xkb/rules/base.lst", Stock.keyboardRules)
    let node = try stock.applying(recipe { $0.locale.keymap = Located(keymap) }).trees
    let file = try #require(try node.root.text(at: "etc/default/keyboard"))
    #expect(file.value(of: "XKBLAYOUT")?.split(separator: ",").first.map(String.init) == first)
    #expect(file.value(of: "XKBVARIANT") == variants)
  }

  @Test(
    arguments: [
      ("uk", "gb"), ("us-intl", "us(intl)"), ("dvorak", "us(dvorak)"), ("DE", "de"), ("us(itnl)", "us(intl)"),
      ("nonsense", nil), ("us,xx(y)", nil),
    ] as [(String, String?)])
  func `a keyboard that there is not is refused with the nearest`(keymap: String, nearest: String?) throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/share/X11/xkb/rules/base.lst", Stock.keyboardRules)
    let wished = stock
    let error = #expect(throws: RaspberryPiOSError.self) {
      try wished.applying(recipe { $0.locale.keymap = Located(keymap) })
    }
    #expect(error?.kind == .usage)
    if let nearest { #expect(error?.hint == "did you mean \"\(nearest)\"?") }
  }

  @Test func `an image without xkb-data takes any layout, and warns of unknown ones`() throws {
    let stock = try StockTrees(.bookworm)
    #expect(try stock.applying(recipe { $0.locale.keymap = "de(neo)" }).warnings.filter { $0.isOfKeymap }.isEmpty)
    #expect(try stock.applying(recipe { $0.locale.keymap = "uk" }).warnings.contains { $0.isOfKeymap })
  }

  @Test func `what beats LANG goes with it`() throws {
    var stock = try withLocales()
    try stock.put(
      "etc/default/locale", "# by update-locale\nLANG=en_US.UTF-8\nLC_ALL=en_US.UTF-8\nLANGUAGE=en_US:en\n")
    try stock.put("etc/environment", "PATH=/bin\nexport LC_ALL=C\nLANG=C\nLC_TIME=C\n")
    try stock.put("etc/locale.conf", "LANGUAGE=en\n")
    let (node, warnings) = try stock.applying(recipe { $0.locale.lang = "de_AT.utf8" })
    #expect(try node.root.string("etc/default/locale") == "# by update-locale\nLANG=de_AT.UTF-8\n")
    #expect(try node.root.string("etc/environment") == "PATH=/bin\nLANG=de_AT.UTF-8\nLC_TIME=C\n")
    #expect(try node.root.string("etc/locale.conf") == "")
    #expect(warnings.contains { $0.description.contains("LC_TIME") })
  }

  private func withLocales() throws -> StockTrees {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/sbin/locale-gen", "#!/bin/sh\n", mode: 0o755)
    try stock.put("usr/share/i18n/SUPPORTED", "de_AT.UTF-8 UTF-8\nde_AT ISO-8859-1\nen_GB.UTF-8 UTF-8\n")
    try stock.put("etc/locale.gen", "# Locales.\n# de_AT ISO-8859-1\n# de_AT.UTF-8 UTF-8\nen_GB.UTF-8 UTF-8\n")
    return stock
  }

  @Test func `a locale that the image can make is made on first start`() throws {
    let (node, warnings) = try withLocales().applying(recipe { $0.locale.lang = "de_AT.UTF-8" })
    #expect(try node.root.string("etc/default/locale") == "LANG=de_AT.UTF-8\n")
    #expect(
      try node.root.string("etc/locale.gen")
        == "# Locales.\n# de_AT ISO-8859-1\nde_AT.UTF-8 UTF-8\nen_GB.UTF-8 UTF-8\n")
    #expect(node.root.isUnitEnabled("pibake-locale-gen.service"))
    #expect(warnings.contains { $0.description.contains("de_AT.UTF-8") })
  }

  @Test func `a locale of no such name is refused, and one that the image cannot make is left out aloud`() throws {
    let unknown = #expect(throws: RaspberryPiOSError.self) {
      try withLocales().applying(recipe { $0.locale.lang = "de_TA.UTF-8" })
    }
    #expect(unknown?.hint == "did you mean \"de_AT.UTF-8\"?")
    let bare = try StockTrees(.bookworm).applying(recipe { $0.locale.lang = "de_AT.UTF-8" })
    #expect(bare.warnings.contains { $0.description.contains("de_AT.UTF-8") && $0.description.contains("locales") })
    #expect(try bare.trees.root.string("etc/default/locale") == StockTrees(.bookworm).root.string("etc/default/locale"))
    let always = try StockTrees(.bookworm).applying(recipe { $0.locale.lang = "C.UTF-8" }).trees
    #expect(try always.root.string("etc/default/locale") == "LANG=C.UTF-8\n")
  }

  @Test(
    .enabled(
      if: Tool.arePresent("localedef") && LocaleTests.hasSources,
      "localedef or the sources of locales are missing"))
  func `the names in glibc's own archive are found`() async throws {
    let folder = try TemporaryFolder()
    _ = try await Tool.run("mkdir", ["-p", folder.appending("usr/lib/locale").string])
    for (source, name) in [("de_AT", "de_AT.UTF-8"), ("en_GB", "en_GB.UTF-8")] {
      let made = try await Tool.run("localedef", ["--prefix", folder.path.string, "-i", source, "-f", "UTF-8", name])
      try #require(made.status == 0, "\(made.output)")
    }
    let archive = try FileSource(folder.appending("usr/lib/locale/locale-archive"))
    let bytes = try archive.read(at: 0, count: archive.size)
    #expect(LocaleArchive.names(parsing: bytes.span) == ["de_AT.utf8", "en_GB.utf8"])
    let head = Array(bytes.prefix(LocaleArchive.indexSize(parsing: bytes.span)))
    #expect(head.count < bytes.count / 4)
    #expect(LocaleArchive.names(parsing: head.span) == ["de_AT.utf8", "en_GB.utf8"])

    var stock = try StockTrees(.bookworm)
    let content = FileContent(
      size: archive.size, source: archive, extent: FileExtent(offset: 0, sourceOffset: 0, count: archive.size))
    try stock.root.put(
      Inode(mode: 0o644, time: StockTrees.stockTime, body: .file(content)), at: "usr/lib/locale/locale-archive",
      makingFolders: StockTrees.stockTime)
    let node = try stock.applying(recipe { $0.locale.lang = "de_AT.utf8" }).trees
    #expect(try node.root.string("etc/default/locale") == "LANG=de_AT.UTF-8\n")
    #expect(!node.root.has("usr/lib/systemd/system/pibake-locale-gen.service"))
  }

  @Test func `an archive of nonsense names nothing`() {
    var seed: UInt64 = 1
    for count in [0, 55, 56, 57, 4096] {
      for _ in 0..<200 {
        var bytes = (0..<count).map { _ -> UInt8 in
          seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: seed >> 33)
        }
        if count >= 56 {
          bytes.replaceSubrange(0..<4, with: [0x09, 0x01, 0x02, 0xDE])
          bytes[10] = 0; bytes[11] = 0; bytes[18] = 0; bytes[19] = 0; bytes[17] = 0
        }
        _ = LocaleArchive.indexSize(parsing: bytes.span)
        _ = LocaleArchive.names(parsing: bytes.span)
      }
    }
  }
}

extension Warning {
  fileprivate var isOfKeymap: Bool { description.contains("keymap") }
}

extension Stock {
  /// A piece of xkb-data's list.
  static let keyboardRules = """
    ! model
      pc105           Generic 105-key PC

    ! layout
      us              English (US)
      de              German
      gb              English (UK)
      ru              Russian

    ! variant
      intl            us: English (US, intl., with dead keys)
      dvorak          us: English (Dvorak)
      nodeadkeys      de: German (no dead keys)

    ! option
      grp                  Switching to another layout

    """
}
