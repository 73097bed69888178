import FileTree
import HostFiles
import Storage
import TestSupport
import Testing

import struct SystemPackage.FilePath

@testable import RaspberryPiOS

/// The peer of `[services]`: this machine's systemctl, which edits a root offline.
struct Systemctl: Sendable {
  /// How it spells the vendor's folder in links.
  let spelling: String
  /// Whether it knows UpheldBy= (systemd 254).
  let knowsUpheldBy: Bool

  static let isPresent = Tool.arePresent("systemctl", "cp")
  /// Another release's, if the environment names one.
  private static let program = Environment.value(of: "PIBAKE_SYSTEMCTL") ?? "systemctl"

  /// Asks it for its ways by having it enable a unit.
  init() async throws {
    var root = try UnitRoot()
    try root.vendor("a.service", "[Install]\nWantedBy=b.target\nUpheldBy=c.target\n")
    let folder = try OutsideRoot(root.tree)
    _ = try await Systemctl.run(folder.path, "enable", "a.service")
    let tree = try FolderReader(folder.path).tree()
    guard
      case .symlink(let target)? = tree.inode(
        at: "etc/systemd/system/b.target.wants/a.service", followingLast: false)?.body
    else { throw NoSuchName() }
    spelling = String(decoding: target.dropLast("/a.service".utf8.count), as: UTF8.self)
    knowsUpheldBy = tree.has("etc/systemd/system/c.target.upholds")
  }

  /// Runs a verb for a unit of the root in the folder at `path`.
  static func run(_ path: FilePath, _ verb: String, _ unit: String) async throws -> Tool.Result {
    try await Tool.run(program, ["--root=\(path.string)", verb, "--", unit])
  }
}

/// A tree written into a folder of this machine.
struct OutsideRoot {
  private let folder: TemporaryFolder
  let path: FilePath

  init(_ tree: FileTree) throws {
    folder = try TemporaryFolder()
    path = folder.path
    try FolderWriter(.own).write(tree, into: path)
  }
}

/// What a tree holds, by path: folders, the sizes of files, and where links lead.
func shape(_ tree: FileTree) -> [String: String] {
  var entries: [String: String] = [:]
  var open = [(tree.root, TreePath())]
  while let (id, path) = open.popLast() {
    switch tree[id]?.body {
    case .directory(let directory)?:
      entries["\(path)"] = "folder"
      for entry in directory { open.append((entry.id, path.appending(entry.name))) }
    case .file(let content)?: entries["\(path)"] = "file of \(content.size) bytes"
    case .symlink(let target)?: entries["\(path)"] = "-> " + String(decoding: target, as: UTF8.self)
    default: entries["\(path)"] = "other"
    }
  }
  return entries
}

/// The lines in which two shapes differ.
func difference(_ ours: [String: String], _ theirs: [String: String]) -> [String] {
  Set(ours.keys).union(theirs.keys).sorted().filter { ours[$0] != theirs[$0] }
    .map { "\($0): ours \(ours[$0] ?? "nothing"), theirs \(theirs[$0] ?? "nothing")" }
}
