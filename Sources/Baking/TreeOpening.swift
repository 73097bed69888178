import Archive
import Bytes
import FileTree
import Glibc
import HostFiles
import Storage
import SystemPackage
import Unpack

/// Opens a tree to look at: a partition of an image, a tar archive, or a folder of this machine.
package struct TreeOpening {
  private let cache: FilePath
  private let progress: Progress
  private let policy: ReadPolicy

  /// Decoded images go to, and come from, the folder `cache`; file systems are read as `policy` says.
  package init(cache: FilePath, progress: Progress, policy: ReadPolicy = ReadPolicy()) {
    self.cache = cache
    self.progress = progress
    self.policy = policy
  }

  /// The tree of `path`, which is a folder, a tar archive, or an image with the partition that `selector` means.
  ///
  /// - Throws: a `Failure`.
  package func tree(_ path: FilePath, _ selector: StockDisk.Selector) throws -> FileTree {
    if isFolder(path) { return try FolderReader(path).tree() }
    if try TarArchive(path).isTar() {
      let tree = try archive(path)
      if !tree.isOneImage { return tree }
    }
    let disk = try disk(path)
    return try disk.tree(of: disk.volumeToShow(selector))
  }

  /// What `look` makes of the tree of `path`, of which no more may be read or decoded than what it looks at. `look` may be called
  /// several times, the last of which counts.
  ///
  /// - Throws: a `Failure`, or what `look` throws.
  package func look<Value>(
    at path: FilePath, _ selector: StockDisk.Selector, _ look: (FileTree) throws -> Value
  ) throws -> Value {
    if isFolder(path) { return try look(FolderReader(path).tree()) }
    if try TarArchive(path).isTar() { return try look(archive(path)) }
    let disk = try disk(path, access: .scattered)
    return try disk.look(at: disk.volumeToShow(selector), look)
  }

  /// The tree of the tar archive at `path`, compressed or not.
  ///
  /// - Throws: a `Failure`.
  package func archive(_ path: FilePath) throws -> FileTree {
    try TarArchive(path, policy: policy, progress: progress).tree()
  }

  /// What is at `path`, to be compared: a manifest, or a tree as `tree` opens it.
  ///
  /// - Throws: a `Failure`.
  package func side(_ path: FilePath, _ selector: StockDisk.Selector) throws -> ComparisonSide {
    if !isFolder(path) {
      let file = try FileSource(path)
      if try ManifestFile.isManifest(file) { return .manifest(ManifestFile(file)) }
    }
    return .tree(try tree(path, selector))
  }

  /// The disk in the image at `path`, of which as much will be read as `access` says.
  ///
  /// - Throws: a `Failure`.
  package func disk(_ path: FilePath, access: Access = .whole) throws -> StockDisk {
    let progress = self.progress
    let image = try ImageCache(folder: cache, warn: policy.warn).open(
      path, access: access, progress: progress, cancelled: { progress.isCancelled })
    return try StockDisk(image, name: path.string, policy: policy)
  }

  private func isFolder(_ path: FilePath) -> Bool {
    var status = stat()
    return unsafe path.withPlatformString { unsafe stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension FileTree {
  /// Whether all that there is is one disk image: then an archive is its container, and no tree of its own.
  fileprivate var isOneImage: Bool {
    var files: [[UInt8]] = []
    for entry in TreeWalk(self) where directory(entry.id) == nil {
      files.append(entry.path)
      if files.count > 1 { return false }
    }
    return files.first?.suffix(4).elementsEqual(".img".utf8) ?? false
  }
}
