import Recipe

/// The modules of a system's kernels, from the lists that depmod(8) writes beside them.
struct ModuleIndex {
  /// Modules in files of their own.
  private(set) var loadable: Set<String> = []
  /// Modules that are part of a kernel.
  private(set) var builtIn: Set<String> = []
  /// Other names of modules, patterns left out.
  private(set) var aliases: Set<String> = []

  /// The name with "_" for "-", as the kernel spells it.
  static func canonical(_ name: String) -> String { name.replacing("-", with: "_") }

  /// Adds modules.dep: `kernel/drivers/i2c/i2c-dev.ko.xz: …`.
  mutating func add(dependencies: [UInt8]) {
    for line in dependencies.split(separator: 0x0A) {
      ModuleIndex.name(ofFile: line.prefix { $0 != UInt8(ascii: ":") }).map { _ = loadable.insert($0) }
    }
  }

  /// Adds modules.builtin: `kernel/fs/ext4/ext4.ko`.
  mutating func add(builtIn list: [UInt8]) {
    for line in list.split(separator: 0x0A) { ModuleIndex.name(ofFile: line).map { _ = builtIn.insert($0) } }
  }

  /// Adds modules.alias: `alias fs-btrfs btrfs`.
  mutating func add(aliases list: [UInt8]) {
    for line in list.split(separator: 0x0A) {
      let words = line.split(separator: 0x20)
      guard words.count == 3, words[0].elementsEqual("alias".utf8),
        !words[1].contains(where: { "*?[".utf8.contains($0) })
      else { continue }
      aliases.insert(ModuleIndex.canonical(String(decoding: words[1], as: UTF8.self)))
    }
  }

  /// Whether a kernel has the module, under this or another name.
  func has(_ name: String) -> Bool {
    let name = ModuleIndex.canonical(name)
    return loadable.contains(name) || builtIn.contains(name) || aliases.contains(name)
  }

  /// Whether the module is part of a kernel, and of no kernel a file.
  func isBuiltInOnly(_ name: String) -> Bool {
    let name = ModuleIndex.canonical(name)
    return builtIn.contains(name) && !loadable.contains(name)
  }

  /// The module whose name is close to `name`.
  func nearest(to name: String) -> String? {
    ModuleIndex.canonical(name).nearest(in: loadable.union(builtIn).sorted())
  }

  /// "i2c_dev" of `kernel/drivers/i2c/i2c-dev.ko.xz`.
  private static func name(ofFile path: ArraySlice<UInt8>) -> String? {
    let start = path.lastIndex(of: 0x2F).map { $0 + 1 } ?? path.startIndex
    let file = String(decoding: path[start...], as: UTF8.self)
    guard let end = file.firstRange(of: ".ko")?.lowerBound, end > file.startIndex else { return nil }
    return canonical(String(file[..<end]))
  }
}
