import FileTree

/// What an image is, found by looking inside its two trees. What cannot be told is nil or empty.
package struct StockImage: Sendable {
  /// How the image prepares itself on its first start; the raw value is the word that `inspect` shows.
  package enum FirstBoot: String, Sendable, CaseIterable {
    /// `init=…/firstboot` on the command line: grows the root, randomises the disk's id, starts again.
    case initScript = "bookworm"
    /// `resize` on the command line, or cloud-init's seed files on the boot partition.
    case resizeWord = "trixie"
    /// `systemd.run=` on the command line, as Imager wrote it for older images.
    case systemdRun = "imager"
    /// Nothing of these: an image of another kind, or one that has been started.
    case none
  }

  /// What os-release(5) says: "debian", "raspbian".
  package let id: String?
  /// "12"
  package let versionID: String?
  /// "bookworm"
  package let codename: String?
  /// "Debian GNU/Linux 12 (bookworm)"
  package let prettyName: String?
  /// The day on which the image was made, from /etc/rpi-issue: "2025-05-13".
  package let date: String?
  /// Where the boot partition is mounted, from fstab: "/boot/firmware", or "/boot" in older images.
  package let bootMountPoint: String?
  /// The kernels on the boot partition, sorted by name.
  package private(set) var kernels: [Kernel] = []
  /// The versions that have modules, such as "6.12.25+rpt-rpi-v8", sorted.
  package let moduleVersions: [String]
  package private(set) var firstBoot = FirstBoot.none
  package let hasCloudInit: Bool
  /// The user whose number is 1000.
  package let firstUser: String?
  /// Whether the first start asks for the name of that user.
  package let asksForUser: Bool
  /// The names of the host keys of the SSH server, of which an image should have none.
  package let hostKeys: [String]
  /// nil if the image has no SSH server.
  package let isSSHEnabled: Bool?

  /// What a person calls the image: "Debian GNU/Linux 12 (bookworm), 2025-05-13".
  package var title: String {
    let parts = [prettyName ?? id, date].compactMap(\.self)
    return parts.isEmpty ? "an image of unknown kind" : parts.joined(separator: ", ")
  }

  /// Most places at which `init(root:)` looks.
  package static let paths: [TreePath] = [
    "etc/os-release", "usr/lib/os-release", "etc/rpi-issue", "etc/fstab", "etc/passwd", "etc/ssh/sshd_config.d",
    "etc/systemd/system/multi-user.target.wants", "etc/systemd/system/sysinit.target.wants", "usr/bin",
    "usr/lib/modules",
    "usr/lib/systemd/system", "lib",
  ]

  /// Looks inside an image.
  package init(boot: FileTree, root: FileTree) { self = StockImage(root: root).adding(BootSide(boot)) }

  /// This image, with what its boot partition tells.
  package func adding(_ boot: BootSide) -> StockImage {
    var image = self
    image.kernels = boot.kernels.map { $0.with(versionAmong: moduleVersions) }
    image.firstBoot = boot.firstBoot
    return image
  }

  /// Looks inside the root partition of an image. What the boot partition tells is still to be added.
  package init(root: FileTree) {
    let release = StockImage.file("etc/os-release", root) ?? StockImage.file("usr/lib/os-release", root)
    id = release?.value(of: "ID")
    versionID = release?.value(of: "VERSION_ID")
    codename = release?.value(of: "VERSION_CODENAME")
    prettyName = release?.value(of: "PRETTY_NAME")
    date = StockImage.file("etc/rpi-issue", root).flatMap { $0.lines.isEmpty ? nil : $0[0].words.last }
    bootMountPoint = StockImage.file("etc/fstab", root).flatMap { Fstab($0).bootMountPoint }
    moduleVersions = root.names(in: "usr/lib/modules").map(\.description)
    hasCloudInit = StockImage.hasCloudInit(root)
    firstUser = StockImage.file("etc/passwd", root)
      .flatMap { AccountFile($0, fieldCount: 7).firstRecord { $0[2] == "1000" }?[0] }
    asksForUser = StockImage.isRenameArmed(root)
    hostKeys = NodeSystem.hostKeys(in: root).compactMap(\.names.last?.description)
    isSSHEnabled = root.unitPath("ssh.service") == nil ? nil : root.isUnitEnabled("ssh.service")
  }

  /// Whether the system starts cloud-init.
  static func hasCloudInit(_ root: FileTree) -> Bool { root.has("usr/bin/cloud-init") }

  /// Whether userconf-pi waits to rename the first user.
  static func isRenameArmed(_ root: FileTree) -> Bool {
    root.isUnitEnabled("userconfig.service") || root.has("etc/ssh/sshd_config.d/rename_user.conf")
  }

  /// The release of Debian that `root` is, such as 12; nil if it does not say.
  static func debianRelease(of root: FileTree) throws(RaspberryPiOSError) -> Int? {
    var release = try root.text(at: "etc/os-release")
    if release == nil { release = try root.text(at: "usr/lib/os-release") }
    return release?.value(of: "VERSION_ID").flatMap { Int($0.prefix { $0 != "." }) }
  }

  /// A file that is only looked at: one that cannot be read, or is no text file by its size, tells as little as one that
  /// is not there. An edit of it reports the reason.
  static func file(_ path: TreePath, _ tree: FileTree) -> TextFile? {
    (try? tree.text(at: path)) ?? nil
  }
}
