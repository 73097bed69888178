import Bytes
import FileTree
import Storage
import struct SystemPackage.FilePath

/// A tar archive of this machine, compressed or not.
package struct TarArchive {
  private let path: FilePath
  private let policy: ReadPolicy
  private let progress: Progress?

  /// The archive at `path`.
  package init(_ path: FilePath, policy: ReadPolicy = ReadPolicy(), progress: Progress? = nil) {
    self.path = path
    self.policy = policy
    self.progress = progress
  }

  /// Whether the file is a tar archive, told by its first bytes as they are or as they decompress.
  ///
  /// - Throws: `ArchiveError.io`.
  package func isTar() throws(ArchiveError) -> Bool {
    let file = try open()
    if TarReader.isTar(try start(of: file)) { return true }
    guard let decompressor = try Decompressor(file, progress: nil) else { return false }
    // Whatever cannot be decompressed is for somebody else to complain of.
    guard let start = try? decompressor.read(count: 512) else { return false }
    return TarReader.isTar(start)
  }

  /// The archive as a tree. What is compressed is decompressed once, into a file without a name, which goes when the
  /// tree goes.
  ///
  /// - Throws: `ArchiveError`.
  package func tree() throws(ArchiveError) -> FileTree {
    let file = try open()
    let source: any ByteSource
    if TarReader.isTar(try start(of: file)) {
      source = file
    } else if let decompressor = try Decompressor(file, progress: progress) {
      source = try decompressor.spool()
    } else {
      source = file
    }
    return try TarReader(source, policy: policy.within(path.string), progress: progress).tree()
  }

  private func open() throws(ArchiveError) -> FileSource {
    do throws(IOError) { return try FileSource(path) } catch { throw .io(error) }
  }

  private func start(of file: FileSource) throws(ArchiveError) -> [UInt8] {
    do throws(IOError) { return try file.read(at: 0, count: min(512, file.size)) } catch { throw .io(error) }
  }
}
