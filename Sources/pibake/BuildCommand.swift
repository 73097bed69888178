import ArgumentParser
import Baking
import Bytes
import CLinux
import Recipe
import Storage
import SystemPackage

/// `pibake build RECIPE...`
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Bake every node that the recipes name.",
    discussion: """
      Each node's folder under --output appears whole or not at all, in place of that of an earlier run. A node that \
      fails does not keep the others from being baked.
      """)

  @OptionGroup var recipes: RecipeArguments

  @Option(help: "The stock image to use instead of the recipes'.")
  var image: FilePath?

  @Option(name: .shortAndLong, help: "The folder that receives one folder a node. (default: out)")
  var output: FilePath?

  @Option(
    help: ArgumentHelp(
      "What to write, whatever the recipes say: image, tree, tar, btrfs or btrfs-stream.",
      discussion: "tree (plain folders) and btrfs (subvolumes) keep owners and devices, which takes root."))
  var format: BakeOptions.Format?

  @OptionGroup var nodes: SelectionOptions

  @Option(help: "How many nodes to bake at a time. (default: one a processor, at most 4)")
  var jobs: Int?

  @Option(help: "The image of a base that the server has: the new base on btrfs tells, or is, only what differs.")
  var since: FilePath?

  @Flag(name: .shortAndLong, help: "Show warnings and errors only.")
  var quiet = false

  @OptionGroup var cache: CacheOption

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs takes a number from 1") }
  }

  func run() throws {
    let nodes = try self.nodes.selection.of(recipes.nodes())
    let start = ContinuousClock.now
    let results = try bake(nodes)
    try show(results)
    try Stop.sayFailures(results)
    // Only now: nothing that was asked for is missing.
    if !quiet { sayCost(since: start) }
  }

  private func bake(_ nodes: [NodeRecipe]) throws -> [BakeResult] {
    var options = BakeOptions(image: image, output: output, cache: try cache.folder, format: format, since: since)
    if let jobs { options.jobs = jobs }
    let progress = Progress()
    let interrupt = Interrupt(cancelling: progress)
    defer { withExtendedLifetime(interrupt) {} }
    return try Baker(options: options, progress: progress, report: Reporter(isQuiet: quiet).show).bake(nodes)
  }

  /// Prints where the nodes are, for programs, and a table of several for people.
  private func show(_ results: [BakeResult]) throws {
    for result in results {
      // The path as it is.
      guard case .done(let node) = result.outcome else { continue }
      let line = Array("\(node.folder)\n".utf8)
      try Terminal.write(line.span)
    }
    if !quiet && results.count > 1 { for line in BuildSummary(results).lines { Terminal.say(line) } }
  }

  private func sayCost(since start: ContinuousClock.Instant) {
    let memory = ByteCount(Int(max(pb_peak_memory(), 0)))
    Terminal.say("done in \((ContinuousClock.now - start).inSeconds), \(memory) of memory at most")
  }
}

extension BakeOptions.Format: ExpressibleByArgument {}

extension Stop {
  /// Says why nodes failed, each reason once, and how many of them did: the last words of a build that failed.
  ///
  /// - Throws: the exit status, if any did.
  fileprivate static func sayFailures(_ results: [BakeResult]) throws {
    var failures: [any Failure] = []
    var said: Set<String> = []
    for result in results {
      guard case .failed(let failure) = result.outcome else { continue }
      for part in failure.parts where said.insert(reason(part)).inserted { say(part) }
      failures.append(failure)
    }
    if failures.isEmpty { return }
    if results.count > 1 { Terminal.say("error: \(failures.count) of \(results.count) nodes failed") }
    let isUsage = failures.count == results.count && failures.allSatisfy { $0.kind == .usage }
    throw ExitCode(isUsage ? 2 : 1)
  }

  /// The failure's place and text without the node's name: what is the same for many nodes is said once.
  private static func reason(_ failure: any Failure) -> String {
    let text = if case BakeError.node(_, let inner) = failure { "\(inner)" } else { "\(failure)" }
    return (failure.place ?? "") + text
  }
}
