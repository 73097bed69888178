import ArgumentParser
import Baking
import Bytes
import FileTree
import Recipe

/// The command line of pibake.
@main
struct Pibake: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pibake",
    abstract: "Bakes bootable systems for Raspberry Pi clusters out of one stock image.",
    discussion: """
      Reads MBR, FAT and ext4 natively: no root, no loop mounts, no chroot.

      Exit status: 0 done, 1 it failed, 2 the recipe or the command line is wrong, 130 interrupted.
      """,
    subcommands: [
      BuildCommand.self, InspectCommand.self, ListCommand.self, CatCommand.self, ExtractCommand.self,
      ManifestCommand.self, DiffCommand.self, SeedCommand.self, CacheCommand.self,
    ])

  /// Parses the command line, runs the command, and turns what stops it into one message and one exit status.
  static func main() {
    Terminal.holdStandardDescriptors()
    do {
      let arguments = RawArguments.all
      try checkCommand(arguments)
      var command = try parseAsRoot(arguments)
      try Libcrypto.check()
      try command.run()
    } catch {
      Stop.end(with: error)
    }
  }

  /// Throws where the first word is no command, with the one that was probably meant: the parser would only say that it
  /// did not expect the word.
  private static func checkCommand(_ arguments: [String]) throws {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word = arguments.first, !word.hasPrefix("-"), !(names + ["help"]).contains(word) else { return }
    throw UnknownCommand(word: RawArguments.bytes(of: word).escaped, nearest: word.nearest(in: names))
  }
}

/// A command that pibake does not have.
private struct UnknownCommand: Failure {
  let word: String
  let nearest: String?

  var kind: FailureKind { .usage }
  var description: String { "unknown command '\(word)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "") }
  var hint: String? { nearest == nil ? "`pibake --help` lists the commands" : nil }
}
