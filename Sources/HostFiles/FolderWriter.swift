import FileTree
import Glibc
import Storage
import struct SystemPackage.Errno
import struct SystemPackage.FilePath

/// Writes a tree as a folder of this machine.
package struct FolderWriter {
  /// What of a tree's metadata the folder gets.
  package enum Fidelity: Sendable {
    /// Owners, modes, devices, times and extended attributes: only root may give files away.
    case full
    /// Files and folders of whoever runs pibake, readable by all, with times: what a TFTP server needs.
    case plain
  }

  private let fidelity: Fidelity

  /// A writer with this fidelity.
  package init(_ fidelity: Fidelity) { self.fidelity = fidelity }

  /// Writes `tree` into the folder at `path`, which must be there and empty.
  ///
  /// - Throws: `IOError` if something cannot be written; what was written so far stays.
  package func write(_ tree: FileTree, into path: FilePath) throws(IOError) {
    let parent = path.removingLastComponent()
    guard let name = path.lastComponent else {
      throw IOError(path, "write a tree to", .invalidArgument)
    }
    let folder = try FolderHandle(parent.isEmpty ? "." : parent)
    var links: [InodeID: [[UInt8]]] = [:]
    let root = try folder.folder(Array(name.string.utf8))
    let counts = tree.linkCounts()
    try fill(root, tree.root, of: tree, path: [], root: path, counts: counts, links: &links)
    if let inode = tree[tree.root] { try finish(inode, Array(name.string.utf8), in: folder) }
  }

  /// Writes what the directory `id` holds; as deep as folders are, which the limit of open files ends.
  private func fill(
    _ folder: borrowing FolderHandle, _ id: InodeID, of tree: FileTree, path: [[UInt8]], root: FilePath,
    counts: [UInt32], links: inout [InodeID: [[UInt8]]]
  ) throws(IOError) {
    guard let directory = tree.directory(id) else { return }
    for index in directory.indices {
      let name = Array(directory.name(at: index))
      let child = directory.id(at: index)
      guard let inode = tree[child] else { continue }
      if let first = links[child] {
        try link(name, in: folder, to: first, root: root)
        continue
      }
      switch inode.body {
      case .directory:
        try folder.makeFolder(name)
        try fill(
          try folder.folder(name), child, of: tree, path: path + [name], root: root, counts: counts, links: &links)
      case .file(let content): try write(content, to: name, in: folder)
      case .symlink(let target): try folder.makeLink(name, to: target)
      case .characterDevice(let device): try folder.makeNode(name, type: S_IFCHR, device: device)
      case .blockDevice(let device): try folder.makeNode(name, type: S_IFBLK, device: device)
      case .fifo: try folder.makeNode(name, type: S_IFIFO, device: DeviceNumber(major: 0, minor: 0))
      case .socket: try folder.makeNode(name, type: S_IFSOCK, device: DeviceNumber(major: 0, minor: 0))
      }
      try finish(inode, name, in: folder)
      if !inode.isDirectory && counts[Int(child.number)] > 1 { links[child] = path + [name] }
    }
  }

  private func link(
    _ name: [UInt8], in folder: borrowing FolderHandle, to first: [[UInt8]], root: FilePath
  ) throws(IOError) {
    guard let last = first.last else { return }
    var holder = try FolderHandle(root)
    for step in first.dropLast() { holder = try holder.folder(step) }
    try folder.makeHardLink(name, to: last, in: holder)
  }

  private func write(
    _ content: FileContent, to name: [UInt8], in folder: borrowing FolderHandle
  ) throws(IOError) {
    let descriptor = try folder.makeFile(name)
    do throws(IOError) {
      var sink = SparseFileSink(descriptor, path: folder.child(name))
      try sink.write(content.runs)
      _ = try sink.finish()
    } catch {
      try? descriptor.close()
      throw error
    }
    do { try descriptor.close() } catch {
      throw IOError(folder.child(name), "close", error as? Errno ?? .ioError)
    }
  }

  /// Sets what the kernel forgets or changes while a file is filled, in the order in which nothing undoes another:
  /// a new owner clears set-user-id and capabilities, and everything touches the times.
  private func finish(_ inode: Inode, _ name: [UInt8], in folder: borrowing FolderHandle) throws(IOError) {
    let isLink = if case .symlink = inode.body { true } else { false }
    switch fidelity {
    case .full:
      try folder.setOwner(name, uid: inode.uid, gid: inode.gid)
      if !isLink { try folder.setMode(name, inode.mode) }
      for attribute in inode.xattrs { try folder.setAttribute(name, attribute) }
    case .plain:
      if !isLink { try folder.setMode(name, inode.isDirectory ? 0o755 : 0o644) }
    }
    try folder.setTimes(name, accessed: inode.accessed, modified: inode.modified)
  }
}

extension Inode {
  /// Whether it is a directory.
  var isDirectory: Bool { if case .directory = body { true } else { false } }
}
