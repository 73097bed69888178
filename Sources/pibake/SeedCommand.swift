import ArgumentParser
import Recipe
import Storage
import SystemPackage

/// `pibake seed [FILE]`
struct SeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seed", abstract: "Make the secret from which a fleet's ids and host keys are derived.",
    discussion: """
      128 bits of chance as one line, for fleet_seed_file or fleet_seed = "env:NAME". Keep it as you keep private keys: \
      who has it has the derived host keys of every node.
      """)

  @Argument(
    help: "The file to make, which only its owner may read; it must not be there. (default, and -: standard output)")
  var file: FilePath?

  func run() throws {
    let line = Array("\(FleetSeed.random())\n".utf8)
    guard let file, file != "-" else { return try Terminal.write(line.span) }
    guard let name = file.lastComponent.flatMap(String.init(validating:)) else {
      throw ValidationError("'\(file)' cannot be the name of the file: name it in UTF-8, as recipes do")
    }
    let parent = file.removingLastComponent()
    var publication = try Publication(file: name, in: HeldFolder(parent))
    try publication.write(line.span)
    try publication.publish(mode: 0o600, replacing: .nothing)
  }
}
