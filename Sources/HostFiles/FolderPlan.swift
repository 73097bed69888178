import FileTree
import Storage
import struct SystemPackage.Errno

/// In which order a tree is written as folders: the folders from the root down, then everything else in pieces that can
/// be written side by side, then the further names of files that have several.
struct FolderPlan: Sendable {
  /// A folder to make.
  struct Folder: Sendable {
    let id: InodeID
    /// The index of the folder above; the root's is its own.
    let parent: Int
    let name: [UInt8]
    /// The bytes of the path from the root.
    let pathLength: Int
  }

  /// Some of the entries of one folder.
  struct Piece: Sendable {
    let folder: Int
    let entries: Range<Int>
  }

  /// An entry of a folder.
  struct Place: Sendable, Equatable {
    let folder: Int
    let entry: Int
  }

  /// The folders, each after the one above it.
  private(set) var folders: [Folder]
  private(set) var pieces: [Piece] = []
  /// The names that a file gets after its first.
  private(set) var links: [Place] = []
  /// The first names of files that have several.
  private(set) var firstNames: [InodeID: Place] = [:]

  /// Small enough that all processors have work to the end, large enough that opening a folder costs nothing.
  private static let pieceEntries = 64
  private static let pieceBytes = 8 << 20
  /// The longest path that Linux takes (PATH_MAX, without its end).
  private static let longestPath = 4095

  /// The plan for `tree`.
  ///
  /// - Throws: `IOError` if a folder's path is longer than Linux can name.
  init(_ tree: FileTree) throws(IOError) {
    folders = [Folder(id: tree.root, parent: 0, name: [], pathLength: 0)]
    let counts = tree.linkCounts()
    var index = 0
    while index < folders.count {
      try plan(index, of: tree, counts)
      index += 1
    }
  }

  private mutating func plan(_ index: Int, of tree: FileTree, _ counts: InodeMap<UInt32>) throws(IOError) {
    let folder = folders[index]
    guard let directory = tree.directory(folder.id) else { return }
    var start = 0
    var bytes = 0
    for entry in directory.indices {
      let id = directory.id(at: entry)
      guard let inode = tree[id] else { continue }
      if inode.body.isDirectory {
        let name = Array(directory.name(at: entry))
        let length = folder.pathLength + 1 + name.count
        guard length <= Self.longestPath else {
          throw IOError(path: path(of: index).escaped, operation: "write", cause: .system(.fileNameTooLong))
        }
        folders.append(Folder(id: id, parent: index, name: name, pathLength: length))
      } else if counts[id] > 1 {
        let place = Place(folder: index, entry: entry)
        if firstNames[id] == nil { firstNames[id] = place } else { links.append(place) }
      }
      if case .file(let content) = inode.body { bytes += content.size }
      if entry + 1 - start >= Self.pieceEntries || bytes >= Self.pieceBytes {
        pieces.append(Piece(folder: index, entries: start..<entry + 1))
        (start, bytes) = (entry + 1, 0)
      }
    }
    if start < directory.count { pieces.append(Piece(folder: index, entries: start..<directory.count)) }
  }

  /// The path of a folder from the root, without a slash before it; empty for the root.
  func path(of folder: Int) -> [UInt8] {
    var names: [[UInt8]] = []
    var index = folder
    while index != 0 {
      names.append(folders[index].name)
      index = folders[index].parent
    }
    return Array(names.reversed().joined(separator: [0x2F]))
  }
}
