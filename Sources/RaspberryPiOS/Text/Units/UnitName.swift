/// The name of a systemd unit, such as `ssh.service` or `getty@tty1.service` (systemd.unit(5)).
struct UnitName: Hashable, Sendable, CustomStringConvertible {
  /// What a name can stand for.
  enum Form: Sendable {
    /// One unit: `ssh.service`.
    case plain
    /// The pattern of units: `getty@.service`.
    case template
    /// A unit made from a template: `getty@tty1.service`.
    case instance
  }

  /// The whole name: ASCII, at most 255 bytes.
  let description: String
  /// What stands before the `@`, or before the last dot of a plain name.
  let prefix: String
  /// What stands between the first `@` and the last dot: empty for a template, nil for a plain name.
  let instance: String?
  /// The suffix without its dot, such as `service`.
  let type: String

  private static let types: Set = [
    "automount", "device", "mount", "path", "scope", "service", "slice", "socket", "swap", "target", "timer",
  ]
  private static let aliasedTypes: Set = ["device", "path", "service", "socket", "target", "timer"]
  private static let templatedTypes: Set = ["path", "service", "socket", "target", "timer"]

  /// nil if `text` is not a whole unit name with its suffix.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count <= 255, let dot = bytes.lastIndex(of: 0x2E), dot > 0 else { return nil }
    let type = String(decoding: bytes[(dot + 1)...], as: UTF8.self)
    guard UnitName.types.contains(type), bytes[..<dot].allSatisfy(UnitName.mayHold) else { return nil }
    let at = bytes[..<dot].firstIndex(of: 0x40)
    guard at != 0 else { return nil }
    description = text
    prefix = String(decoding: bytes[..<(at ?? dot)], as: UTF8.self)
    instance = at.map { String(decoding: bytes[($0 + 1)..<dot], as: UTF8.self) }
    self.type = type
  }

  /// A name as people write it: without a suffix, it is that of a service. nil if `text` cannot be a name.
  init?(completing text: String) {
    guard let name = UnitName(text) ?? UnitName(text + ".service") else { return nil }
    self = name
  }

  /// What the name stands for.
  var form: Form { instance.map { $0.isEmpty ? .template : .instance } ?? .plain }

  /// Whether `Alias=` and links may give units of this type other names.
  var mayHaveAliases: Bool { UnitName.aliasedTypes.contains(type) }

  /// Whether units of this type may be made from templates.
  var mayBeTemplated: Bool { UnitName.templatedTypes.contains(type) }

  /// `getty@.service` for `getty@tty1.service` and for itself; nil for a plain name.
  var template: UnitName? { instance == nil ? nil : UnitName("\(prefix)@.\(type)") }

  /// `getty@tty2.service` for `getty@.service` and `tty2`. nil for a plain name, and if `instance` cannot be one.
  func replacingInstance(_ instance: String) -> UnitName? {
    guard self.instance != nil, UnitName.isInstance(instance) else { return nil }
    return UnitName("\(prefix)@\(instance).\(type)")
  }

  /// Whether `text` can stand between `@` and the suffix.
  static func isInstance(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(mayHold) }

  private static func mayHold(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "\\"),
      UInt8(ascii: "@"):
      true
    default: false
    }
  }
}

extension UnitName {
  /// Why a link of this name to a file called `target` in a folder of units is no alias; nil if it is one.
  func refusal(asAliasOf target: UnitName) -> String? {
    if self == target { return "a unit cannot be an alias of itself" }
    if !mayHaveAliases { return "\(type) units have no aliases" }
    if instance != nil, !mayBeTemplated { return "\(type) units have no templates" }
    if type != target.type { return "the suffixes differ" }
    if form != target.form, !(form == .instance && target.form == .template) {
      return "one is a template or an instance and the other is not"
    }
    if target.form == .instance, instance != target.instance { return "the instances differ" }
    return nil
  }

  /// Whether a link of this name in a `.wants` folder may lead to the unit `target`.
  ///
  /// - Parameter folderIsTemplate: whether the folder is that of a template, whose instance both then get.
  func isDependencyLink(to target: UnitName, folderIsTemplate: Bool) -> Bool {
    if self == target, form != .template { return true }
    guard template == target, target.form == .template else { return false }
    return form == .instance || (folderIsTemplate && form == .template)
  }
}
