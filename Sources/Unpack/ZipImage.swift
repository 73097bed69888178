/// The one disk image in a zip archive.
struct ZipImage {
  /// Its name in the archive.
  let name: String
  /// How many entries lie before it.
  private let index: Int

  /// A bound on what is listed: an archive with an image holds that, and perhaps a readme and a licence.
  private static let entryLimit = 1000

  /// Finds the image in the archive's directory: the only file whose name ends in `.img`, or the only file.
  ///
  /// - Throws: `UnpackError.unsupported` if it is not clear which file that is.
  init(in input: Input) throws(UnpackError) {
    let archive = try ArchiveReader(input, .zip)
    var files: [(index: Int, entry: ArchiveReader.Entry)] = []
    var index = 0
    while let entry = try archive.nextEntry() {
      guard index < Self.entryLimit else {
        throw input.unsupported("a zip archive of more than \(Self.entryLimit) files")
      }
      // The Finder of macOS keeps its attributes in a folder of this name.
      if entry.isFile && !entry.name.hasPrefix("__MACOSX/") { files.append((index, entry)) }
      index += 1
    }
    let images = files.filter { $0.entry.name.lowercased().hasSuffix(".img") }
    let found = images.isEmpty ? files : images
    guard let image = found.first, found.count == 1 else {
      throw input.unsupported(
        "a zip archive with \(files.count) files, of which \(images.count) are disk images (.img), where one is expected"
      )
    }
    if image.entry.isEncrypted { throw input.unsupported("an encrypted zip archive") }
    self.index = image.index
    self.name = image.entry.name
  }

  /// A decoder of the image, in `input` again.
  func decoder(_ input: Input) throws(UnpackError) -> ArchiveReader {
    let archive = try ArchiveReader(input, .zip)
    for _ in 0...index { _ = try archive.nextEntry() }
    return archive
  }
}
