import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Writes `[modules]` to files of modules-load.d(5) and modprobe.d(5), and warns of modules that no kernel has.
  mutating func editModules(_ settings: ModulesSettings) throws(RaspberryPiOSError) {
    let modules = settings.load + settings.options.map(\.module) + settings.blacklist
    guard !modules.isEmpty else { return }
    for module in modules where !NodeSystem.isModule(module.name) {
      throw .recipe("[modules] \"\(module.name.printable)\" is no name of a module", place: module.place)
    }
    for options in settings.options where !NodeSystem.isOptionLine(options.text) {
      throw .recipe(
        "[modules] options.\(options.module.name): expected one line such as \"debug=1 timeout=5\"",
        place: options.module.place)
    }
    try warnOfMissingModules(settings)
    if !settings.load.isEmpty {
      try root.write(
        "# Written by pibake.\n" + settings.load.map { "\($0.name)\n" }.joined(), to: "etc/modules-load.d/pibake.conf",
        time: time)
    }
    let lines =
      settings.options.map { "options \($0.module.name) \($0.text.trimmed)\n" }
      + settings.blacklist.map { "blacklist \($0.name)\n" }
    guard !lines.isEmpty else { return }
    try root.write("# Written by pibake.\n" + lines.joined(), to: "etc/modprobe.d/pibake.conf", time: time)
  }

  private mutating func warnOfMissingModules(_ settings: ModulesSettings) throws(RaspberryPiOSError) {
    guard let index = try moduleIndex() else {
      return warn("the image has no modules.dep, so that nothing tells whether it has the modules of [modules]")
    }
    for module in settings.load + settings.options.map(\.module) + settings.blacklist where !index.has(module.name) {
      let hint = String.suggesting(index.nearest(to: module.name)).map { "; \($0)" } ?? ""
      warn("[modules] no kernel of the image has the module \(module.name)\(hint)", at: module.place)
    }
    for options in settings.options where index.isBuiltInOnly(options.module.name) {
      let name = ModuleIndex.canonical(options.module.name)
      warn(
        "[modules] options.\(options.module.name) has no effect, because the kernel has \(name) built in: "
          + "[boot] cmdline.add takes \(name).OPTION=VALUE", at: options.module.place)
    }
    for module in settings.blacklist where index.isBuiltInOnly(module.name) {
      warn(
        "[modules] blacklist: the kernel has \(module.name) built in, which no blacklist keeps from starting",
        at: module.place)
    }
  }

  /// The modules of all kernels; nil if the image has no list of them.
  private func moduleIndex() throws(RaspberryPiOSError) -> ModuleIndex? {
    var index = ModuleIndex()
    var isKnown = false
    for version in root.names(in: "usr/lib/modules") {
      let folder = TreePath("usr/lib/modules").appending(version)
      if let list = try root.bytes(at: folder.appending(text: "modules.dep")) {
        index.add(dependencies: list)
        isKnown = true
      }
      if let list = try root.bytes(at: folder.appending(text: "modules.builtin")) { index.add(builtIn: list) }
      if let list = try root.bytes(at: folder.appending(text: "modules.alias")) { index.add(aliases: list) }
    }
    return isKnown ? index : nil
  }

  /// Letters, digits, "-", "_", and what aliases such as "crypto-ecb(aes)" hold besides.
  private static func isModule(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: "-") else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: ","): true
      case UInt8(ascii: "("), UInt8(ascii: ")"): true
      default: false
      }
    }
  }

  /// Whether modprobe.d(5) takes `text` as the rest of one line: a "\" at its end would add the next one.
  private static func isOptionLine(_ text: String) -> Bool {
    !text.trimmed.isEmpty && !text.contains(where: \.isNewline) && !text.trimmed.hasSuffix("\\")
  }
}
