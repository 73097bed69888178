import Bytes
import FileTree

/// What a unit's [Install] section asks for, that of its file together with those of its drop-ins (systemd.unit(5)).
struct InstallSection: Sendable {
  /// Other names of the unit.
  private(set) var aliases: [String] = []
  /// The units that get a link to this one, by the kind of folder: as written, specifiers included.
  private(set) var dependents: [Dependency: [String]] = [:]
  /// The units that are enabled and disabled with this one.
  private(set) var also: [UnitName] = []
  /// The instance that is enabled where the template is named; only for templates.
  private(set) var defaultInstance: String?

  /// A key that makes links in the folder of another unit; the value is the folder's suffix.
  enum Dependency: String, CaseIterable, Sendable {
    case wantedBy = "wants"
    case requiredBy = "requires"
    case upheldBy = "upholds"
  }

  /// More names than a unit has: each becomes a link.
  private static let countLimit = 10_000
  private static let keys: Set = ["Alias", "WantedBy", "RequiredBy", "UpheldBy", "Also", "DefaultInstance"]

  /// Whether the section asks for any link.
  var makesLinks: Bool { !aliases.isEmpty || dependents.values.contains { !$0.isEmpty } }

  /// How many names it holds in all.
  var nameCount: Int { aliases.count + also.count + dependents.values.reduce(0) { $0 + $1.count } }

  /// Adds what `bytes` say, the file at `path` or a drop-in, to what was read before.
  ///
  /// - Throws: if systemd would refuse the file.
  mutating func read(
    _ bytes: [UInt8], at path: TreePath, of unit: UnitName, in tree: FileTree
  ) throws(UnitProblem) {
    for assignment in try UnitAssignments(parsing: bytes, at: path, keys: InstallSection.keys).all {
      do throws(UnitProblem) {
        try read(assignment, of: unit, in: tree)
      } catch {
        throw UnitProblem("\(path):\(assignment.line): \(assignment.key)=: \(error.text)", hint: error.hint)
      }
    }
  }

  private mutating func read(
    _ assignment: UnitAssignments.Assignment, of unit: UnitName, in tree: FileTree
  ) throws(UnitProblem) {
    let value = assignment.value
    switch assignment.key {
    case "Alias": if unit.mayHaveAliases { try InstallSection.add(value, to: &aliases) }
    case "WantedBy": try InstallSection.add(value, to: &dependents[.wantedBy, default: []])
    case "RequiredBy": try InstallSection.add(value, to: &dependents[.requiredBy, default: []])
    case "UpheldBy": try InstallSection.add(value, to: &dependents[.upheldBy, default: []])
    case "Also": try readAlso(value, of: unit, in: tree)
    case "DefaultInstance" where unit.form == .template:
      let instance = try UnitSpecifiers(unit: unit, defaultInstance: defaultInstance).fill(value, from: tree)
      guard instance.isEmpty || UnitName.isInstance(instance) else {
        throw UnitProblem("\"\(instance.printable)\" cannot be the instance of a unit")
      }
      defaultInstance = instance.isEmpty ? nil : instance
    default: break
    }
  }

  /// Adds the words of `value`; an empty one takes away those before. A value with an open quote does not count.
  private static func add(_ value: String, to list: inout [String]) throws(UnitProblem) {
    guard !value.isEmpty else {
      list = []
      return
    }
    guard let words = UnitWords(value, .quoted)?.words else { return }
    guard list.count + words.count <= countLimit else { throw UnitProblem("more than \(countLimit) names") }
    list += words
  }

  /// Unlike those of the other keys, an empty value takes nothing away, and a name that is none makes the file invalid.
  private mutating func readAlso(_ value: String, of unit: UnitName, in tree: FileTree) throws(UnitProblem) {
    guard let words = UnitWords(value, .escaped)?.words else { throw UnitProblem("the value ends in a backslash") }
    guard also.count + words.count <= InstallSection.countLimit else {
      throw UnitProblem("more than \(InstallSection.countLimit) names")
    }
    let specifiers = UnitSpecifiers(unit: unit, defaultInstance: defaultInstance)
    for word in words {
      guard let name = UnitName(try specifiers.fill(word, from: tree)) else {
        throw UnitProblem("\"\(word.printable)\" is not the name of a unit")
      }
      also.append(name)
    }
  }
}
