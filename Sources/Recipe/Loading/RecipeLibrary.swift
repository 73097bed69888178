import Bytes
import SystemPackage
import TOML

/// The recipe files of one run: each is read once, and laid over those that it extends.
final class RecipeLibrary {
  /// How long a chain of `extends` may be. A cycle by way of symbolic links ends here too.
  private static let chainLimit = 32
  /// Keys whose values no message may quote.
  private static let secretKeys: Set = ["fleet_seed", "password", "password_hash", "authorized_keys"]

  private let log: ProblemLog
  /// With what it extends beneath it; nil for a file that could not be read.
  private var merged: [FilePath: SettingTable?] = [:]
  /// The files as they are written, in the order in which they were met.
  private(set) var written: [SettingTable] = []
  /// The nodes of inventories as they are written.
  private(set) var inventories: [FilePath: [SettingTable]] = [:]
  /// The names of all files met.
  private(set) var names: [String] = []

  init(log: ProblemLog) { self.log = log }

  /// The recipe at `path`, laid over those that it extends; nil if a problem has been reported instead.
  func recipe(at path: FilePath) -> SettingTable? { load(path, chain: [], asker: nil) }

  /// `chain` are the files that lead here, `asker` the place of the last `extends` among them.
  private func load(_ path: FilePath, chain: [FilePath], asker: RecipePlace?) -> SettingTable? {
    let identity = path.lexicallyNormalized()
    if let start = chain.firstIndex(of: identity) {
      let files = chain[start...].map(\.string) + [identity.string]
      log.error("extends: the recipes extend each other in a circle: \(files.joined(separator: " → "))", at: asker)
      return nil
    }
    guard chain.count < Self.chainLimit else {
      log.error("extends: more than \(Self.chainLimit) recipes extend each other", at: asker)
      return nil
    }
    if let known = merged[identity] { return known }
    let result = read(path, asker: asker).flatMap { own in
      base(of: own, chain: chain + [identity])?.overlaid(by: own)
    }
    merged[identity] = .some(result)
    return result
  }

  /// What `own` extends, the later over the earlier; nil if any of it is not there, which would make other things look missing.
  private func base(of own: SettingTable, chain: [FilePath]) -> SettingTable? {
    guard let setting = own["extends"]?.setting else { return SettingTable([], place: own.place) }
    let recipes = (setting.elements ?? [setting]).map { element in
      switch Form<FilePath>.path.read(element) {
      case .success(let path): return load(path, chain: chain, asker: element.place)
      case .failure(let mismatch):
        log.error("extends: \(mismatch.message)", at: element.place)
        return nil
      }
    }
    return recipes.reduce(SettingTable([], place: own.place)) { base, recipe in
      recipe.flatMap { base?.overlaid(by: $0.removing(["extends"])) }
    }
  }

  /// The nodes of the inventory that a recipe's `nodes_from` leads to; none if a problem has been reported instead.
  func nodes(from setting: Setting) -> [SettingTable] {
    guard case .success(let path) = Form<FilePath>.path.read(setting) else { return [] }
    if let known = inventories[path] { return known }
    names.append(path.string)
    var nodes: [SettingTable] = []
    do throws(FileContents.Problem) {
      nodes = Inventory(parsing: try FileContents.read(path), in: RecipeFile(path: path), log: log).nodes
    } catch {
      log.error("nodes_from: cannot read \(path.string.printable): \(error.message)", at: setting.place)
    }
    inventories[path] = nodes
    for node in nodes { WrittenRecipe.check(inventory: node, log: log) }
    return nodes
  }

  private func read(_ path: FilePath, asker: RecipePlace?) -> SettingTable? {
    names.append(path.string)
    let bytes: [UInt8]
    do throws(FileContents.Problem) {
      bytes = try FileContents.read(path)
    } catch {
      let subject = asker == nil ? "" : "extends: "
      log.error("\(subject)cannot read \(path.string.printable): \(error.message)", at: asker)
      return nil
    }
    let file = RecipeFile(path: path)
    do throws(TOMLError) {
      let table = try TOMLTable(parsing: bytes, secretKeys: Self.secretKeys)
      let settings = SettingTable(table, in: file, place: file.place(TOMLPosition(line: 1, column: 1)))
      written.append(settings)
      return settings
    } catch {
      log.error(error.message, at: file.place(error.position))
      return nil
    }
  }
}
