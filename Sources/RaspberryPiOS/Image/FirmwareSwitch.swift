import Bytes

/// Something that config.txt switches on or off, and the spellings of the lines that do.
struct FirmwareSwitch: Sendable {
  private enum Form: Sendable {
    /// `dtparam=NAME=on`: a parameter of the base device tree, which has several names.
    case parameter([String])
    /// `dtoverlay=NAME`: one of several overlays that do the same.
    case overlay([String])
    /// `KEY=1`
    case key(String)
  }
  private let form: Form
  /// The filter that a new line stands under.
  let filter: String
  /// Whether some boards have it on by default, so that off needs a line.
  let needsLineForOff: Bool

  private init(_ form: Form, filter: String = "[all]", needsLineForOff: Bool = false) {
    self.form = form
    self.filter = filter
    self.needsLineForOff = needsLineForOff
  }

  // Names from the overlays' README of Raspberry Pi's kernel, and the lines that raspi-config writes.
  static let i2c = FirmwareSwitch(.parameter(["i2c_arm", "i2c", "i2c1"]))
  static let spi = FirmwareSwitch(.parameter(["spi"]))
  static let onewire = FirmwareSwitch(.overlay(["w1-gpio", "w1-gpio-pullup"]))
  static let camera = FirmwareSwitch(.key("camera_auto_detect"))
  /// Boards without Bluetooth have it on.
  static let serialPort = FirmwareSwitch(.key("enable_uart"), needsLineForOff: true)
  /// A Pi 5 has a port of its own for the console; this is the one of the header.
  static let headerPort = FirmwareSwitch(.parameter(["uart0"]), filter: "[pi5]")

  private static let parameterKeys: Set<String> = ["dtparam", "device_tree_param"]
  private static let overlayKeys: Set<String> = ["dtoverlay", "device_tree_overlay"]
  private static let wordsForOff: Set<String> = ["off", "no", "false", "n", "0", "disabled"]

  /// Whether the line `key=value` switches it on (true) or off (false); nil if the line is about something else.
  func state(key: String, value: String) -> Bool? {
    switch form {
    case .key(let name): return key == name ? Int(value) != 0 : nil
    case .overlay(let names):
      guard FirmwareSwitch.overlayKeys.contains(key) else { return nil }
      return names.contains(String(value.prefix { $0 != "," && $0 != ":" }).trimmed) ? true : nil
    case .parameter(let names):
      guard FirmwareSwitch.parameterKeys.contains(key) else { return nil }
      // The last one of a line counts.
      let states = value.split(separator: ",").compactMap { FirmwareSwitch.state(ofPart: $0, names: names) }
      return states.last
    }
  }

  /// The value after "=" that makes the line say `isOn`; nil if the line must go.
  func value(_ value: String, turned isOn: Bool) -> String? {
    switch form {
    case .key: return isOn ? "1" : "0"
    case .overlay: return isOn ? value : nil
    case .parameter(let names):
      return value.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard FirmwareSwitch.state(ofPart: part, names: names) != nil else { return String(part) }
        return "\(String(part.prefix { $0 != "=" }).trimmed)=\(isOn ? "on" : "off")"
      }.joined(separator: ",")
    }
  }

  /// A line that says `isOn`.
  func line(_ isOn: Bool) -> String {
    switch form {
    case .key(let name): "\(name)=\(isOn ? 1 : 0)"
    case .overlay(let names): "dtoverlay=\(names[0])"
    case .parameter(let names): "dtparam=\(names[0])=\(isOn ? "on" : "off")"
    }
  }

  /// Whether one of the parameters between commas switches it on or off: `spi=off`, or `spi`, which is on.
  private static func state(ofPart part: Substring, names: [String]) -> Bool? {
    let parts = part.split(separator: "=", maxSplits: 1).map(\.trimmed)
    guard let name = parts.first, names.contains(name) else { return nil }
    return parts.count == 1 || !wordsForOff.contains(parts[1].lowercased())
  }
}
