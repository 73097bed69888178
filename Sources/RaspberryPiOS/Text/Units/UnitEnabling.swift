import Bytes
import FileTree

/// What `systemctl --root enable` does to a tree for one unit (systemctl(1)), except that an administrator's mask goes.
struct UnitEnabling {
  private(set) var tree: FileTree
  /// Why the unit, or a link that it asks for, could not be made.
  private(set) var problems: [UnitProblem] = []
  /// What the operator should know: sentences without a full stop.
  private(set) var notes: [String] = []

  private let time: Timestamp
  private var files: UnitFiles
  private var units: UnitSet
  /// Whether any unit asked for a link: a unit that does not is not meant to be enabled.
  private var asksForLinks = false

  /// Enables `name` in a copy of `tree`.
  init(_ name: UnitName, in tree: FileTree, time: Timestamp) {
    self.tree = tree
    self.time = time
    files = UnitFiles(folders: tree.unitSearchPath())
    units = UnitSet(files)
    do throws(UnitProblem) {
      try discover(name)
      try apply()
      if !asksForLinks, problems.isEmpty {
        notes.append(
          "\(name) has no [Install] section that asks for a link: there is nothing to enable, and other units, sockets or "
            + "timers start it")
      }
    } catch {
      problems.append(error)
    }
  }

  /// Finds the unit and what it is an alias of, and takes masks off them.
  private mutating func discover(_ name: UnitName) throws(UnitProblem) {
    while true {
      units = UnitSet(files)
      try units.add(name)
      let last = try units.follow(name, followsOwn: true, in: tree)
      guard let file = units.found[last], case .masked = file.state else { return }
      try unmask(file.path, of: last)
    }
  }

  private mutating func unmask(_ path: TreePath, of unit: UnitName) throws(UnitProblem) {
    guard path.parent == FileTree.administratorUnits else {
      throw UnitProblem(
        "\(unit) is masked by the image itself, by \(path)",
        hint: "put a unit file of that name into /etc/systemd/system with [[files]]")
    }
    do { try tree.removeIfPresent(path) } catch { throw UnitProblem(error) }
    notes.append("\(unit) was masked by \(path): the mask is taken away")
  }

  private mutating func apply() throws(UnitProblem) {
    var next = 0
    while next < units.order.count {
      let unit = units.order[next]
      next += 1
      do throws(UnitProblem) {
        try units.follow(unit, followsOwn: false, in: tree)
      } catch {
        guard units.auxiliary.contains(unit), error.kind != .endless else { throw error }
        notes.append("\(unit), which Also= names, is not enabled: \(error.text)")
        continue
      }
      guard let file = units.found[unit] else { continue }
      switch file.state {
      case .masked:
        asksForLinks = true
        notes.append("\(unit), which Also= names, is not enabled: it is masked by \(file.path)")
      case .regular:
        asksForLinks = asksForLinks || file.install.makesLinks
        makeLinks(of: unit, file)
      // The unit that it leads to is one of the set.
      case .alias, .linked: break
      }
    }
  }

  private mutating func makeLinks(of unit: UnitName, _ file: UnitFile) {
    var target = file.path
    if !files.folders.contains(file.path.parent) {
      let place = FileTree.administratorUnits.appending(text: unit.description)
      // Other links would lead to a file that systemd does not find.
      guard attempt({ (run) throws(UnitProblem) in try run.link(place, to: file.path, replacing: false) }) else {
        return
      }
      // A link to a file outside the folders would be a unit of its own. systemd 252 makes such ones, 257 does not.
      target = place
    }
    for alias in file.install.aliases {
      attempt { (run) throws(UnitProblem) in try run.makeAlias(alias, of: unit, file, to: target) }
    }
    for dependency in InstallSection.Dependency.allCases {
      makeLinks(of: unit, file, dependency, file.install.dependents[dependency] ?? [])
    }
  }

  /// Runs `step` and notes its problem; the other links are made all the same, as systemctl makes them.
  @discardableResult
  private mutating func attempt(_ step: (inout UnitEnabling) throws(UnitProblem) -> Void) -> Bool {
    do {
      try step(&self)
      return true
    } catch {
      problems.append(error)
      return false
    }
  }

  private mutating func makeAlias(
    _ text: String, of unit: UnitName, _ file: UnitFile, to target: TreePath
  ) throws(UnitProblem) {
    let filled = try specifiers(unit, file).fill(text, from: tree)
    let parts = filled.split(separator: "/").filter { $0 != "." }.map(String.init)
    // The older way to write WantedBy= and RequiredBy=: the folder stands in the alias.
    if filled.contains("/") {
      guard parts.count == 2, !filled.hasPrefix("/"), !filled.hasSuffix("/"),
        let folder = [".wants", ".requires"].lazy.compactMap({ parts[0].removing(suffix: $0) }).first,
        let dependent = UnitName(folder)
      else { throw refusal(of: filled, unit, "it names no folder of a unit") }
      let name = UnitName(parts[1])
      guard name?.isDependencyLink(to: unit, folderIsTemplate: dependent.form == .template) == true else {
        throw refusal(of: filled, unit, "a link in the folder of a unit has the unit's own name")
      }
      guard let place = TreePath("etc/systemd/system/\(filled)") else {
        throw refusal(of: filled, unit, "the name is too long")
      }
      return try link(place, to: target, replacing: false)
    }
    guard var alias = UnitName(filled) else { throw refusal(of: filled, unit, "it is not the name of a unit") }
    if alias.form == .template, unit.form == .instance, let instance = unit.instance {
      alias = alias.replacingInstance(instance) ?? alias
    }
    // Allowed, and without effect.
    if alias == unit { return }
    if let reason = alias.refusal(asAliasOf: unit) { throw refusal(of: alias.description, unit, reason) }
    let place = FileTree.administratorUnits.appending(text: alias.description)
    try link(place, to: target, replacing: false)
  }

