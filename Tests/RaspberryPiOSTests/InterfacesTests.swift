import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

struct InterfacesTests {
  private func node(
    _ stock: StockTrees, _ settings: InterfacesSettings
  ) throws -> (trees: StockTrees, warnings: [String]) {
    try stock.afterStep(of: recipe()) { system throws(RaspberryPiOSError) in
      try system.editInterfaces(settings)
      try system.editConfigText()
      try system.editCommandLines()
      try system.editSerialConsole(settings)
    }
  }

  /// config.txt after `settings`, of a stock with `text` for it.
  private func config(_ text: String, _ settings: InterfacesSettings) throws -> String? {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("config.txt", text)
    return try node(stock, settings).trees.boot.string("config.txt")
  }

  @Test func `what is asked for stands at the end for all boards`() throws {
    let (node, warnings) = try node(
      StockTrees(.bookworm), InterfacesSettings(i2c: true, spi: true, onewire: true, camera: true))
    #expect(warnings.isEmpty)
    #expect(
      try node.boot.string("config.txt")
        == Stock.config + "dtparam=i2c_arm=on\ndtparam=spi=on\ndtoverlay=w1-gpio\n")
    #expect(try node.root.string("etc/modules-load.d/pibake-i2c.conf") == "# Written by pibake.\ni2c-dev\n")
  }

  @Test func `what is off by itself needs no line, and nothing asked for is no edit`() throws {
    #expect(
      try config(Stock.config, InterfacesSettings(i2c: false, spi: false, onewire: false)) == Stock.config)
    #expect(try config(Stock.config, InterfacesSettings()) == Stock.config)
  }

  @Test(
    arguments: [
      ("dtparam=i2c_arm=off\n", "dtparam=i2c_arm=on\n"),
      (
        "[pi4]\ndtparam=i2c=off,i2c_arm_baudrate=400000\n",
        "[pi4]\ndtparam=i2c=on,i2c_arm_baudrate=400000\n[all]\ndtparam=i2c_arm=on\n"
      ),
      ("  dtparam = i2c_arm=0\r\n[pi5]\r\n", "  dtparam =i2c_arm=on\r\n[pi5]\r\n"),
      ("[none]\ndtparam=i2c_arm=off\n", "[none]\ndtparam=i2c_arm=off\n[all]\ndtparam=i2c_arm=on\n"),
      ("dtparam=spi=on,i2c_arm\n", "dtparam=spi=on,i2c_arm\n"),
      ("#dtparam=i2c_arm=off\n[all]\n[pi4]\n", "#dtparam=i2c_arm=off\n[all]\n[pi4]\n[all]\ndtparam=i2c_arm=on\n"),
      ("device_tree_param=i2c_arm=off", "device_tree_param=i2c_arm=on"),
      ("", "[all]\ndtparam=i2c_arm=on\n"),
    ] as [(String, String)])
  func `lines that say the opposite are changed in place, under each filter`(before: String, after: String) throws {
    #expect(try config(before, InterfacesSettings(i2c: true)) == after)
  }

  @Test(
    arguments: [
      ("dtoverlay=w1-gpio,gpiopin=17\n", true, "dtoverlay=w1-gpio,gpiopin=17\n"),
      ("[pi4]\ndtoverlay=w1-gpio,gpiopin=17\n", false, "[pi4]\n#dtoverlay=w1-gpio,gpiopin=17\n"),
      ("dtoverlay=w1-gpio-pullup\n", false, "#dtoverlay=w1-gpio-pullup\n"),
      ("dtoverlay=vc4-kms-v3d\n", true, "dtoverlay=vc4-kms-v3d\n[all]\ndtoverlay=w1-gpio\n"),
    ] as [(String, Bool, String)])
  func `an overlay that goes becomes a comment`(before: String, isOn: Bool, after: String) throws {
    #expect(try config(before, InterfacesSettings(onewire: isOn)) == after)
  }

  @Test func `a file that is included is changed, and the tryboot settings as well`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("config.txt", "include Extra.txt\n[pi4]\n")
    try stock.putBoot("extra.txt", "[pi5]\ncamera_auto_detect=1\ndtparam=spi=off\n")
    try stock.putBoot("tryboot.txt", "camera_auto_detect=1\n")
    let (node, warnings) = try node(stock, InterfacesSettings(spi: true, camera: false))
    #expect(warnings.isEmpty)
    #expect(try node.boot.string("extra.txt") == "[pi5]\ncamera_auto_detect=0\ndtparam=spi=on\n")
    #expect(try node.boot.string("config.txt") == "include Extra.txt\n[pi4]\n[all]\ndtparam=spi=on\n")
    #expect(try node.boot.string("tryboot.txt") == "camera_auto_detect=0\n[all]\ndtparam=spi=on\n")
  }

  @Test func `a line that cannot be told from another is told, and one after it overrides it`() throws {
    var stock = try StockTrees(.bookworm)
    let text = "gpu_mem=64\u{B}dtparam=spi=off\n"
    try stock.putBoot("config.txt", text)
    let (node, warnings) = try node(stock, InterfacesSettings(spi: true))
    #expect(try node.boot.string("config.txt") == text + "[all]\ndtparam=spi=on\n")
    #expect(
      warnings == [
        "config.txt:2: dtparam=spi=off contradicts [interfaces] and stays: the file has line breaks other than LF"
      ])
  }

  @Test func `the recipe's own lines stay last`() throws {
    let (node, _) = try StockTrees(.bookworm).afterStep(of: recipe { $0.boot.configText = ["gpu_mem=64"] }) {
      system throws(RaspberryPiOSError) in
      try system.editInterfaces(InterfacesSettings(spi: true))
      try system.editConfigText()
    }
    #expect(try node.boot.string("config.txt")?.hasSuffix("[all]\ndtparam=spi=on\n[all]\ngpu_mem=64\n") == true)
  }

  @Test func `a module that is loaded already is not named twice`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/modules", "# /etc/modules\ni2c_dev\n")
    let (node, _) = try node(stock, InterfacesSettings(i2c: true))
    #expect(!node.root.has("etc/modules-load.d/pibake-i2c.conf"))
  }

  @Test(
    arguments: [
      (.off, "enable_uart=0\n", false), (.hardware, "enable_uart=1\n[pi5]\ndtparam=uart0=on\n[all]\n", false),
      (.console, "enable_uart=1\n", true),
      (.consoleHardware, "enable_uart=1\n[pi5]\ndtparam=uart0=on\n[all]\n", true),
    ] as [(InterfacesSettings.Serial, String, Bool)])
  func `the serial port, and who has it`(serial: InterfacesSettings.Serial, lines: String, hasConsole: Bool) throws {
    let (node, _) = try node(StockTrees(.bookworm), InterfacesSettings(serial: serial))
    #expect(try node.boot.string("config.txt") == Stock.config + lines)
    let words = KernelCommandLine(try #require(try node.boot.string("cmdline.txt"))).words
    #expect(words.prefix(2) == (hasConsole ? ["console=serial0,115200", "console=tty1"] : ["console=tty1", words[1]]))
    #expect(words.filter { $0.hasPrefix("console=") }.count == (hasConsole ? 2 : 1))
  }

  @Test func `a console that was taken away comes back first, and one by another name stays`() throws {
    for (before, after) in [
      ("console=tty1 root=PARTUUID=4edc4c69-02 rootwait\n", "console=serial0,115200 console=tty1 root="),
      (
        "console=tty1 console=ttyAMA0,115200 root=PARTUUID=4edc4c69-02 rootwait\n",
        "console=tty1 console=ttyAMA0,115200 root="
      ),
    ] {
      var stock = try StockTrees(.bookworm)
      try stock.putBoot("cmdline.txt", before)
      let (node, _) = try node(stock, InterfacesSettings(serial: .console))
      #expect(try node.boot.string("cmdline.txt")?.hasPrefix(after) == true)
    }
  }

  @Test func `a header port that was on goes off, and with a console alone stays`() throws {
    let text = "enable_uart=1\n[pi5]\ndtparam=uart0=on\n"
    #expect(try config(text, InterfacesSettings(serial: .off)) == "enable_uart=0\n[pi5]\ndtparam=uart0=off\n")
    #expect(try config(text, InterfacesSettings(serial: .console)) == text)
    #expect(try config(text, InterfacesSettings(serial: .hardware)) == text)
  }

  @Test func `a boot partition without config.txt gets one`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.boot.removeIfPresent("config.txt")
    let (node, _) = try node(stock, InterfacesSettings(spi: true))
    #expect(try node.boot.string("config.txt") == "[all]\ndtparam=spi=on\n")
  }
}
