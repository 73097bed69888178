import ArgumentParser
import Baking
import FileTree
import Storage

/// `pibake ls IMAGE [PATH]`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List a folder of a partition.")

  @OptionGroup var arguments: ImageArguments

  @Argument(help: "A path in the partition.")
  var path = "/"

  @Flag(name: .shortAndLong, help: "With type, mode, links, owner, group, size or device, and time.")
  var long = false

  func run() throws {
    let tree = try TreeOpening(cache: arguments.cache.folder, progress: Progress())
      .tree(arguments.image, arguments.partition)
    guard let place = TreePath(path), let id = tree.find(place) else { throw BakeError.noSuchPath(path) }
    let links = long ? tree.linkCounts() : []
    guard let directory = tree.directory(id) else {
      return try Terminal.write(line(place.names.last?.description ?? "/", id, in: tree, links))
    }
    var text = ""
    for index in directory.indices {
      text += line(directory.name(at: index).escaped, directory.id(at: index), in: tree, links)
    }
    try Terminal.write(text)
  }

  private func line(_ name: String, _ id: InodeID, in tree: FileTree, _ links: [UInt32]) -> String {
    guard long, let inode = tree[id] else { return name + "\n" }
    var size = "-"
    var target = ""
    switch inode.body {
    case .file(let content): size = "\(content.size)"
    case .symlink(let bytes): (size, target) = ("\(bytes.count)", " -> \(bytes.escaped)")
    case .characterDevice(let device), .blockDevice(let device): size = "\(device.major):\(device.minor)"
    default: break
    }
    let columns = [
      inode.body.typeName, inode.mode.octal, "\(links[Int(id.number)])", "\(inode.uid)", "\(inode.gid)", size,
      inode.modified.decimal, name + target,
    ]
    return columns.joined(separator: "\t") + "\n"
  }
}
