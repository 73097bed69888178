import ArgumentParser
import Baking
import Bytes
import CLinux
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
    version: VersionReport.text,
    subcommands: [
      BuildCommand.self, CheckCommand.self, ExplainCommand.self, SchemaCommand.self, InspectCommand.self,
      ListCommand.self, CatCommand.self, ExtractCommand.self,
      ManifestCommand.self, DiffCommand.self, SeedCommand.self, CacheCommand.self,
    ])

  /// Parses the command line, runs the command, and turns what stops it into one message and one exit status.
  static func main() {
    pb_bound_allocator()
    Terminal.holdStandardDescriptors()
    do {
      let arguments = RawArguments.all
      try checkCommand(arguments)
      try refuseURLs(arguments)
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

extension Pibake {
  /// Throws for the URL of an image, which no command takes: as a path that is not there, a message would show the password in it.
  private static func refuseURLs(_ arguments: [String]) throws {
    for argument in arguments {
      let value = argument.hasPrefix("--") ? argument.drop { $0 != "=" }.dropFirst() : argument[...]
      let isURL = ["http://", "https://", "ftp://", "file://"].contains { value.lowercased().hasPrefix($0) }
      if isURL { throw URLArgument(url: String(value).bareURL) }
    }
  }
}

/// The URL of an image in the place of a file.
private struct URLArgument: Failure {
  let url: String

  var kind: FailureKind { .usage }
  var description: String { "\(url) is a URL: an image on the command line is a file of this machine" }
  var hint: String? { "URLs go into recipes: [image] url = \"…\", and its sha256" }
}

/// A command that pibake does not have.
private struct UnknownCommand: Failure {
  let word: String
  let nearest: String?

  var kind: FailureKind { .usage }
  var description: String { "unknown command '\(word)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "") }
  var hint: String? { nearest == nil ? "`pibake --help` lists the commands" : nil }
}
