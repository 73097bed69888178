import Bytes
import FileTree
import Recipe

// `[services]`: what `systemctl --root` mask, disable and enable do, in this order.
extension NodeSystem {
  /// Masks, disables and enables units of the root. What cannot be done is left out, and the rest is done.
  ///
  /// - Returns: what could not be done, each with its place in the recipe, in the order of the lists.
  mutating func editServices(_ settings: ServiceSettings) -> [RaspberryPiOSError] {
    settings.mask.flatMap { mask($0) } + settings.disable.flatMap { disable($0) }
      + settings.enable.flatMap { enable($0) }
  }

  private mutating func mask(_ service: ServiceSettings.Unit) -> [RaspberryPiOSError] {
    guard let unit = UnitName(completing: service.name) else { return [invalidName(service)] }
    // A unit that is not there may be one of those that generators make at boot. The mask itself would count as a unit.
    var warning: String?
    if !hasUnit(unit), initScript(of: unit) == nil {
      let near = suggestion(for: unit).map { "; \($0)" } ?? ""
      warning = "the image has no unit \(unit), which is masked all the same\(near)"
    }
    do throws(UnitProblem) {
      try root.maskUnit(unit, time: time)
    } catch {
      return [error.placed(service.place)]
    }
    if let warning { note(warning, of: service) }
    return []
  }

  private mutating func disable(_ service: ServiceSettings.Unit) -> [RaspberryPiOSError] {
    guard let unit = UnitName(completing: service.name) else { return [invalidName(service)] }
    let disabling = UnitDisabling(unit, in: root)
    root = disabling.tree
    guard let problem = disabling.problem else { return [] }
    return [explained(problem, unit, service, wish: "disabled")]
  }

  private mutating func enable(_ service: ServiceSettings.Unit) -> [RaspberryPiOSError] {
    guard let unit = UnitName(completing: service.name) else { return [invalidName(service)] }
    let enabling = UnitEnabling(unit, in: root, time: time)
    root = enabling.tree
    for text in enabling.notes { note(text, of: service) }
    return enabling.problems.map { explained($0, unit, service, wish: "enabled") }
  }

  private mutating func note(_ text: String, of service: ServiceSettings.Unit) {
    warn(service.place.map { "\($0): \(text)" } ?? text)
  }

  private func invalidName(_ service: ServiceSettings.Unit) -> RaspberryPiOSError {
    .recipe(
      "\"\(service.name.printable)\" is not the name of a unit", place: service.place,
      hint: "a name such as ssh, ssh.socket or getty@tty2, of letters, digits and :-_.\\ without slashes")
  }

  /// The problem at its place; for a unit that is not there, what could be meant.
  private func explained(
    _ problem: UnitProblem, _ unit: UnitName, _ service: ServiceSettings.Unit, wish: String
  ) -> RaspberryPiOSError {
    guard problem.kind == .missing, !hasUnit(unit) else { return problem.placed(service.place) }
    if let script = initScript(of: unit) {
      return .recipe(
        "\(unit) has no unit file: it is the SysV script \(script), which cannot be \(wish) in an image",
        place: service.place,
        hint: "give it a unit file with [[files]], or list it in mask to keep it from starting")
    }
    return .recipe("the image has no unit \(unit)", place: service.place, hint: suggestion(for: unit))
  }

  /// The script from which systemd makes the unit at boot, if it is one of those.
  private func initScript(of unit: UnitName) -> TreePath? {
    guard unit.type == "service", unit.form == .plain else { return nil }
    let path = TreePath("etc/init.d").appending(text: unit.prefix)
    guard case .file? = root.inode(at: path)?.body else { return nil }
    return path
  }

  private func hasUnit(_ unit: UnitName) -> Bool {
    let names = [unit, unit.form == .instance ? unit.template : nil].compactMap(\.self)
    return root.unitSearchPath().contains { folder in
      names.contains { root.find(folder.appending(text: $0.description), followingLast: false) != nil }
    }
  }

  /// What else the recipe could mean by a unit that the image does not have.
  private func suggestion(for unit: UnitName) -> String? {
    let known = Set(root.unitSearchPath().flatMap { root.names(in: $0) }.compactMap { TreePath([$0]).unitName })
    if unit.form == .plain, known.contains(where: { $0.form == .template && $0.sharesStem(with: unit) }) {
      return "\(unit.prefix)@.\(unit.type) is a template: name an instance, such as \(unit.prefix)@NAME"
    }
    // A suffix is easily mistaken for another; the longest part of a name would hide how the rest differs.
    let others = known.filter { $0.prefix == unit.prefix && $0.form == unit.form }.map(\.description).sorted()
    if let other = others.first { return "did you mean \"\(other)\"?" }
    let isPlain = unit.form == .plain
    let alike = known.filter { $0.type == unit.type && ($0.form == .plain) == isPlain }
    guard let prefix = unit.prefix.nearest(in: Set(alike.map(\.prefix)).sorted()) else { return nil }
    let name = unit.instance.map { "\(prefix)@\($0)" } ?? prefix
    return "did you mean \"\(name).\(unit.type)\"?"
  }
}

extension UnitName {
  fileprivate func sharesStem(with other: UnitName) -> Bool { prefix == other.prefix && type == other.type }
}

extension UnitProblem {
  /// The problem as an error of the recipe.
  fileprivate func placed(_ place: RecipePlace?) -> RaspberryPiOSError { .recipe(text, place: place, hint: hint) }
}
