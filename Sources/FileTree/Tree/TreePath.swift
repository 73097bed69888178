/// A path inside a tree, from its root: a list of names.
package struct TreePath: Hashable, Sendable {
  /// The names, outermost first; none for the root itself.
  package var names: [Name]

  /// The path of these names.
  package init(_ names: [Name] = []) { self.names = names }

  /// The path that `bytes` spell with `/` between names; repeated and trailing slashes and `.` do not count.
  /// nil if a part cannot be a name, `..` among them.
  package init?(bytes: some Collection<UInt8>) {
    var names: [Name] = []
    for part in bytes.split(separator: 0x2F) where !part.elementsEqual([0x2E]) {
      guard let name = Name(part) else { return nil }
      names.append(name)
    }
    self.names = names
  }

  /// The path that `text` spells; nil as for bytes.
  package init?(_ text: some StringProtocol) { self.init(bytes: Array(text.utf8)) }

  /// The path with one name more.
  package func appending(_ name: Name) -> TreePath { TreePath(names + [name]) }

  /// The path without its last name; the root's is the root.
  package var parent: TreePath { TreePath(Array(names.dropLast())) }

  /// `/`, then the names with `/` between: the bytes that manifests are sorted by.
  package var bytes: [UInt8] { [0x2F] + names.map(\.bytes).joined(separator: [0x2F]) }
}

extension TreePath: ExpressibleByStringLiteral {
  /// A path in the source: `"etc/hostname"`. A literal that is no path is a mistake of the programmer, and traps.
  package init(stringLiteral text: String) {
    guard let path = TreePath(text) else { preconditionFailure("not a path: \(text)") }
    self = path
  }
}

extension TreePath: CustomStringConvertible {
  package var description: String { bytes.escaped }
}
