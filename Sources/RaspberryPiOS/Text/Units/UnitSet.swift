import FileTree

/// Units that are enabled or disabled together: those that were named, what they are aliases of, and what `Also=` names.
struct UnitSet {
  private(set) var files: UnitFiles
  /// In the order in which they were found; it grows while units are read.
  private(set) var order: [UnitName] = []
  /// What was read of them.
  private(set) var found: [UnitName: UnitFile] = [:]
  /// Those that nothing but `Also=` names.
  private(set) var auxiliary: Set<UnitName> = []

  /// More units than belong together: `Also=a@%ia.service` names another instance in each.
  private static let countLimit = 1000
  /// More names in the [Install] sections of all of them than units have: each can become a link.
  private static let nameLimit = 10_000
  /// As many links as systemd follows from one unit (UNIT_FILE_FOLLOW_SYMLINK_MAX).
  private static let linkLimit = 64

  private var nameCount = 0

  init(_ files: UnitFiles) { self.files = files }

  /// Adds a unit, unless it is among them.
  mutating func add(_ unit: UnitName, auxiliary isAuxiliary: Bool = false) throws(UnitProblem) {
    guard !order.contains(unit) else {
      if !isAuxiliary { auxiliary.remove(unit) }
      return
    }
    guard order.count < UnitSet.countLimit else {
      throw UnitProblem("\(unit): Also= leads to more than \(UnitSet.countLimit) units", kind: .endless)
    }
    order.append(unit)
    if isAuxiliary { auxiliary.insert(unit) }
  }

  /// Reads `unit`, which is among them, and follows links to the file that it is an alias of, whose unit is added.
  ///
  /// - Parameter followsOwn: whether links in the administrator's folder are followed too.
  /// - Returns: the unit that was found in the end.
  /// - Throws: `.missing` if no file is there, `.dangling` if a link leads to none.
  @discardableResult
  mutating func follow(_ unit: UnitName, followsOwn: Bool, in tree: FileTree) throws(UnitProblem) -> UnitName {
    guard try load(unit, in: tree) else { throw UnitProblem("no file of \(unit) is there", kind: .missing) }
    var here = unit
    for _ in 0...UnitSet.linkLimit {
      guard var file = found[here] else { return here }
      let target: TreePath
      switch file.state {
      case .regular, .masked: return here
      case .alias(let place), .linked(let place): target = place
      }
      if !followsOwn, file.path.parent == FileTree.administratorUnits {
        throw UnitProblem(
          "\(unit) is an alias: \(file.path) is a link to \(target)",
          hint: target.unitName.map { "name \($0), which it is an alias of" })
      }
      let next = target.unitName.map { UnitSet.instantiated($0, as: here) }
      if case .alias = file.state, let next, next != here {
        try add(next)
        here = next
        guard try load(next, in: tree) else {
          throw UnitProblem("\(unit) is an alias of \(next), which is not there", kind: .dangling)
        }
      } else {
        file.path = target
        guard try files.read(&file, as: here, in: tree) else {
          throw UnitProblem("\(unit) is a link to \(target), which is not there", kind: .missing)
        }
        found[here] = file
        try addAlso(of: here, file)
      }
    }
    throw UnitProblem("\(unit): more than \(UnitSet.linkLimit) links in a row")
  }

  /// The instance of the template `target` that belongs to the instance `unit`; else `target`.
  private static func instantiated(_ target: UnitName, as unit: UnitName) -> UnitName {
    guard target.form == .template, unit.form == .instance, let instance = unit.instance else { return target }
    return target.replacingInstance(instance) ?? target
  }

  private mutating func load(_ unit: UnitName, in tree: FileTree) throws(UnitProblem) -> Bool {
    if found[unit] != nil { return true }
    guard let file = try files.find(unit, in: tree) else { return false }
    found[unit] = file
    try addAlso(of: unit, file)
    return true
  }

  private mutating func addAlso(of unit: UnitName, _ file: UnitFile) throws(UnitProblem) {
    nameCount += file.install.nameCount
    guard nameCount <= UnitSet.nameLimit else {
      throw UnitProblem(
        "\(unit): units that belong together name more than \(UnitSet.nameLimit) others in [Install]", kind: .endless)
    }
    for name in file.install.also { try add(name, auxiliary: true) }
  }
}
