import ArgumentParser
import Baking
import Glibc
import SystemPackage

extension FilePath: @retroactive ExpressibleByArgument {
  /// Any text is a path.
  public init?(argument: String) { self.init(argument) }

  /// Shells complete files.
  public static var defaultCompletionKind: CompletionKind { .file() }
}

extension StockDisk.Selector: ExpressibleByArgument {
  /// `root`, `boot`, a number from 1, or a label, GPT name or PARTUUID.
  public init?(argument: String) { self.init(argument) }
}

extension BakeOptions.Format: ExpressibleByArgument {}

/// The options of every command that opens an image.
struct CacheOption: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: "Where downloads and decoded images are kept.", completion: .directory)
  var folder: FilePath = defaultCache()
}

/// The options of commands that look into one image.
struct ImageArguments: ParsableArguments {
  @Argument(help: "An image (.img, or one in .xz, .zip, .gz, .zst or .bz2), or a folder.")
  var image: FilePath

  @Option(help: "Which partition: root, boot, a number from 1, or a label or PARTUUID.")
  var partition = StockDisk.Selector.root

  @OptionGroup var cache: CacheOption
}

/// `$XDG_CACHE_HOME/pibake`, or where that variable's specification has it otherwise.
private func defaultCache() -> FilePath {
  if let folder = variable("XDG_CACHE_HOME"), folder.hasPrefix("/") { return FilePath(folder).appending("pibake") }
  return FilePath(variable("HOME") ?? "/tmp").appending(".cache/pibake")
}

private func variable(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  let text = unsafe String(cString: value)
  return text.isEmpty ? nil : text
}
