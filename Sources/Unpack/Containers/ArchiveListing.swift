import Bytes
import Storage

/// The files of an archive, each with what it looks like.
struct ArchiveListing {
  /// A file of the archive.
  struct File {
    /// How many entries lie before it.
    let index: Int
    let entry: ArchiveReader.Entry
    /// nil if its first bytes cannot be decoded by themselves.
    let look: DiskLook?
    /// Whether it is compressed, or an archive, itself.
    let isWrapped: Bool

    var isWithinFolder: Bool {
      entry.name.hasPrefix("./") ? entry.name.dropFirst(2).contains("/") : entry.name.contains("/")
    }
  }

  private let format: ArchiveFormat
  private var files: [File] = []
  private var isCutOff = false
  /// A path in the archive that only a system has.
  private(set) var systemTrace: String?

  /// Lists `stream` as far as `limit` entries, and reads the first bytes of each file.
  init(_ format: ArchiveFormat, in stream: any ChunkStream, limit: Int) throws(UnpackError) {
    self.format = format
    let archive = try ArchiveReader(stream, format)
    var index = 0
    while let entry = try archive.nextEntry() {
      guard index < limit else {
        isCutOff = true
        return
      }
      if Self.systemPaths.contains(entry.plainName) && systemTrace == nil { systemTrace = entry.name }
      if entry.isFile && !entry.isFinderFile {
        let start = entry.isEncrypted ? nil : try archive.start(DiskLook.length)
        let (look, isWrapped) = Self.look(at: start, named: entry.name)
        files.append(File(index: index, entry: entry, look: look, isWrapped: isWrapped))
      }
      index += 1
    }
  }

  /// What only the root of a system has.
  private static let systemPaths: Set<String> = ["etc/passwd", "etc/fstab", "etc/os-release", "usr/lib/os-release"]

  /// The files one of which is the image: those that look like disks; or else those that look like file systems, or are called
  /// images and cannot be looked into. A lone file that is called one, or is wrapped once more, is taken at its word.
  var candidates: [File] {
    if isCutOff { return [] }
    let disks = files.filter { $0.look == .disk }
    if !disks.isEmpty { return disks }
    let others = files.filter { $0.look == .fileSystem || $0.look == nil && $0.entry.isNamedAsImage }
    if !others.isEmpty { return others }
    return files.filter { files.count == 1 && ($0.entry.isNamedAsImage || $0.isWrapped || format == .zip) }
  }

  /// The error of an archive without a disk in it.
  func noDisk(in stream: any ChunkStream) -> UnpackError {
    let count = isCutOff ? "more than \(files.count)" : "\(files.count)"
    let what = "\(count) \(files.count == 1 ? "file" : "files") and no disk image"
    return .noDisk(path: stream.name, format: format, what + (files.isEmpty ? "" : ": \(files.names)"))
  }

  /// What a file with `start` looks like, where it is compressed by what is in it; and whether it is wrapped.
  private static func look(at start: [UInt8]?, named name: String) -> (DiskLook?, isWrapped: Bool) {
    guard let start else { return (nil, false) }
    switch Signature(of: start.span) {
    case .compression(let compression):
      let inner = decompressed(start, compression, name)
      return (inner.isEmpty ? nil : DiskLook(inner.span), true)
    case .archive, .foreign: return (DiskLook.none, true)
    case .sparseImage, nil: return (DiskLook(start.span), false)
    }
  }

  /// As much of what `bytes`, the beginning of a stream, decode to as they give.
  private static func decompressed(_ bytes: [UInt8], _ compression: Compression, _ name: String) -> [UInt8] {
    let input = Input(MemorySource(bytes, name: name), progress: nil, cancelled: { false })
    var found: [UInt8] = []
    do {
      let decoder = try compression.decoder(input, isGlance: true)
      while found.count < DiskLook.length {
        // In small pieces: the one in which the bytes end is lost.
        var piece = [UInt8](repeating: 0, count: 512)
        var span = piece.mutableSpan
        let count = try decoder.read(into: &span)
        found += piece[..<count]
        if count < piece.count { break }
      }
    } catch {
      // The end of what there is, as a rule. What is damaged shows when all of it is read.
      return found
    }
    return found
  }
}

extension [ArchiveListing.File] {
  /// The names of some of them, for a message.
  var names: String {
    let more = count > 10 ? " and \(count - 10) more" : ""
    return prefix(10).map(\.entry.name.printable).joined(separator: ", ") + more
  }
}

extension ArchiveReader.Entry {
  /// The name without what means nothing in it.
  fileprivate var plainName: String {
    var name = name[...]
    while name.hasPrefix("./") { name = name.dropFirst(2) }
    while name.hasPrefix("/") { name = name.dropFirst() }
    return String(name)
  }

  /// The Finder of macOS keeps attributes of files, and the looks of folders, in files of these names.
  fileprivate var isFinderFile: Bool {
    let last = name.split(separator: "/").last ?? ""
    return name.hasPrefix("__MACOSX/") || last.hasPrefix("._") || last == ".DS_Store"
  }

  /// Whether the name ends as those of images do, or so before the suffix of a compression.
  var isNamedAsImage: Bool {
    let name = name.lowercased()
    let stem = Compression.allCases.map(\.suffix).first { name.hasSuffix($0) }.map { name.dropLast($0.count) }
    return [".img", ".iso", ".raw", ".wic", ".sdcard"].contains { (stem ?? name[...]).hasSuffix($0) }
  }
}
