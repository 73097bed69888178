import FileTree

/// What a file system is for, told by what it holds.
enum VolumeRole {
  /// A Pi's boot loader begins here.
  case boot
  /// A Linux system lives here.
  case root

  /// How much speaks for a file system being it; the more, the larger.
  enum Fit: Int, Comparable {
    case no, partly, wholly

    static func < (left: Fit, right: Fit) -> Bool { left.rawValue < right.rawValue }
  }

  /// How well `tree` fits.
  func fit(of tree: FileTree) -> Fit {
    let count = traces(in: tree).count
    return count == 0 ? .no : count < wanted ? .partly : .wholly
  }

  /// How many kinds of traces a whole one has: two of five, of which every distribution has others; or all.
  private var wanted: Int { self == .boot ? 2 : 3 }

  /// The files that speak for the role, one a kind.
  func traces(in tree: FileTree) -> [String] {
    switch self {
    case .boot: bootTraces(in: tree)
    case .root:
      ([
        ["etc/fstab"], ["etc/passwd", "etc/os-release"],
        ["sbin/init", "usr/lib/systemd/systemd", "lib/systemd/systemd"],
      ]
        as [[TreePath]])
        .compactMap { kind in kind.first { tree.find($0, followingLast: false) != nil }?.description }
    }
  }

  /// What lies at the top of a boot partition (documentation of Raspberry Pi: configuration/boot_folder.adoc).
  private func bootTraces(in tree: FileTree) -> [String] {
    var found: [String?] = Array(repeating: nil, count: 5)
    for (name, _) in tree.directory(tree.root) ?? Directory() {
      let text = String(decoding: name.bytes, as: UTF8.self).lowercased()
      let kind: Int? =
        switch text {
        case "config.txt": 0
        case "cmdline.txt": 1
        case _ where text.hasPrefix("kernel") && text.hasSuffix(".img"), "vmlinuz": 2
        case "bootcode.bin": 3
        case _ where text.hasPrefix("start") && text.hasSuffix(".elf"): 3
        case _ where text.hasPrefix("bcm2") && text.hasSuffix(".dtb"): 4
        default: nil
        }
      if let kind, found[kind] == nil { found[kind] = "\(name)" }
    }
    return found.compactMap(\.self)
  }
}
