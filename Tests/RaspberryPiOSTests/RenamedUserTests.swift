import Bytes
import FileTree
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS
import Recipe

struct RenamedUserTests {
  private static let product = """
    [Unit]
    Description=Product of pi
    [Service]
    User=pi
    Group = pi
    # User=pi
    WorkingDirectory=/home/pi
    ExecStart=/home/pi/product/run --log /home/pi.log "/home/pi/x"
    Environment=A=/srv/home/pi B=/home/pi:/home/pirate
    [Install]
    WantedBy=multi-user.target

    """

  @Test func `units, cron jobs, sudoers and automatic logins follow the user`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/systemd/system/product.service", Self.product)
    try stock.put(
      "etc/systemd/system/serial-getty@ttyS0.service.d/autologin.conf",
      "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin pi --keep-baud 115200 %I $TERM\n")
    try stock.put(
      "etc/systemd/system/getty@tty1.service.d/autologin.conf",
      "[Service]\nExecStart=\nExecStart=-/sbin/agetty -a pi --noclear %I $TERM\n")
    try stock.put(
      "etc/cron.d/product", "PATH=/bin\n# pi\n* * * * * pi /home/pi/run\n@reboot\tpi\ttrue\n5 4 * * 1 root ls pi\n")
    try stock.put("etc/crontab", "17 * * * * root cd / && run-parts\n")
    try stock.put("var/spool/cron/crontabs/pi", "* * * * * /home/pi/run\n", mode: 0o600, uid: 1000)
    try stock.put("etc/sudoers.d/ops", "pi,%pi ALL=(ALL) NOPASSWD: /bin/pi\n%pirates ALL=(ALL) ALL\n", mode: 0o440)
    try stock.put("etc/lightdm/lightdm.conf", "[Seat:*]\nautologin-user=pi\n")
    let (node, warnings) = try stock.applying(recipe { $0.users = [user("ben")] })
    #expect(
      try node.root.string("etc/systemd/system/product.service") == """
        [Unit]
        Description=Product of pi
        [Service]
        User=ben
        Group=ben
        # User=pi
        WorkingDirectory=/home/ben
        ExecStart=/home/ben/product/run --log /home/pi.log "/home/ben/x"
        Environment=A=/srv/home/pi B=/home/ben:/home/pirate
        [Install]
        WantedBy=multi-user.target

        """)
    #expect(
      try node.root.string("etc/systemd/system/serial-getty@ttyS0.service.d/autologin.conf")?
        .contains("--autologin ben --keep-baud") == true)
    #expect(
      try node.root.string("etc/systemd/system/getty@tty1.service.d/autologin.conf")?.contains("agetty -a ben ") == true
    )
    #expect(
      try node.root.string("etc/cron.d/product")
        == "PATH=/bin\n# pi\n* * * * * ben /home/ben/run\n@reboot\tben\ttrue\n5 4 * * 1 root ls pi\n")
    #expect(try listing(node.root)["/var/spool/cron/crontabs/ben"] == "file 600 1000:0\n* * * * * /home/ben/run\n")
    #expect(
      try node.root.string("etc/sudoers.d/ops") == "ben,%ben ALL=(ALL) NOPASSWD: /bin/pi\n%pirates ALL=(ALL) ALL\n")
    #expect(try node.root.string("etc/lightdm/lightdm.conf") == "[Seat:*]\nautologin-user=ben\n")
    #expect(!warnings.contains { $0.description.contains("still names") })
  }

  @Test(.enabled(if: Tool.arePresent("visudo"), "visudo is not installed"))
  func `sudo reads the rules as they are then`() async throws {
    let renaming = UserRenaming(old: "pi", new: "ben", oldHome: "/home/pi", newHome: "/home/ben", renamesGroup: true)
    let folder = try TemporaryFolder()
    try write(
      ["pi ALL=(ALL) NOPASSWD: ALL", "pi,root ALL=(ALL) /bin/ls", "%pi ALL = ALL"].map(renaming.sudoersLine)
        .joined(separator: "\n") + "\n", to: folder.appending("rules"), mode: 0o440)
    #expect(try await Tool.run("visudo", ["-cf", folder.appending("rules").string]).status == 0)
  }

  @Test func `files whose meaning is not certain are named with their line`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/rc.local", "#!/bin/sh\n# /home/pi/old\n/home/pi/start &\ncd /home/pi\n", mode: 0o755)
    try stock.put("usr/local/bin/tool", "#!/bin/sh\necho /home/pirate\n", mode: 0o755)
    try stock.put("usr/local/bin/binary", "\u{7f}ELF\0/home/pi/", mode: 0o755)
    try stock.put("usr/lib/systemd/system/vendor.service", "[Service]\nUser=pi\n")
    try stock.link(
      "etc/systemd/system/multi-user.target.wants/vendor.service", "/usr/lib/systemd/system/vendor.service")
    let (node, warnings) = try stock.applying(recipe { $0.users = [user("ben")] })
    #expect(
      warnings.map(\.description).filter { $0.contains("still names") } == [
        "/etc/rc.local, line 3 and 1 more: still names pi or its home, which is ben's now",
        "/usr/lib/systemd/system/vendor.service, line 2: still names pi or its home, which is ben's now",
      ])
    #expect(try node.root.string("usr/lib/systemd/system/vendor.service") == "[Service]\nUser=pi\n")
  }

  @Test(arguments: [true, false])
  func `the wizard's automatic login is the first user's, or nobody's`(isAutomatic: Bool) throws {
    var stock = try StockTrees(.bookworm)
    try stock.put(
      "etc/passwd", Stock.passwd + "rpi-first-boot-wizard:x:1001:1001:,,,,:/home/rpi-first-boot-wizard:/bin/bash\n")
    try stock.put("etc/group", Stock.group + "rpi-first-boot-wizard:x:1001:\n")
    try stock.put("etc/lightdm/lightdm.conf", "[Seat:*]\nautologin-user=rpi-first-boot-wizard\n")
    try stock.put(
      "etc/systemd/system/getty@tty1.service.d/autologin.conf",
      "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin rpi-first-boot-wizard --noclear %I $TERM\n")
    if isAutomatic { try stock.put("var/lib/userconf-pi/autologin", "") }
    let node = try stock.applying(recipe { $0.users = [user("ben")] }).trees
    let dropIn = try node.root.string("etc/systemd/system/getty@tty1.service.d/autologin.conf")
    #expect(
      dropIn
        == (isAutomatic
          ? "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin ben --noclear %I $TERM\n" : nil))
    #expect(
      try node.root.string("etc/lightdm/lightdm.conf")
        == "[Seat:*]\n\(isAutomatic ? "" : "#")autologin-user=ben\n")
  }

  @Test func `what is left of a failed userconf.txt goes too`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("failed_userconf.txt", "Ben:x\n")
    let node = try stock.applying(recipe { $0.users = [user("ben")] }).trees
    #expect(node.boot.find("failed_userconf.txt") == nil)
  }
}
