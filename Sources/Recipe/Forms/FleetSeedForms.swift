import Glibc
import SystemPackage

extension Form<FleetSeed> {
  /// The seed itself, or `env:NAME`, the variable that holds it.
  static var fleetSeed: Form {
    Form(isSecret: true) { setting in
      guard case .string(let text) = setting.content else { return .failure(.kind("a string", setting)) }
      guard text.hasPrefix("env:") else {
        if ["$", "env:", "env ", "env="].contains(where: { text.lowercased().hasPrefix($0) }) {
          return .failure(Mismatch(found: nil, message: "a variable is written \"env:NAME\""))
        }
        if text.isPath, setting.file.resolve(text).accessFailure == nil {
          return .failure(Mismatch(found: nil, message: "this is the name of a file: write fleet_seed_file"))
        }
        return seed(text, subject: nil)
      }
      guard let value = unsafe getenv(String(text.dropFirst("env:".count))) else {
        return .failure(Mismatch(quoting: text, "the environment has no variable of this name"))
      }
      guard let content = unsafe String(validatingCString: value) else {
        return .failure(Mismatch(quoting: text, "the variable does not hold UTF-8"))
      }
      return seed(content, subject: text)
    }
  }

  /// `subject` is what a message may show for the secret.
  fileprivate static func seed(_ text: String, subject: String?) -> Result<FleetSeed, Mismatch> {
    do throws(FleetSeed.Problem) {
      return .success(try FleetSeed(text))
    } catch {
      guard let subject else { return .failure(Mismatch(found: nil, message: error.message)) }
      return .failure(Mismatch(quoting: subject, error.message))
    }
  }
}

/// A file that holds the fleet's seed.
struct FleetSeedFile {
  let seed: FleetSeed
  /// Whether others than its owner may read it.
  let isReadableByOthers: Bool
}

extension Form<FleetSeedFile> {
  /// The path of a file whose only line is the seed.
  static var fleetSeedFile: Form {
    Form(.text(), "the path of a file of one line") { setting in
      Form<FilePath>.path.read(setting).flatMap { path in
        do throws(SecretFile.Problem) {
          let file = try SecretFile(path, holding: "the seed that `pibake seed` makes")
          return Form<FleetSeed>.seed(file.line, subject: path.string).map {
            FleetSeedFile(seed: $0, isReadableByOthers: file.isReadableByOthers)
          }
        } catch {
          return .failure(Mismatch(quoting: path.string, error.message))
        }
      }
    }
  }
}

extension FleetSeed {
  static let text = Key(
    "fleet_seed", .fleetSeed,
    "The text from which the fleet's ids, keys and salts are derived, or env: and the variable that holds it.",
    example: "\"env:FLEET_SEED\"", fallback: "ids follow from names, and no keys can be derived")
  static let file = Key(
    "fleet_seed_file", .fleetSeedFile, "A file, relative to this one, that `pibake seed` has made.",
    example: "\"fleet.seed\"")
  /// The keys that give the seed. A recipe may have one of them; the one in a later file replaces the one in an earlier file.
  static let keys = [text.name, file.name]

  /// The seed that the top of a recipe names; nil without one, and where a problem has been reported instead.
  init?(reading top: TableReader) {
    let file = top[Self.file]
    if let file, file.isReadableByOthers, let entry = top.entry(Self.file) {
      top.warn("fleet_seed_file:", "others than its owner can read the file", at: entry.setting.place)
    }
    guard let seed = file?.seed ?? top[Self.text] else { return nil }
    self = seed
  }
}