  private func refusal(of alias: String, _ unit: UnitName, _ reason: String) -> UnitProblem {
    UnitProblem("Alias=\(alias.printable) of \(unit) cannot be made: \(reason)")
  }

  private func specifiers(_ unit: UnitName, _ file: UnitFile) -> UnitSpecifiers {
    UnitSpecifiers(unit: unit, defaultInstance: file.install.defaultInstance)
  }

  private mutating func makeLinks(
    of unit: UnitName, _ file: UnitFile, _ dependency: InstallSection.Dependency, _ dependents: [String]
  ) {
    guard !dependents.isEmpty else { return }
    var linked = unit
    if unit.form == .template, let instance = file.install.defaultInstance {
      guard let name = unit.replacingInstance(instance) else {
        problems.append(UnitProblem("\(unit): DefaultInstance=\(instance.printable) makes the name too long"))
        return
      }
      linked = name
      guard attempt({ (run) throws(UnitProblem) in try run.unmaskInstance(name) }) else { return }
    }
    for text in dependents {
      attempt { (run) throws(UnitProblem) in
        try run.makeLink(to: linked, file, in: dependency, of: run.specifiers(unit, file).fill(text, from: run.tree))
      }
    }
  }

  /// Takes the mask off the instance that enabling its template enables.
  private mutating func unmaskInstance(_ instance: UnitName) throws(UnitProblem) {
    while let file = try files.find(instance, in: tree), case .masked = file.state {
      try unmask(file.path, of: instance)
    }
  }

  private mutating func makeLink(
    to unit: UnitName, _ file: UnitFile, in dependency: InstallSection.Dependency, of text: String
  ) throws(UnitProblem) {
    guard let dependent = UnitName(text), let folder = Name(Array("\(dependent).\(dependency.rawValue)".utf8)) else {
      throw UnitProblem("\(unit) is to be enabled in \"\(text.printable)\", which is not the name of a unit")
    }
    guard unit.form != .template || dependent.form != .plain else {
      throw UnitProblem(
        "\(unit) is a template without DefaultInstance=, which cannot be enabled in \(dependent)",
        hint: "name an instance, such as \(unit.prefix)@NAME.\(unit.type)")
    }
    let place = FileTree.administratorUnits.appending(folder).appending(text: unit.description)
    try link(place, to: file.path, replacing: true)
    if !exists(dependent) { notes.append("\(unit) is enabled in \(dependent), which the image does not have") }
  }

  private func exists(_ unit: UnitName) -> Bool {
    let names = [unit, unit.template].compactMap(\.self)
    return names.contains { name in
      files.folders.contains { tree.find($0.appending(text: name.description), followingLast: false) != nil }
    }
  }

  /// Makes a link, unless one is there that leads to the same unit, however it is spelled.
  private mutating func link(_ place: TreePath, to target: TreePath, replacing: Bool) throws(UnitProblem) {
    switch tree.inode(at: place, followingLast: false)?.body {
    case nil: break
    case .symlink(let old)?:
      if leadsTheSame(place, old, target) { return }
      guard replacing else {
        throw UnitProblem(
          "\(place) is there already and is a link to \(String(decoding: old, as: UTF8.self).printable)",
          hint: "remove it with [[files]] remove = true if it is not wanted")
      }
    default:
      throw UnitProblem(
        "\(place) is there already and is not a link: expected nothing, or a link to \(target)",
        hint: "remove it with [[files]] remove = true if it is not wanted")
    }
    do throws(RaspberryPiOSError) {
      try tree.put(
        Inode(mode: 0o777, time: time, body: .symlink(target.bytes)), at: place, followingLast: false,
        makingFolders: time)
    } catch { throw UnitProblem(error) }
  }

  private func leadsTheSame(_ place: TreePath, _ old: [UInt8], _ target: TreePath) -> Bool {
    guard let there = try? tree.resolve(target: old, in: place.parent, followingLast: false) else { return false }
    if there == target { return true }
    if let file = tree.find(there), file == tree.find(target) { return true }
    return there.names.last == target.names.last && files.contains(there) && files.contains(target)
  }
}

extension String {
  /// The text before `suffix`; nil if it does not end so.
  fileprivate func removing(suffix: String) -> String? {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
  }
}
