import FileTree
import Storage
import Synchronization
import SystemPackage

/// The large boot files of a stock image as the first node's folder holds them: further nodes copy them from there.
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

  /// Takes note of the large files of `tree`, which is written at `folder`, unless another node was first.
  func note(_ tree: FileTree, in folder: FilePath) {
    if files.withLock({ $0 != nil }) { return }
    var found: [File] = []
    for entry in TreeWalk(tree) where found.count < Self.mostFiles {
      // A file that cannot be opened again is only not shared.
      guard case .file(let content)? = tree[entry.id]?.body, content.size >= Self.smallest,
        let copy = try? FileSource(folder.appending(String(decoding: entry.path.dropFirst(), as: UTF8.self))),
        copy.size == content.size
      else { continue }
      let extent = FileExtent(offset: 0, sourceOffset: 0, count: copy.size)
      found.append(File(stock: content, copy: FileContent(size: copy.size, source: copy, extent: extent)))
    }
    files.withLock { if $0 == nil { $0 = found } }
  }
}
