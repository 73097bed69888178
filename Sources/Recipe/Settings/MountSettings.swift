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
