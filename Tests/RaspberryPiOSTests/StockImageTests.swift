import FileTree
import Testing

@testable import RaspberryPiOS
import Recipe

struct StockImageTests {
  @Test func `bookworm`() throws {
    let stock = try StockTrees(.bookworm)
    let image = StockImage(boot: stock.boot, root: stock.root)
    #expect(image.title == "Debian GNU/Linux 12 (bookworm), 2025-05-13")
    #expect(image.id == "debian" && image.versionID == "12" && image.codename == "bookworm")
    #expect(image.bootMountPoint == "/boot/firmware")
    #expect(image.firstBoot == .initScript)
    #expect(!image.hasCloudInit)
    #expect(image.firstUser == "pi")
    #expect(image.asksForUser)
    #expect(image.hostKeys.isEmpty)
    #expect(image.isSSHEnabled == false)
    #expect(image.moduleVersions == ["6.12.25+rpt-rpi-2712", "6.12.25+rpt-rpi-v8"])
    #expect(image.kernels.map(\.name) == ["kernel8.img", "kernel_2712.img"])
    #expect(image.kernels.map(\.version) == ["6.12.25+rpt-rpi-v8", "6.12.25+rpt-rpi-2712"])
    #expect(image.kernels.map(\.initramfs) == ["initramfs8", nil])
  }

  @Test func `trixie, and an image that has been made a node`() throws {
    let stock = try StockTrees(.trixie)
    let image = StockImage(boot: stock.boot, root: stock.root)
    #expect(image.firstBoot == .resizeWord)
    #expect(image.hasCloudInit)
    let node = try stock.applying(
      recipe {
        $0.users = [user("ben")]
        $0.ssh = SSHSettings(enabled: true, hostKeys: .derived)
      }
    ).trees
    let made = StockImage(boot: node.boot, root: node.root)
    #expect(!made.asksForUser)
    #expect(made.isSSHEnabled == true)
    #expect(made.firstUser == "ben")
    #expect(made.hostKeys == ["ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"])
  }

  @Test func `what is not there is nil, whatever the trees are`() {
    let folder = Inode(mode: 0o755, time: StockTrees.stockTime, body: .directory(Directory()))
    let image = StockImage(boot: FileTree(flavor: .fat, inode: folder), root: FileTree(inode: folder))
    #expect(image.title == "an image of unknown kind")
    #expect(image.bootMountPoint == nil && image.firstUser == nil && image.isSSHEnabled == nil)
    #expect(image.firstBoot == .none && image.kernels.isEmpty)
  }

  @Test func `nonsense in every file that is looked at`() throws {
    var seed: UInt64 = 7
    for _ in 0..<50 {
      var stock = try StockTrees(.trixie)
      for path: TreePath in [
        "etc/fstab", "etc/passwd", "usr/lib/os-release", "etc/rpi-issue", "usr/lib/systemd/system/ssh.service",
      ] {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let letters = Array(":\n \t=[]\u{e9}\"'x/#0%\r\0".unicodeScalars)
        let text = (0..<60).map { letters[Int(seed >> (UInt64($0) % 50) & 0xFFFF) % letters.count] }
        try stock.put(path, String(String.UnicodeScalarView(text)))
        try stock.putBoot("cmdline.txt", String(String.UnicodeScalarView(text)))
      }
      _ = StockImage(boot: stock.boot, root: stock.root)
      _ = try? stock.applying(recipe { $0.users = [user("ben")] })
    }
  }

  @Test func `kernels by what they are`() throws {
    var stock = try StockTrees(.bookworm)
    func put(_ path: TreePath, _ bytes: [UInt8]) throws {
      try stock.boot.write(bytes, to: path, time: StockTrees.stockTime)
    }
    try put("kernel8.img", [0x1F, 0x8B, 8, 0] + [UInt8](repeating: 1, count: 100))
    try put("kernel_2712.img", [UInt8](repeating: 0, count: 56) + [0x41, 0x52, 0x4D, 0x64] + [0, 0, 0, 0])
    try put("kernel7l.img", [UInt8](repeating: 0, count: 36) + [0x18, 0x28, 0x6F, 0x01])
    try put("kernel.img", [])
    let kernels = StockImage(boot: stock.boot, root: stock.root).kernels
    #expect(kernels.map(\.name) == ["kernel.img", "kernel7l.img", "kernel8.img", "kernel_2712.img"])
    #expect(kernels.map(\.format) == [nil, .arm, .arm64Gzip, .arm64])
    #expect(kernels.map(\.size) == [0, 40, 104, 64])
    #expect(kernels.map(\.version) == [nil, nil, "6.12.25+rpt-rpi-v8", "6.12.25+rpt-rpi-2712"])
  }

  @Test func `a boot partition on /boot, as older images have it`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/fstab", Stock.fstab.replacing("/boot/firmware", with: "/boot"))
    let node = try stock.applying(recipe(boot: .disk, root: .disk) { $0.files = [file("/boot/x", .content("x"))] })
      .trees
    #expect(try node.root.string("etc/fstab")?.contains("PARTUUID=c1f95d14-01  /boot  vfat") == true)
    #expect(node.boot.has("x"))
  }
}
