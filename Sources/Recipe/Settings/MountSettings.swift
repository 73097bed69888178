/// `[mounts]`: file systems that the node mounts besides its own, and its swap space.
package struct MountSettings: Sendable {
  /// One line of fstab(5).
  package struct Mount: Sendable {
    /// A device, `UUID=…`, `server:/folder` or a word such as "tmpfs".
    package var what: String
    /// The mount point, an absolute path.
    package var mountPoint: String
    /// The type, such as "ext4" or "nfs".
    package var type: String
    /// The options; none is "defaults".
    package var options: [String]
    /// Whether dump(8) saves it.
    package var dump: Int
    /// When fsck(8) checks it: 1 first, 2 after that, 0 never.
    package var pass: Int
    /// Whether the folder of the mount point is made.
    package var makesFolder: Bool
    /// Where the recipe says so.
    package var place: RecipePlace?

    /// What is mounted at `mountPoint`.
    package init(
      what: String, mountPoint: String, type: String, options: [String] = [], dump: Int = 0, pass: Int = 0,
      makesFolder: Bool = true, place: RecipePlace? = nil
    ) {
      self.what = what
      self.mountPoint = mountPoint
      self.type = type
      self.options = options
      self.dump = dump
      self.pass = pass
      self.makesFolder = makesFolder
      self.place = place
    }
  }
  /// A file system in memory.
  package struct Tmpfs: Sendable {
    /// The mount point, an absolute path.
    package var mountPoint: String
    /// The most that it holds, as tmpfs takes it: "64M" or "10%"; nil: half of the memory.
    package var size: String?
    /// The permission bits of its root; nil: 01777.
    package var mode: UInt16?
    /// Where the recipe says so.
    package var place: RecipePlace?

    /// A file system in memory at `mountPoint`.
    package init(mountPoint: String, size: String? = nil, mode: UInt16? = nil, place: RecipePlace? = nil) {
      self.mountPoint = mountPoint
      self.size = size
      self.mode = mode
      self.place = place
    }
  }
  /// Where memory that is not in use goes.
  package enum Swap: Sendable, Hashable {
    /// Nowhere.
    case none
    /// To a file of `size` MiB; a nil path is that of the image's swap manager.
    case file(path: String?, size: Int)
    /// To compressed memory of `size` MiB; nil: as much as the image's swap manager takes.
    case zram(size: Int?)
  }
  /// The file systems in the order of the recipe.
  package var mounts: [Mount]
  /// The file systems in memory.
  package var tmpfs: [Tmpfs]
  /// The swap space; nil: as the image has it.
  package var swap: Swap?
  /// Where the recipe names the swap space.
  package var swapPlace: RecipePlace?

  /// Settings that say only what is given.
  package init(
    mounts: [Mount] = [], tmpfs: [Tmpfs] = [], swap: Swap? = nil, swapPlace: RecipePlace? = nil
  ) {
    self.mounts = mounts
    self.tmpfs = tmpfs
    self.swap = swap
    self.swapPlace = swapPlace
  }
}

extension MountSettings.Mount {
  static let whatKey = Key(
    "what", .fstabField, "A device, UUID=…, server:/folder, or tmpfs.", example: "\"LABEL=data\"")
  static let whereKey = Key("where", .absolutePath, "The mount point.", example: "\"/data\"")
  static let typeKey = Key(
    "type", .word, "The file system, such as ext4, nfs or tmpfs.", example: "\"ext4\"", fallback: "\"auto\"")
  static let optionsKey = ListKey(
    "options", of: .fstabField, takesOne: true, "Options of mount(8).", example: "[\"noatime\", \"nofail\"]",
    fallback: "[\"defaults\"]")
  static let dumpKey = Key("dump", .integer(in: 0...1), "Whether dump(8) saves it.", example: "0", fallback: "0")
  static let passKey = Key(
    "pass", .integer(in: 0...2), "When fsck(8) checks it: 1 first, 2 after that, 0 never.", example: "2", fallback: "0")
  static let mkdirKey = Key(
    "mkdir", .boolean, "Whether the folder of the mount point is made.", example: "false", fallback: "true")

  init?(reading table: TableReader) {
    guard let what = table[Self.whatKey], let mountPoint = table[Self.whereKey] else { return nil }
    let type = table[Self.typeKey] ?? (what == "tmpfs" ? what : "auto")
    self.init(
      what: what, mountPoint: mountPoint, type: type, options: table[Self.optionsKey] ?? [],
      dump: table[Self.dumpKey] ?? 0, pass: table[Self.passKey] ?? 0, makesFolder: table[Self.mkdirKey] ?? true,
      place: table.entry(Self.whereKey)?.setting.place ?? table.settings.place)
  }
}

extension MountSettings {
  static let keys = TableKeys(
    "mounts", "File systems that the node mounts besides its own.",
    [
      Mount.whatKey, Mount.whereKey, Mount.typeKey, Mount.optionsKey, Mount.dumpKey, Mount.passKey, Mount.mkdirKey,
    ],
    required: [Mount.whatKey.name, Mount.whereKey.name])

  init(reading recipe: TableReader) {
    let swap = recipe.optionalTable(SwapSettings.keys).flatMap { SwapSettings(reading: $0) }
    self.init(
      mounts: recipe.tables(Self.keys.name, Self.keys).compactMap { Mount(reading: $0) }, swap: swap?.swap,
      swapPlace: swap?.place)
  }
}
