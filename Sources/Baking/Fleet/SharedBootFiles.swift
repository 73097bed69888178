import FileTree
import Storage
import Synchronization
import SystemPackage

/// Private clones of the large boot files that the first node got: further nodes copy them from there, where the file system
/// shares extents.
///
/// A file begins at a whole block there, which a file in a FAT rarely does, so that a file system that shares extents
/// shares them. What a node gets is the same wherever it comes from.
final class SharedBootFiles: Sendable {
  private struct File {
    let stock: FileContent
    let copy: FileContent
  }

  /// nil until a node has written its folder.
  private let files = Mutex<[File]?>(nil)

  /// Smaller ones are not worth a descriptor: a dozen kernels, initramfs and firmwares are nearly all of a boot folder.
  private static let smallest = 128 << 10
  /// How many files are held open.
  private static let mostFiles = 32

  /// `tree`, its large files from where they lie already.
  func adopted(_ tree: FileTree) -> FileTree {
    guard let files = files.withLock({ $0 }) else { return tree }
    var adopted = tree
    for id in tree.ids {
      guard case .file(let content)? = tree[id]?.body, content.size >= Self.smallest,
        let file = files.first(where: { $0.stock.isSameStorage(as: content) })
      else { continue }
      adopted[id]?.body = .file(file.copy)
    }
    return adopted
  }

  /// Takes note of the large files of `tree`, which is written in `folder`, unless another node was first.
  func note(_ tree: FileTree, in folder: HeldFolder) {
    if files.withLock({ $0 != nil }) { return }
    var found: [File] = []
    for entry in TreeWalk(tree) where found.count < Self.mostFiles {
      guard case .file(let content)? = tree[entry.id]?.body, content.size >= Self.smallest else { continue }
      let path = entry.path.dropFirst().split(separator: 0x2F).map { String(decoding: $0, as: UTF8.self) }
      // Where one file cannot be cloned, none can.
      guard let copy = clone(path, in: folder), copy.size == content.size else { break }
      let extent = FileExtent(offset: 0, sourceOffset: 0, count: copy.size)
      found.append(File(stock: content, copy: FileContent(size: copy.size, source: copy, extent: extent)))
    }
    files.withLock { if $0 == nil { $0 = found } }
  }

  private func clone(_ path: [String], in folder: HeldFolder) -> FileSource? {
    guard let name = path.last else { return nil }
    var folder = folder
    for part in path.dropLast() {
      guard let inner = try? folder.folder(part) else { return nil }
      folder = inner
    }
    return PrivateClone.make(of: name, in: folder)
  }
}
