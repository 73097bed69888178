import ArgumentParser
import Baking
import FileTree
import Storage

/// `pibake cat IMAGE PATH...`
struct CatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat", abstract: "Print files of a partition, links followed inside it.")

  @OptionGroup var arguments: ImageArguments

  @Argument(help: "Paths in the partition.")
  var paths: [String]

  func run() throws {
    let tree = try TreeOpening(cache: arguments.cache.folder, progress: Progress())
      .tree(arguments.image, arguments.partition)
    for text in paths {
      guard let path = TreePath(text), let inode = tree.inode(at: path) else { throw BakeError.noSuchPath(text) }
      guard case .file(let content) = inode.body else { throw BakeError.notAFile(text) }
      var sink = OutputSink()
      try sink.write(content.runs)
    }
  }
}

/// Standard output as a sink of runs.
private struct OutputSink: RunSink {
  private var buffer = [UInt8](repeating: 0, count: 1 << 20)

  mutating func write(_ run: Run) throws(IOError) {
    var done = 0
    while done < run.count {
      let count = min(buffer.count, run.count - done)
      switch run {
      case .bytes(let bytes): buffer.replaceSubrange(0..<count, with: bytes[done..<done + count])
      case .zeros: for index in 0..<count { buffer[index] = 0 }
      case .source(let source, let offset, _): try source.read(at: offset + done, into: &buffer, range: 0..<count)
      }
      try Terminal.write(buffer.span.extracting(0..<count))
      done += count
    }
  }
}
