import ArgumentParser
import BaseImage
import Bytes
import FileTree
import SystemPackage

/// `pibake cache list|prune|clear`
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "Show and bound what the cache holds.",
    discussion: "Everything in the cache can be downloaded, decoded or compressed again.",
    subcommands: [List.self, Prune.self, Clear.self])

  /// `pibake cache list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List what the cache holds.")

    @OptionGroup var cache: CacheOption

    func run() throws {
      let folder = try cache.folder
      let entries = try CacheContents(folder: folder).entries()
      try Terminal.write(lines: lines(entries) + ["all\t\(ByteCount(entries.size))\t\(folder)"])
    }

    /// One line for each download and image, and one for all chunks and for all records.
    private func lines(_ entries: [CacheContents.Entry]) -> [String] {
      // Who else writes to the folder may give a file any name.
      var lines = entries.filter { ![.chunk, .record].contains($0.kind) }.map { entry in
        "\(entry.kind)\t\(ByteCount(entry.size))\t\(Array(entry.path.string.utf8).escaped)"
      }
      let chunks = entries.filter { $0.kind == .chunk }
      if !chunks.isEmpty { lines.append("chunks\t\(ByteCount(chunks.size))\t\(chunks.count) pieces of disks") }
      let records = entries.filter { $0.kind == .record }
      if !records.isEmpty { lines.append("records\t\(ByteCount(records.size))\t\(records.count) digests of images") }
      return lines
    }
  }

  /// `pibake cache prune`
  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove what was not used for longest, until the cache is small enough.")

    @Option(help: ArgumentHelp("What the cache may keep, such as 2GiB.", valueName: "size"))
    var keep: CacheSize

    @OptionGroup var cache: CacheOption

    func run() throws {
      let folder = try cache.folder
      CacheCommand.tell(try CacheContents(folder: folder).prune(to: keep.bytes), of: folder)
    }
  }

  /// `pibake cache clear`
  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove everything from the cache.")

    @OptionGroup var cache: CacheOption

    func run() throws {
      let folder = try cache.folder
      CacheCommand.tell(try CacheContents(folder: folder).clear(), of: folder)
    }
  }

  fileprivate static func tell(_ removed: [CacheContents.Entry], of folder: FilePath) {
    Terminal.say("\(folder): removed \(ByteCount(removed.size)) in \(removed.count) files")
  }
}

extension [CacheContents.Entry] {
  fileprivate var size: Int { reduce(0) { $0 + $1.size } }
}

/// A number of bytes with a binary unit.
struct CacheSize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let digits = argument.prefix { ("0"..."9").contains($0) }
    let units = ["": 0, "K": 10, "KiB": 10, "M": 20, "MiB": 20, "G": 30, "GiB": 30, "T": 40, "TiB": 40]
    guard let number = Int(digits), let shift = units[String(argument.dropFirst(digits.count))],
      number <= Int.max >> shift
    else { return nil }
    bytes = number << shift
  }
}
