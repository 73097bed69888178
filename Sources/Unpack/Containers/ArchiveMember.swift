import Bytes
import Storage

/// A format of files that hold other files.
package enum ArchiveFormat: String, Sendable {
  case zip, tar
}

/// The one disk image in an archive.
struct ArchiveMember {
  let format: ArchiveFormat
  /// Its name in the archive.
  let name: String
  /// Its size; nil if the archive does not say.
  let size: Int?
  /// How many entries lie before it.
  private let index: Int

  /// A bound on what is looked into: an archive with an image holds that, and perhaps a readme and a licence.
  private static let entryLimit = 1000

  /// Finds the image in the archive that `stream` is: the only file that looks like a disk, or else like a file system.
  ///
  /// - Throws: `UnpackError.noDisk` if none does; unsupported if several do, or if a whole system lies beside it.
  init(_ format: ArchiveFormat, in stream: any ChunkStream) throws(UnpackError) {
    let listing = try ArchiveListing(format, in: stream, limit: Self.entryLimit)
    let candidates = listing.candidates
    guard let image = candidates.first else { throw listing.noDisk(in: stream) }
    if let trace = listing.systemTrace {
      // A system's archive may hold images as it holds anything.
      if candidates.allSatisfy(\.isWithinFolder) { throw listing.noDisk(in: stream) }
      throw stream.unsupported(
        "a \(format) archive with the disk image \(image.entry.name.printable) and with a system beside it, "
          + "\(trace.printable): unpack it, and name the image or the folder")
    }
    guard candidates.count == 1 else {
      throw stream.unsupported(
        "a \(format) archive with \(candidates.count) disk images, where one is expected: \(candidates.names)")
    }
    if image.entry.isEncrypted { throw stream.unsupported("an encrypted \(format) archive") }
    self.format = format
    index = image.index
    name = image.entry.name
    size = image.entry.size
  }

  /// A decoder of the image, in `stream` from its first byte on.
  func decoder(_ stream: any ChunkStream) throws(UnpackError) -> any Decoder {
    let archive = try ArchiveReader(stream, format)
    for _ in 0...index { _ = try archive.nextEntry() }
    return archive
  }
}
