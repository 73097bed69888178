import Bytes

/// A format of files that hold other files.
enum ArchiveFormat: String {
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

  /// A bound on what is listed: an archive with an image holds that, and perhaps a readme and a licence.
  private static let entryLimit = 1000

  /// Finds the image in the archive that `stream` is: the only file whose name ends as those of images do, or the only file.
  ///
  /// - Throws: `UnpackError.unsupported` if it is not clear which file that is.
  init(_ format: ArchiveFormat, in stream: any ChunkStream) throws(UnpackError) {
    let archive = try ArchiveReader(stream, format)
    var files: [(index: Int, entry: ArchiveReader.Entry)] = []
    var index = 0
    while let entry = try archive.nextEntry() {
      guard index < Self.entryLimit else {
        throw stream.unsupported("a \(format) archive of more than \(Self.entryLimit) files")
      }
      if entry.isFile && !entry.isFinderAttribute { files.append((index, entry)) }
      index += 1
    }
    let images = files.filter(\.entry.isNamedAsImage)
    let found = images.isEmpty ? files : images
    guard let image = found.first, found.count == 1 else {
      throw stream.unsupported(Self.problem(format, files: files.map(\.entry), images: images.map(\.entry)))
    }
    if image.entry.isEncrypted { throw stream.unsupported("an encrypted \(format) archive") }
    self.format = format
    self.index = image.index
    name = image.entry.name
    size = image.entry.size
  }

  /// A decoder of the image, in `stream` from its first byte on.
  func decoder(_ stream: any ChunkStream) throws(UnpackError) -> any Decoder {
    let archive = try ArchiveReader(stream, format)
    for _ in 0...index { _ = try archive.nextEntry() }
    return archive
  }

  /// Says what there is, when it is not one image; which of them is meant, the user must say by unpacking it.
  private static func problem(
    _ format: ArchiveFormat, files: [ArchiveReader.Entry], images: [ArchiveReader.Entry]
  ) -> String {
    let listed = images.isEmpty ? files : images
    let names = listed.prefix(10).map(\.name.printable).joined(separator: ", ")
    let more = listed.count > 10 ? " and \(listed.count - 10) more" : ""
    let what = images.isEmpty ? "\(files.count) files, none of them named .img" : "\(images.count) disk images"
    return "a \(format) archive with \(what), where one is expected" + (listed.isEmpty ? "" : ": \(names)\(more)")
  }
}

extension ArchiveReader.Entry {
  /// The Finder of macOS keeps its attributes in files of these names.
  fileprivate var isFinderAttribute: Bool {
    name.hasPrefix("__MACOSX/") || name.split(separator: "/").last?.hasPrefix("._") ?? false
  }

  /// Whether the name ends in .img, or that and the suffix of a compression.
  fileprivate var isNamedAsImage: Bool {
    let name = name.lowercased()
    let stem = Compression.allCases.map(\.suffix).first { name.hasSuffix($0) }.map { name.dropLast($0.count) }
    return (stem ?? name[...]).hasSuffix(".img")
  }
}
