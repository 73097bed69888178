import ArgumentParser
import Baking
import CLinux
import Recipe
import Storage
import SystemPackage

/// `pibake build RECIPE...`
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Bake every node that the recipes name.",
    discussion: """
      Each node's folder under --output appears whole or not at all, in place of that of an earlier run.
      """)

  @Argument(help: "Recipes, as in recipes/nog.toml.", completion: .file(extensions: ["toml"]))
  var recipes: [FilePath]

  @Option(help: "The stock image to use instead of the recipes'.")
  var image: FilePath?

  @Option(name: .shortAndLong, help: "The folder that receives one folder a node. (default: out)")
  var output: FilePath?

  @Option(
    help: ArgumentHelp(
      "What to write, whatever the recipes say: image, tree, tar, btrfs or btrfs-stream.",
      discussion: "tree (plain folders) and btrfs (subvolumes) keep owners and devices, which takes root."))
  var format: BakeOptions.Format?

  @Flag(name: .shortAndLong, help: "Show warnings and errors only.")
  var quiet = false

  @OptionGroup var cache: CacheOption

  func run() throws {
    let result = RecipeLoader.load(paths: recipes)
    for problem in result.problems { Terminal.say("\(problem)") }
    guard result.isSound else { throw ExitCode(2) }

    let clock = ContinuousClock()
    let start = clock.now
    let progress = Progress()
    let interrupt = Interrupt(cancelling: progress)
    let reporter = Reporter(isQuiet: quiet)
    let options = BakeOptions(image: image, output: output, cache: cache.folder, format: format)
    let folders = try Baker(options: options, progress: progress, report: reporter.show).bake(result.nodes)
    withExtendedLifetime(interrupt) {}
    if !quiet {
      let memory = ByteCount(Int(max(pb_peak_memory(), 0)))
      Terminal.say("done in \((clock.now - start).inSeconds), \(memory) of memory at most")
    }
    for folder in folders { try Terminal.write("\(folder)\n") }
  }
}
