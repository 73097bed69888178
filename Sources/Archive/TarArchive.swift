import Bytes
import FileTree
import Storage
import Unpack
import struct SystemPackage.FilePath

/// A tar archive of this machine, compressed or not.
package struct TarArchive {
  private let path: FilePath
  private let policy: ReadPolicy
  private let progress: Progress?

  /// The largest archive that is decompressed: a bomb ends here, if not at the end of the disk.
  private static let limit = 1 << 40

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
    // Whatever cannot be decompressed is for somebody else to complain of.
    guard let start = try? unpacking(file)?.decompressedStart() else { return false }
    return TarReader.isTar(start)
  }

  /// The archive as a tree. What is compressed is decompressed once, into a file without a name, which goes when the
  /// tree goes.
  ///
  /// - Throws: `ArchiveError`.
  package func tree() throws(ArchiveError) -> FileTree {
    let file = try open()
    let source = try decompressed(file) ?? file
    return try TarReader(source, policy: policy.within(path.string), progress: progress).tree()
  }

  /// What `file` is compressed from; nil if it is not compressed.
  private func decompressed(_ file: FileSource) throws(ArchiveError) -> (any ByteSource)? {
    if TarReader.isTar(try start(of: file)) { return nil }
    guard let unpacking = try unpacking(file) else { return nil }
    do {
      let spool = try SpooledFile()
      return try spool.source(size: unpacking.decompress(to: spool), name: file.name)
    } catch let error as UnpackError {
      throw .compression(error)
    } catch let error as IOError {
      throw .io(error)
    } catch {
      preconditionFailure("the calls above throw UnpackError and IOError alone")
    }
  }

  /// The way to what `file` is compressed from; nil if it is not compressed.
  private func unpacking(_ file: FileSource) throws(ArchiveError) -> Unpacking? {
    let progress = self.progress
    do throws(UnpackError) {
      let unpacking = try Unpacking(
        file, limit: Self.limit, progress: progress, cancelled: { progress?.isCancelled ?? false })
      return unpacking.isCompressed ? unpacking : nil
    } catch { throw .compression(error) }
  }

  private func open() throws(ArchiveError) -> FileSource {
    do throws(IOError) { return try FileSource(path) } catch { throw .io(error) }
  }

  private func start(of file: FileSource) throws(ArchiveError) -> [UInt8] {
    do throws(IOError) { return try file.read(at: 0, count: min(512, file.size)) } catch { throw .io(error) }
  }
}
