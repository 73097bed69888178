import Bytes
import FileTree
import Recipe

// `[interfaces]`: what raspi-config's do_i2c, do_spi, do_onewire, do_serial_hw and do_serial_cons do.
extension NodeSystem {
  /// Switches the interfaces on or off in config.txt, in tryboot.txt where there is one, and in what they include.
  ///
  /// `editConfigText` comes after it, so that the lines of `[boot] config_txt` stay last.
  mutating func editInterfaces(_ settings: InterfacesSettings) throws(RaspberryPiOSError) {
    let serial = settings.serial
    let wishes: [(FirmwareSwitch, Bool?)] = [
      (.i2c, settings.i2c), (.spi, settings.spi), (.onewire, settings.onewire), (.camera, settings.camera),
      (.serialPort, serial.map { $0 != .off }),
      // `console` leaves the port of the header as the image has it.
      (.headerPort, serial == .console ? nil : serial.map { $0 != .off }),
    ]
    for (element, wish) in wishes {
      guard let wish else { continue }
      try turn(element, wish, in: "config.txt")
      if boot.has(boot.pathIgnoringCase("tryboot.txt")) { try turn(element, wish, in: "tryboot.txt") }
    }
    if settings.i2c == true { try loadI2CDevices() }
  }

  /// Makes the firmware's settings that begin with the file `name` say `isOn` on every board.
  private mutating func turn(
    _ element: FirmwareSwitch, _ isOn: Bool, in name: String
  ) throws(RaspberryPiOSError) {
    let said = try FirmwareConfiguration(boot, from: name).settings.compactMap { setting in
      element.state(key: setting.key, value: setting.value).map { (setting: setting, isOn: $0) }
    }.filter { $0.setting.reach != .never }
    var isSaid = false
    for (setting, state) in said {
      // Lines under a filter are changed too, because they count on the boards that it selects.
      if state != isOn {
        guard try change(setting, to: element.value(setting.value, turned: isOn)) else { continue }
      }
      isSaid = isSaid || element.filter != "[all]" || setting.reach == .all
    }
    guard !isSaid, isOn || element.needsLineForOff else { return }
    let path = boot.pathIgnoringCase(TreePath().appending(text: name))
    var config = ConfigText(try boot.text(at: path) ?? TextFile())
    config.append(element.line(isOn), under: element.filter)
    try boot.write(config.bytes, to: path, time: time)
  }

  /// Gives the line of `setting` another value, or turns it into a comment where `value` is nil.
  ///
  /// - Returns: whether that was done.
  private mutating func change(
    _ setting: FirmwareConfiguration.Setting, to value: String?
  ) throws(RaspberryPiOSError) -> Bool {
    var config = ConfigText(try boot.text(at: setting.file) ?? TextFile())
    guard config.change(line: setting.line, setting.key, from: setting.value, to: value) else {
      warn("\(setting.description) contradicts [interfaces] and stays: the file has line breaks other than LF")
      return false
    }
    try boot.write(config.bytes, to: setting.file, time: time)
    return true
  }

  /// Loads the module that makes /dev/i2c-*. The device tree loads only the driver of the bus.
  private mutating func loadI2CDevices() throws(RaspberryPiOSError) {
    let own: TreePath = "etc/modules-load.d/pibake-i2c.conf"
    let folder: TreePath = "etc/modules-load.d"
    for path in ["etc/modules"] + root.names(in: folder).map({ folder.appending($0) }) where path != own {
      guard let file = try root.text(at: path) else { continue }
      if file.firstIndex(where: { ModuleIndex.canonical($0.trimmed) == "i2c_dev" }) != nil { return }
    }
    try root.write("# Written by pibake.\ni2c-dev\n", to: own, time: time)
  }

  /// Gives the serial port to the kernel's console or takes it away, in every file of kernel parameters.
  ///
  /// `editCommandLines`, which finds these files, comes before it.
  mutating func editSerialConsole(_ settings: InterfacesSettings) throws(RaspberryPiOSError) {
    guard let serial = settings.serial else { return }
    let wantsConsole = serial == .console || serial == .consoleHardware
    for path in commandLines {
      guard let bytes = try boot.bytes(at: path) else { continue }
      var line = CommandLineFile(bytes).line
      if !wantsConsole {
        line.removeAll(where: NodeSystem.isSerialConsole)
      } else if !line.words.contains(where: NodeSystem.isSerialConsole) {
        // The last console is /dev/console, which stays the screen.
        line.prepend("console=serial0,115200")
      }
      try write(line, to: path)
    }
  }

  /// Whether a kernel parameter makes a serial port of the board a console. `serial0` is the firmware's name.
  private static func isSerialConsole(_ word: String) -> Bool {
    ["serial", "ttyAMA", "ttyS"].contains { word.hasPrefix("console=\($0)") }
  }
}
