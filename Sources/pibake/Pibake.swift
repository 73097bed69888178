import ArgumentParser
import Baking
import Bytes

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
      BuildCommand.self, InspectCommand.self, ListCommand.self, CatCommand.self, ManifestCommand.self,
    ])

  /// Parses the command line, runs the command, and turns what stops it into one message and one exit status.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Stop.end(with: error)
    }
  }
}
