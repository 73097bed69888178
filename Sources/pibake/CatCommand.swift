import ArgumentParser
import BaseImage
import FileTree
import Storage

/// `pibake cat IMAGE PATH...`
struct CatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat", abstract: "Print files of a partition, links followed inside it.",
    discussion: "Paths may hold *, ?, [a-z] and **; quote them.")

  @OptionGroup var arguments: ImageArguments

  @Argument(help: "Paths in the partition.")
  var paths: [PathArgument]

  func run() throws {
    try Interrupt.watching { progress in
      // All are looked up before the first is printed.
      let contents = try arguments.look(progress) { tree in try self.contents(in: tree) }
      var sink = OutputSink()
      for content in contents { try sink.write(content.runs, progress: progress) }
    }
  }

  private func contents(in tree: FileTree) throws -> [FileContent] {
    try paths.flatMap { try $0.matches(in: tree) }.map { place in
      guard let inode = tree.inode(at: place.path) else { throw ImageError.noSuchPath("\(place.path)") }
      guard case .file(let content) = inode.body else { throw ImageError.notAFile("\(place.path)") }
      return content
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
      case .source(let source, let offset, _):
        try source.verify(at: offset + done, count: count)
        try source.read(at: offset + done, into: &buffer, range: 0..<count)
      }
      try Terminal.write(buffer.span.extracting(0..<count))
      done += count
    }
  }
}
