import Bytes
import FileTree

/// The specifiers of [Install] sections, such as `%i` (systemd.unit(5)), filled from a unit's name and a system's files.
///
/// What only the running system knows, `%a`, `%b` and `%v`, cannot be filled.
struct UnitSpecifiers {
  let unit: UnitName
  /// The value of `DefaultInstance=`, which counts where the name has no instance.
  let defaultInstance: String?

  /// No name of a unit is longer than 255 bytes, and systemd refuses a text that becomes longer than this.
  private static let sizeLimit = 256

  /// `text` with its specifiers filled.
  func fill(_ text: String, from tree: FileTree) throws(UnitProblem) -> String {
    guard text.contains("%") else { return text }
    var filled = ""
    var isSpecifier = false
    for scalar in text.unicodeScalars {
      switch (isSpecifier, scalar) {
      case (false, "%"): isSpecifier = true
      case (false, _): filled.unicodeScalars.append(scalar)
      case (true, _):
        isSpecifier = false
        filled += try value(of: scalar, in: text, from: tree)
      }
      guard filled.utf8.count <= UnitSpecifiers.sizeLimit else {
        throw UnitProblem("\"\(text.printable)\" becomes longer than the name of a unit may be")
      }
    }
    return isSpecifier ? filled + "%" : filled
  }

  private func value(of specifier: Unicode.Scalar, in text: String, from tree: FileTree) throws(UnitProblem) -> String {
    switch specifier {
    case "%": return "%"
    case "i": return instance
    case "j": return unit.prefix.split(separator: "-", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    case "n": return "\(nameAndInstance).\(unit.type)"
    case "N": return nameAndInstance
    case "p": return unit.prefix
    case "u", "g": return "root"
    case "U", "G": return "0"
    case "m": return try line(of: "etc/machine-id", specifier, in: text, from: tree)
    case "H": return try line(of: "etc/hostname", specifier, in: text, from: tree)
    case "l":
      let name = try line(of: "etc/hostname", specifier, in: text, from: tree)
      return name.split(separator: ".", omittingEmptySubsequences: false).first.map(String.init) ?? ""
    case "A", "B", "M", "o", "w", "W":
      guard let key = UnitSpecifiers.releaseKeys[specifier] else { return "" }
      return try release(of: tree, specifier, in: text).value(of: key) ?? ""
    case "a", "b", "v":
      throw UnitProblem("%\(specifier) in \"\(text.printable)\" is known to the running system only")
    case _ where specifier.isASCII && (specifier.properties.isAlphabetic || ("0"..."9").contains(specifier)):
      throw UnitProblem("%\(specifier) in \"\(text.printable)\" is no specifier of an [Install] section")
    default: return "%\(specifier)"
    }
  }

  private static let releaseKeys: [Unicode.Scalar: String] = [
    "A": "IMAGE_VERSION", "B": "BUILD_ID", "M": "IMAGE_ID", "o": "ID", "w": "VERSION_ID", "W": "VARIANT_ID",
  ]

  private var instance: String {
    guard let own = unit.instance, !own.isEmpty else { return defaultInstance ?? "" }
    return own
  }

  private var nameAndInstance: String { unit.instance == nil ? unit.prefix : "\(unit.prefix)@\(instance)" }

  private func line(
    of path: TreePath, _ specifier: Unicode.Scalar, in text: String, from tree: FileTree
  ) throws(UnitProblem) -> String {
    let line: String?
    do { line = try tree.firstLine(of: path) } catch { throw UnitProblem(error) }
    guard let line, !line.isEmpty, line != "uninitialized" else { throw unknown(specifier, in: text, without: path) }
    return line
  }

  private func release(
    of tree: FileTree, _ specifier: Unicode.Scalar, in text: String
  ) throws(UnitProblem) -> TextFile {
    for path: TreePath in ["etc/os-release", "usr/lib/os-release"] {
      do { if let file = try tree.text(at: path) { return file } } catch { throw UnitProblem(error) }
    }
    throw unknown(specifier, in: text, without: "etc/os-release")
  }

  private func unknown(_ specifier: Unicode.Scalar, in text: String, without path: TreePath) -> UnitProblem {
    UnitProblem("%\(specifier) in \"\(text.printable)\" cannot be filled: the image's \(path) does not say it")
  }
}
