import FileTree
import Glibc
import Storage
import struct SystemPackage.FilePath

/// Writes a tree as a folder of this machine, files side by side on all processors.
package struct FolderWriter: Sendable {
  /// What of a tree's metadata the folder gets.
  package enum Fidelity: Sendable {
    /// Owners, modes, devices, times and extended attributes: only root may give files away.
    case full
    /// Modes, times and users' extended attributes; everything belongs to whoever runs pibake, and there are no devices.
    case own
    /// Files and folders of whoever runs pibake, readable by all, with times: what a TFTP server needs.
    case plain
  }

  let fidelity: Fidelity
  let losses: Losses?
  let progress: Progress?

  /// A writer with this fidelity.
  ///
  /// - Parameters:
  ///   - losses: told of what cannot be kept; without it, what the file system refuses is an error.
  ///   - progress: advanced by the bytes of files; once it is cancelled, the writer stops with an error.
  package init(_ fidelity: Fidelity, losses: Losses? = nil, progress: Progress? = nil) {
    self.fidelity = fidelity
    self.losses = losses
    self.progress = progress
  }

  /// Writes `tree` into the folder at `path`, which must be there and empty.
  ///
  /// - Throws: `IOError` if something cannot be written; what was written so far stays.
  package func write(_ tree: FileTree, into path: FilePath) throws(IOError) {
    try write(tree, into: try FolderHandle(path))
  }

  /// Writes `tree` into an open folder, which must be empty.
  package func write(_ tree: FileTree, into root: borrowing FolderHandle) throws(IOError) {
    let plan = try FolderPlan(tree)
    try makeFolders(plan, in: root)
    let reference = root.reference
    try parallel(plan.pieces.count) { (index) throws(IOError) in
      try write(plan.pieces[index], of: plan, tree, in: reference)
    }
    for place in plan.links { try link(place, of: plan, tree, in: root) }
    // From the deepest up: without root, a finished folder may be closed to its owner too.
    for index in plan.folders.indices.reversed() {
      guard let inode = tree[plan.folders[index].id] else { continue }
      let metadata = metadata(inode, path: plan.path(of: index))
      try root.folder(at: plan.path(of: index)).finish(metadata, losses: losses)
    }
  }

  /// What `inode` gets here.
  func metadata(_ inode: Inode, path: @autoclosure () -> [UInt8]) -> Metadata {
    Metadata(inode, fidelity, losses: losses, path: path())
  }

  private func makeFolders(_ plan: FolderPlan, in root: borrowing FolderHandle) throws(IOError) {
    // Folders of one parent follow one another.
    var index = 1
    while index < plan.folders.count {
      let parent = plan.folders[index].parent
      let folder = try root.folder(at: plan.path(of: parent))
      while index < plan.folders.count, plan.folders[index].parent == parent {
        try folder.makeFolder(plan.folders[index].name)
        index += 1
      }
      try checkWanted()
    }
  }

  private func write(
    _ piece: FolderPlan.Piece, of plan: FolderPlan, _ tree: FileTree, in root: FolderHandle.Reference
  ) throws(IOError) {
    try checkWanted()
    guard let directory = tree.directory(plan.folders[piece.folder].id) else { return }
    let path = plan.path(of: piece.folder)
    let folder = try root.folder(at: path)
    var buffer: [UInt8] = []
    for entry in piece.entries {
      let id = directory.id(at: entry)
      guard let inode = tree[id], !inode.body.isDirectory else { continue }
      if let first = plan.firstNames[id], first != FolderPlan.Place(folder: piece.folder, entry: entry) { continue }
      try write(inode, Array(directory.name(at: entry)), at: path, in: folder, by: &buffer)
    }
  }

  private func write(
    _ inode: Inode, _ name: [UInt8], at path: [UInt8], in folder: borrowing FolderHandle, by buffer: inout [UInt8]
  ) throws(IOError) {
    if isLeftOut(inode) {
      losses?.note(.device, path + [0x2F] + name)
      return
    }
    let metadata = metadata(inode, path: path + [0x2F] + name)
    let none = DeviceNumber(major: 0, minor: 0)
    switch inode.body {
    case .directory: return
    case .file(let content):
      if buffer.isEmpty && content.size > 0 { buffer = [UInt8](repeating: 0, count: 256 << 10) }
      let file = try folder.makeFile(name)
      try file.fill(content, by: &buffer, progress: progress)
      return try file.finish(metadata, losses: losses)
    case .symlink(let target): try folder.makeLink(name, to: target)
    case .characterDevice(let device): try folder.makeNode(name, type: S_IFCHR, device: device)
    case .blockDevice(let device): try folder.makeNode(name, type: S_IFBLK, device: device)
    case .fifo: try folder.makeNode(name, type: S_IFIFO, device: none)
    case .socket: try folder.makeNode(name, type: S_IFSOCK, device: none)
    }
    try finish(inode, metadata, name, in: folder)
  }

  /// Sets the metadata of what cannot be opened without consequences, in the order of `Metadata.apply`.
  private func finish(
    _ inode: Inode, _ metadata: Metadata, _ name: [UInt8], in folder: borrowing FolderHandle
  ) throws(IOError) {
    if let owner = metadata.owner { try folder.setOwner(name, uid: owner.uid, gid: owner.gid) }
    if case .symlink = inode.body {} else { try folder.setMode(name, metadata.mode) }
    for attribute in metadata.xattrs { try folder.setAttribute(name, attribute, losses: losses) }
    try folder.setTimes(name, accessed: metadata.accessed, modified: metadata.modified)
  }

  private func link(
    _ place: FolderPlan.Place, of plan: FolderPlan, _ tree: FileTree, in root: borrowing FolderHandle
  ) throws(IOError) {
    guard let directory = tree.directory(plan.folders[place.folder].id) else { return }
    let id = directory.id(at: place.entry)
    guard let inode = tree[id], !isLeftOut(inode), let first = plan.firstNames[id],
      let firstDirectory = tree.directory(plan.folders[first.folder].id)
    else { return }
    try root.folder(at: plan.path(of: place.folder)).makeHardLink(
      Array(directory.name(at: place.entry)), to: Array(firstDirectory.name(at: first.entry)),
      in: try root.folder(at: plan.path(of: first.folder)))
  }

  /// Whether there is nothing that this fidelity could make of `inode`.
  private func isLeftOut(_ inode: Inode) -> Bool {
    switch inode.body {
    case .characterDevice, .blockDevice: fidelity != .full
    default: false
    }
  }

  private func checkWanted() throws(IOError) {
    if progress?.isCancelled ?? false { throw IOError(path: "folder", operation: "write", cause: .cancelled) }
  }
}
