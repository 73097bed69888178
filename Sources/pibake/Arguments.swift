import ArgumentParser
import BaseImage
import Bytes
import FileTree
import Glibc
import Storage
import SystemPackage

extension FilePath: @retroactive ExpressibleByArgument {
  /// Any bytes are a path.
  public init?(argument: String) {
    let bytes = RawArguments.bytes(of: argument)
    guard !bytes.contains(0) else { return nil }
    unsafe self.init(platformString: (bytes + [0]).map { CChar(bitPattern: $0) })
  }

  /// Shells complete files.
  public static var defaultCompletionKind: CompletionKind { .file() }
}

/// A path in a partition, as bytes; with wildcards, maybe.
struct PathArgument: ExpressibleByArgument {
  let bytes: [UInt8]

  init(argument: String) { bytes = RawArguments.bytes(of: argument) }

  /// The places in `tree` that the argument stands for.
  ///
  /// - Throws: `ImageError.noSuchPath` if there is none.
  func matches(in tree: FileTree) throws -> [PathMatch] {
    let matches = tree.matches(bytes)
    if matches.isEmpty { throw ImageError.noSuchPath(bytes.escaped) }
    return matches
  }
}

extension StockDisk.Selector: ExpressibleByArgument {
  /// `root`, `boot`, a number from 1, or a label, GPT name or PARTUUID.
  public init?(argument: String) { self.init(argument) }
}

/// The options of every command that opens an image.
struct CacheOption: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: "Where downloads and decoded images are kept. (default: $XDG_CACHE_HOME/pibake or ~/.cache/pibake)",
    completion: .directory)
  var given: FilePath?

  /// The folder of the cache.
  ///
  /// - Throws: `NoCacheFolder` if neither the command line nor the environment names one.
  var folder: FilePath { get throws { if let given { given } else { try defaultCache() } } }
}

/// A cache without a place.
private struct NoCacheFolder: Failure {
  var kind: FailureKind { .usage }
  var description: String { "neither HOME nor XDG_CACHE_HOME is set, so the cache has no folder" }
  var hint: String? { "name one with --cache" }
}

/// The options of commands that read an image, good or bad.
struct ReadingOptions: ParsableArguments {
  @Flag(help: "Read on where a checksum is wrong, with a warning.")
  var noVerify = false

  @OptionGroup var cache: CacheOption

  /// Opens images and folders; warnings go to standard error.
  func opening(_ progress: Progress) -> TreeOpening {
    let gate = WarningGate { Terminal.say("warning: \($0)") }
    return TreeOpening(
      cache: try cache.folder, progress: progress,
      policy: ReadPolicy(verifiesChecksums: !noVerify, warn: { gate.pass($0) }))
  }
}

/// The options of commands that look into one image.
struct ImageArguments: ParsableArguments {
  @Argument(help: "An image (.img, or one in .xz, .zip, .gz, .zst or .bz2), a tar archive, or a folder.")
  var image: FilePath

  @Option(help: "Which partition: root, boot, a number from 1, or a label or PARTUUID.")
  var partition = StockDisk.Selector.root

  @OptionGroup var reading: ReadingOptions

  /// The result of `look` for the tree that the arguments name. Only what `look` looks at is read; it may be called several times, and
  /// its last result counts.
  func look<Value>(_ progress: Progress, _ look: (FileTree) throws -> Value) throws -> Value {
    try reading.opening(progress).look(at: image, partition, look)
  }

  /// The tree that the arguments name.
  func tree(_ progress: Progress) throws -> FileTree { try reading.opening(progress).tree(image, partition) }
}

/// `$XDG_CACHE_HOME/pibake`, or where that variable's specification has it otherwise.
private func defaultCache() throws -> FilePath {
  if let folder = variable("XDG_CACHE_HOME"), folder.hasPrefix("/") { return FilePath(folder).appending("pibake") }
  // Not in /tmp: what others put there would be believed.
  guard let home = variable("HOME"), home.hasPrefix("/") else { throw NoCacheFolder() }
  return FilePath(home).appending(".cache/pibake")
}

private func variable(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}
