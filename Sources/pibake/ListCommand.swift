import ArgumentParser
import BaseImage
import FileTree
import Storage

/// `pibake ls IMAGE [PATH...]`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List folders and files of a partition.",
    discussion: """
      Paths may hold *, ?, [a-z] and **, which stands for any number of folders; quote them, or the shell takes them. \
      Names are printed with %XX for all that is not printable ASCII, and may be asked for in that form.
      """)

  @OptionGroup var arguments: ImageArguments

  @Argument(help: "Paths in the partition. (default: /)")
  var paths: [PathArgument] = []

  @Flag(name: .shortAndLong, help: "With type, mode, links, owner, group, size or device, and time.")
  var long = false

  @Flag(name: [.customShort("R"), .long], help: "Folders with all that is beneath them.")
  var recursive = false

  @Flag(name: .shortAndLong, help: "Folders themselves, not what they hold.")
  var directory = false

  @Flag(name: [.customShort("0"), .long], help: "Whole paths, byte for byte, each with a NUL after it.")
  var null = false

  @Flag(help: "One JSON object a line, with the keys of `manifest`.")
  var json = false

  func run() throws {
    try Interrupt.watching { progress in
      let (tree, places) = try self.places(progress)
      var listing = Listing(tree, form: json ? .json : null ? .null : long ? .long : .short, progress: progress)
      let folders = directory ? [] : places.filter { listing.folder(at: $0) != nil }
      for place in places where directory || listing.folder(at: place) == nil { try listing.list(place) }
      for place in folders {
        try listing.list(
          contentOf: place, withTitle: recursive || places.count > 1, recursively: recursive)
      }
      try listing.flush()
    }
  }
}

extension ListCommand {
  /// The tree, or as much of it as will be listed, and the places in it that the arguments name.
  private func places(_ progress: Progress) throws -> (FileTree, [PathMatch]) {
    guard !recursive else {
      let tree = try arguments.tree(progress)
      return (tree, try places(in: tree))
    }
    return try arguments.look(progress) { tree in
      let places = try self.places(in: tree)
      // What the listing will look at: all inodes of a folder.
      for place in places where !directory { _ = tree.find(place.path).flatMap { tree.directory($0) }?.map(\.id) }
      return (tree, places)
    }
  }

  private func places(in tree: FileTree) throws -> [PathMatch] {
    try paths.isEmpty ? tree.matches([0x2F]) : paths.flatMap { try $0.matches(in: tree) }
  }
}

/// A listing being printed.
private struct Listing {
  enum Form { case short, long, null, json }

  private let tree: FileTree
  private let form: Form
  private let progress: Progress
  private let links: InodeMap<UInt32>
  private var text: [UInt8] = []
  private var isFirst = true

  init(_ tree: FileTree, form: Form, progress: Progress) {
    self.tree = tree
    self.form = form
    self.progress = progress
    links = form == .long || form == .json ? tree.linkCounts() : InodeMap(absent: 0)
  }

  /// The folder at a place, or where the link there leads; a long listing shows the link itself.
  func folder(at place: PathMatch) -> InodeID? {
    if tree.isDirectory(place.id) { return place.id }
    guard form == .short, let id = tree.find(place.path), tree.isDirectory(id) else { return nil }
    return id
  }

  /// One line for a place.
  mutating func list(_ place: PathMatch) throws {
    isFirst = false
    try line(in: [], place.path.bytes[...], place.id)
  }

  /// The lines of what a folder holds.
  mutating func list(contentOf place: PathMatch, withTitle hasTitle: Bool, recursively: Bool) throws {
    var rest = [place]
    while let next = rest.popLast() {
      guard let directory = folder(at: next).flatMap({ tree.directory($0) }) else { continue }
      let path = next.path.bytes
      if hasTitle && form != .null && form != .json {
        text += Array("\(isFirst ? "" : "\n")\(path.escaped):\n".utf8)
      }
      isFirst = false
      var folders: [PathMatch] = []
      let prefix = path == [0x2F] ? path : path + [0x2F]
      for index in directory.indices {
        let (name, id) = (directory.name(at: index), directory.id(at: index))
        try line(in: prefix, name, id)
        guard recursively, tree.isDirectory(id) else { continue }
        folders.append(PathMatch(path: next.path.appending(directory[index].name), id: id))
      }
      rest += folders.reversed()
    }
  }

  /// Prints what is left.
  mutating func flush() throws {
    try Terminal.write(text.span)
    text.removeAll(keepingCapacity: true)
  }

  /// One line for the inode `id`, called `name` in the folder whose path is `prefix`.
  private mutating func line(in prefix: [UInt8], _ name: ArraySlice<UInt8>, _ id: InodeID) throws {
    switch form {
    case .short:
      text.append(escaping: name)
      text.append(0x0A)
    case .null: text += prefix + name + [0]
    case .long:
      guard let inode = tree[id] else { return }
      text += Array(columns(name.escaped, inode, links[id]).utf8)
    case .json:
      guard let inode = tree[id] else { return }
      var record = ManifestRecord(path: prefix + name, inode, flavor: tree.flavor)
      if tree.flavor == .posix { record.linkCount = links[id] }
      var line = JSONText()
      record.append(to: &line)
      text += line.bytes
    }
    guard text.count >= 64 << 10 else { return }
    try progress.check()
    try flush()
  }

  private func columns(_ name: String, _ inode: Inode, _ links: UInt32) -> String {
    var size = "-"
    var target = ""
    switch inode.body {
    case .file(let content): size = "\(content.size)"
    case .symlink(let bytes): (size, target) = ("\(bytes.count)", " -> \(bytes.escaped)")
    case .characterDevice(let device), .blockDevice(let device): size = "\(device.major):\(device.minor)"
    default: break
    }
    let columns = [
      inode.body.typeName, inode.mode.octal, "\(links)", "\(inode.uid)", "\(inode.gid)", size, inode.modified.decimal,
      name + target,
    ]
    return columns.joined(separator: "\t") + "\n"
  }
}
