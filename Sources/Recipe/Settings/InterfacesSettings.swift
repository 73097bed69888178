/// `[interfaces]`: the buses and ports of the board's header, and the cameras. nil is always: as the image has it.
package struct InterfacesSettings: Sendable {
  /// What the serial port is for; the raw values are the words of rpi-preseed.
  package enum Serial: String, Sendable, CaseIterable {
    /// Nothing: the port is off.
    case off
    /// Programs: the port is on, without a console.
    case hardware
    /// The kernel's messages and a login. On a Pi 5, that is the port between the two HDMI sockets.
    case console
    /// The console, and on a Pi 5 the port of the header as well.
    case consoleHardware = "console_hardware"
  }
  /// I2C of the header, with device files for programs.
  package var i2c: Bool?
  /// SPI of the header.
  package var spi: Bool?
  /// The serial port.
  package var serial: Serial?
  /// 1-Wire, on the pin that config.txt of the image names, or GPIO 4.
  package var onewire: Bool?
  /// Whether the firmware looks for official cameras.
  package var camera: Bool?

  /// Settings that say only what is given.
  package init(
    i2c: Bool? = nil, spi: Bool? = nil, serial: Serial? = nil, onewire: Bool? = nil, camera: Bool? = nil
  ) {
    self.i2c = i2c
    self.spi = spi
    self.serial = serial
    self.onewire = onewire
    self.camera = camera
  }
}

extension InterfacesSettings {
  static let i2cKey = Key("i2c", .boolean, "I2C of the header.", example: "true", preseed: "interfaces.i2c")
  static let spiKey = Key("spi", .boolean, "SPI of the header.", example: "true", preseed: "interfaces.spi")
  static let serialKey = Key<Serial>(
    "serial", .choice(),
    "The serial port: off, for programs, for the kernel's console, or on a Pi 5 for both with the header's port.",
    example: "\"console\"", preseed: "interfaces.serial")
  static let onewireKey = Key("onewire", .boolean, "1-Wire on GPIO 4.", example: "true", preseed: "interfaces.onewire")
  static let cameraKey = Key(
    "camera", .boolean, "Whether the firmware looks for official cameras.", example: "true")
  static let keys = TableKeys(
    "interfaces", "The buses and ports of the board's header; what is left out is as the image has it.",
    [i2cKey, spiKey, serialKey, onewireKey, cameraKey])

  init(reading table: TableReader) {
    self.init(
      i2c: table[Self.i2cKey], spi: table[Self.spiKey], serial: table[Self.serialKey], onewire: table[Self.onewireKey],
      camera: table[Self.cameraKey])
  }
}
