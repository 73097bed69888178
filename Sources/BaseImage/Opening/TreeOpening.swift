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
  private let cache: () throws -> FilePath
  private let progress: Progress
  private let policy: ReadPolicy

  /// Decoded images are kept in the folder `cache`, which is evaluated only when one is decoded; file systems are read by `policy`.
  package init(cache: @autoclosure @escaping () throws -> FilePath, progress: Progress, policy: ReadPolicy) {
    self.cache = cache
    self.progress = progress
    self.policy = policy
  }

  /// The tree of `path`, which is a folder, an image with the partition that `selector` means, or a tar archive without an image.
  ///
  /// - Throws: a `Failure`.
  package func tree(_ path: FilePath, _ selector: StockDisk.Selector) throws -> FileTree {
    switch try open(path, .whole) {
    case .tree(let tree): return tree
    case .disk(let disk): return try disk.tree(of: disk.volumeToShow(selector))
    }
  }

  /// What `look` makes of the tree of `path`, of which no more may be read or decoded than what it looks at. `look` may be called
  /// several times, the last of which counts.
  ///
  /// - Throws: a `Failure`, or what `look` throws.
  package func look<Value>(
    at path: FilePath, _ selector: StockDisk.Selector, _ look: (FileTree) throws -> Value
  ) throws -> Value {
    switch try open(path, .scattered) {
    case .tree(let tree): return try look(tree)
    case .disk(let disk): return try disk.look(at: disk.volumeToShow(selector), look)
    }
  }

  private enum Content {
    case disk(StockDisk)
    case tree(FileTree)
  }

  /// What is at `path`. An archive that holds a disk image is that image, to this as to all commands; only a tar archive without
  /// one is a tree of its own.
  private func open(_ path: FilePath, _ access: Access) throws -> Content {
    if isFolder(path) { return .tree(try FolderReader(path).tree()) }
    do {
      return .disk(try disk(path, access: access))
    } catch UnpackError.noDisk(_, .tar, _) {
      return .tree(try archive(path))
    }
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
    let image = try image(path, access)
    let policy = policy.within(path.string)
    for text in image.warnings { policy.warn(text) }
    return try StockDisk(image, name: path.string, policy: policy)
  }

  private func image(_ path: FilePath, _ access: Access) throws -> UnpackedImage {
    let progress = self.progress
    let folder: FilePath
    do {
      folder = try cache()
    } catch {
      // Nothing is decoded into a cache if the image can be read where it lies.
      let image = try ImageCache.openInPlace(
        path, access: access, progress: progress, cancelled: { progress.isCancelled })
      guard let image else { throw error }
      return image
    }
    return try ImageCache(folder: folder, warn: policy.warn).open(
      path, access: access, progress: progress, cancelled: { progress.isCancelled })
  }

  private func isFolder(_ path: FilePath) -> Bool {
    var status = stat()
    return unsafe path.withPlatformString { unsafe stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
