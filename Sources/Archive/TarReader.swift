import Bytes
import FileTree
import Storage

/// Reads a tar archive as a tree: ustar, pax, GNU and older ones. Contents stay where they are in the archive.
///
/// Parsed here and not by libarchive, which converts names to the locale's characters and does not say where in the
/// archive a content is. What tar(1) would extract with a complaint only, such as an absolute name, is read with a
/// warning; what it would refuse is an error.
package struct TarReader {
  private let source: any ByteSource
  private let policy: ReadPolicy
  private let progress: Progress?
  private var global = PaxRecords()
  private var draft = TreeDraft()

  /// Records are names and attributes: no honest file has more.
  private static let longestRecords = 16 << 20

  /// A reader of the uncompressed archive in `source`.
  package init(_ source: any ByteSource, policy: ReadPolicy = ReadPolicy(), progress: Progress? = nil) {
    self.source = source
    self.policy = policy
    self.progress = progress
  }

  /// Whether `start`, the first bytes of a file, is a header of a tar archive.
  package static func isTar(_ start: [UInt8]) -> Bool {
    guard start.count >= TarHeader.size, start[0] != 0 else { return false }
    let block = Array(start.prefix(TarHeader.size))
    return TarHeader.hasRightChecksum(block.span) && (try? TarHeader(parsing: block, verifiesChecksum: true)) != nil
  }

  /// The tree of all members.
  ///
  /// - Throws: `ArchiveError`.
  package consuming func tree() throws(ArchiveError) -> FileTree {
    var offset = 0
    while let next = try readMember(at: offset) {
      if progress?.isCancelled ?? false {
        throw .io(IOError(path: source.name, operation: "read", cause: .cancelled))
      }
      offset = next
    }
    return draft.tree()
  }

  /// Reads one member with the headers before it that belong to it.
  ///
  /// - Returns: where the next begins; nil at the end of the archive.
  private mutating func readMember(at start: Int) throws(ArchiveError) -> Int? {
    var offset = start
    var records = global
    var longName: [UInt8]?
    var longLink: [UInt8]?
    while let header = try header(at: offset) {
      let data = offset + TarHeader.size
      switch header.type {
      case .extended:
        if let problem = records.merge(try payload(header, at: data)) { throw corrupt(offset, problem) }
      case .globalExtended:
        if let problem = global.merge(try payload(header, at: data)) { throw corrupt(offset, problem) }
        records = global
      case .longName: longName = Array(try payload(header, at: data).prefix { $0 != 0 })
      case .longLink: longLink = Array(try payload(header, at: data).prefix { $0 != 0 })
      case .label: break
      default:
        let member = Member(
          header: header, records: records, longName: longName, longLink: longLink, offset: offset)
        return try add(member, data: data)
      }
      offset = try end(of: data, header.dataSize, at: offset)
    }
    return nil
  }

  /// The header at `offset`; nil where the archive ends: at a block of zeros, or at the end of the file.
  private func header(at offset: Int) throws(ArchiveError) -> TarHeader? {
    guard offset < source.size else { return nil }
    let block = try read(at: offset, count: min(TarHeader.size, source.size - offset))
    if block.span.isZero { return nil }
    guard block.count == TarHeader.size else { throw corrupt(offset, "the archive ends in the middle of a header") }
    do throws(TarHeader.Problem) {
      return try TarHeader(parsing: block, verifiesChecksum: policy.verifiesChecksums)
    } catch {
      switch error {
      case .checksum: throw corrupt(offset, "not a header: its checksum is wrong")
      case .field(let name): throw corrupt(offset, "a header's field \(name) is no number")
      }
    }
  }

  private func payload(_ header: TarHeader, at data: Int) throws(ArchiveError) -> [UInt8] {
    guard header.dataSize <= Self.longestRecords else {
      throw .unsupported(archive: source.name, "a header of \(header.dataSize) bytes")
    }
    _ = try end(of: data, header.dataSize, at: data)
    return try read(at: data, count: header.dataSize)
  }

  /// Where what follows `size` bytes from `data` on begins.
  private func end(of data: Int, _ size: Int, at offset: Int) throws(ArchiveError) -> Int {
    guard size >= 0, data <= source.size, size <= source.size - data else {
      throw corrupt(offset, "a member of \(size) bytes, and the archive ends before")
    }
    return data + size.rounded(upTo: TarHeader.size)
  }

  /// A header with all that other headers say of it.
  private struct Member {
    let header: TarHeader
    let records: PaxRecords
    let longName: [UInt8]?
    let longLink: [UInt8]?
    let offset: Int

    var path: [UInt8] { records.sparse.name ?? records.path ?? longName ?? header.name }
    var linkPath: [UInt8] { records.linkPath ?? longLink ?? header.linkName }
    /// A hard link has none, whatever its header says of the file that it links to (GNU tar, list.c).
    var dataSize: Int { header.type == .hardLink ? 0 : records.size ?? header.dataSize }
  }

  private mutating func add(_ member: Member, data: Int) throws(ArchiveError) -> Int {
    if case .unknown(let flag) = member.header.type, flag == UInt8(ascii: "M") {
      throw .unsupported(archive: source.name, "a file that began in another volume")
    }
    let path = member.path
    if path.first == 0x2F { policy.warn("names begin with /, which is left out") }
    let size = member.dataSize
    var next = try end(of: data, size, at: member.offset)
    do throws(TreeDraft.Problem) {
      if member.header.type == .hardLink {
        try draft.link(path, to: member.linkPath, time: Timestamp(seconds: Int64(member.header.modified)))
      } else {
        let content: (inode: Inode, end: Int)
        do throws(ArchiveError) { content = try inode(member, data: data, size: size) } catch { throw .carried(error) }
        next = max(next, content.end)
        try draft.add(content.inode, at: path)
      }
    } catch {
      throw error.archiveError(source.name, member.offset, path)
    }
    return next
  }

  private func inode(_ member: Member, data: Int, size: Int) throws(ArchiveError) -> (inode: Inode, end: Int) {
    let header = member.header
    let records = member.records
    guard let uid = UInt32(exactly: records.uid ?? header.uid), let gid = UInt32(exactly: records.gid ?? header.gid)
    else { throw corrupt(member.offset, "an owner that no system has") }
    let (body, end) = try body(member, data: data, size: size)
    let time = records.modified ?? Timestamp(seconds: Int64(header.modified))
    var inode = Inode(mode: header.mode, uid: uid, gid: gid, time: time, body: body)
    // tar keeps no modes of links, and Linux has none.
    if header.type == .symlink { inode.mode = 0o777 }
    if let accessed = records.accessed { inode.accessed = accessed }
    inode.created = nil
    inode.xattrs = try xattrs(member)
    // bsdtar's headers have the group's own bits where the kernel shows the mask's.
    let acl = inode.xattrs.first { $0.name == Array("system.posix_acl_access".utf8) }
    if let list = acl.flatMap({ AccessControlList(attribute: $0.value) }) {
      inode.mode = inode.mode & 0o7000 | list.permissions
    }
    return (inode, end)
  }

  private func body(
    _ member: Member, data: Int, size: Int
  ) throws(ArchiveError) -> (body: Inode.Body, end: Int) {
    let header = member.header
    let end = try end(of: data, size, at: member.offset)
    switch header.type {
    case .directory: return (.directory(Directory()), end)
    case .symlink:
      guard (1...4095).contains(member.linkPath.count) else {
        throw corrupt(member.offset, "a symbolic link with a target of \(member.linkPath.count) bytes")
      }
      return (.symlink(member.linkPath), end)
    case .characterDevice, .blockDevice:
      guard let major = UInt32(exactly: member.records.devMajor ?? header.devMajor),
        let minor = UInt32(exactly: member.records.devMinor ?? header.devMinor)
      else { throw corrupt(member.offset, "a device number that no system has") }
      let device = DeviceNumber(major: major, minor: minor)
      return (header.type == .blockDevice ? .blockDevice(device) : .characterDevice(device), end)
    case .fifo: return (.fifo, end)
    case .oldSparse: return try oldSparse(member, data: data, size: size)
    default:
      if case .unknown(let flag) = header.type {
        policy.warn("\(member.path.escaped): a member of type \([flag].escaped) is read as a file")
      }
      return (.file(try content(member, data: data, size: size)), end)
    }
  }

  private func content(_ member: Member, data: Int, size: Int) throws(ArchiveError) -> FileContent {
    let sparse = member.records.sparse
    guard sparse.hasMap || sparse.major != nil else {
      guard size > 0 else { return FileContent(bytes: []) }
      return FileContent(size: size, source: source, extent: FileExtent(offset: 0, sourceOffset: data, count: size))
    }
    var numbers = sparse.map
    var length = 0
    if let major = sparse.major, major > 0 || !sparse.hasMap {
      guard (major, sparse.minor ?? 0) == (1, 0) else {
        throw .unsupported(archive: source.name, "a sparse file of version \(major).\(sparse.minor ?? 0)")
      }
      let found: ([Int], length: Int)?
      do throws(IOError) {
        found = try SparseMap.numbers(before: data..<data + size, in: source)
      } catch { throw .io(error) }
      guard let found else { throw corrupt(member.offset, "a sparse file without a map") }
      (numbers, length) = found
    }
    guard let realSize = sparse.realSize,
      let map = SparseMap(numbers, size: realSize, start: data + length, stored: size - length)
    else { throw corrupt(member.offset, "the map of a sparse file does not fit its data") }
    return FileContent(size: map.size, source: source, extents: map.extents)
  }

  private func oldSparse(
    _ member: Member, data: Int, size: Int
  ) throws(ArchiveError) -> (body: Inode.Body, end: Int) {
    let found: ([Int], start: Int)?
    do throws(IOError) {
      found = try SparseMap.oldNumbers(member.header, after: data, in: source)
    } catch { throw .io(error) }
    let realSize = try? TarHeader.number(member.header.bytes.span, 483..<495, "realsize")
    guard let found, let realSize,
      let map = SparseMap(found.0, size: realSize, start: found.start, stored: size)
    else { throw corrupt(member.offset, "the map of a sparse file does not fit its data") }
    let end = try end(of: found.start, size, at: member.offset)
    return (.file(FileContent(size: map.size, source: source, extents: map.extents)), end)
  }

  private func xattrs(_ member: Member) throws(ArchiveError) -> [ExtendedAttribute] {
    let kept = ["user.", "trusted.", "security.", "system.posix_acl_"].map { Array($0.utf8) }
    var values = member.records.xattrs.filter { pair in kept.contains { pair.key.starts(with: $0) } }
    for (name, text) in [
      ("system.posix_acl_access", member.records.accessACL), ("system.posix_acl_default", member.records.defaultACL),
    ] {
      guard let text else { continue }
      do throws(AccessControlList.TextProblem) {
        let list = try AccessControlList(parsing: text, number: AccountNumbers.number)
        // An access list that says no more than the mode is none; a default one of that kind still is one.
        if text.isEmpty || (list.isMinimal && name.hasSuffix("access")) { continue }
        values[Array(name.utf8)] = list.attribute
      } catch {
        switch error {
        case .notACL: throw corrupt(member.offset, "\(member.path.escaped): an ACL that is none")
        case .unknownName(let name):
          throw .unsupported(
            archive: source.name, "\(member.path.escaped): an ACL for '\(name.escaped)', whose number nobody knows,")
        }
      }
    }
    return values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
      ExtendedAttribute(name: $0.key, value: $0.value)
    }
  }

  private func read(at offset: Int, count: Int) throws(ArchiveError) -> [UInt8] {
    do throws(IOError) { return try source.read(at: offset, count: count) } catch { throw .io(error) }
  }

  private func corrupt(_ offset: Int, _ text: String) -> ArchiveError {
    .corrupt(archive: source.name, offset: offset, text)
  }
}

extension TreeDraft.Problem {
  /// The error for the member `path`, whose header is at `offset`.
  fileprivate func archiveError(_ archive: String, _ offset: Int, _ path: [UInt8]) -> ArchiveError {
    let reason: String
    switch self {
    case .carried(let error): return error
    case .tooMany: return .unsupported(archive: archive, "so many members")
    case .tooLong: return .unsupported(archive: archive, "a name of \(path.count) bytes")
    case .name(let part): reason = "'\(part.escaped)' cannot be a name"
    case .parentLeaves: reason = "the name contains '..'"
    case .notDirectory: reason = "a part of its path is no folder"
    case .tooManyLinks: reason = "too many symbolic links in its path"
    case .danglingLink: reason = "a part of its path is a symbolic link to nothing"
    case .isDirectory: reason = "a folder that is not empty has this name"
    case .missingTarget(let target):
      reason = "a hard link to '\(target.escaped)', which the archive does not have before"
    case .targetIsDirectory(let target): reason = "a hard link to the folder '\(target.escaped)'"
    }
    return .corrupt(archive: archive, offset: offset, "\(path.escaped): \(reason)")
  }
}
