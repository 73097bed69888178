import Bytes
import FileTree

/// The headers of one member: a ustar header, and before it pax records of what that cannot hold.
struct HeaderDraft {
  var path: [UInt8]
  var linkPath: [UInt8] = []
  var flag = UInt8(ascii: "0")
  var dataSize = 0
  var device: DeviceNumber?
  let inode: Inode
  /// What the header calls the member where the records say better.
  private var headerPath: [UInt8]?
  private var records: [(key: [UInt8], value: [UInt8])] = []

  /// The headers of `inode` at `path`.
  init(path: [UInt8], _ inode: Inode) {
    self.path = path
    self.inode = inode
  }

  /// Adds extended attributes.
  mutating func addAttributes(_ xattrs: [ExtendedAttribute]) {
    for attribute in xattrs {
      let acl = ["access", "default"].first { attribute.name == Array("system.posix_acl_\($0)".utf8) }
      if let acl, let text = AccessControlList(attribute: attribute.value)?.text {
        add("SCHILY.acl.\(acl)", Array(text.utf8))
      } else {
        // As GNU tar: a key ends at the first equals sign.
        let name = attribute.name.flatMap { byte in
          byte == 0x25 ? Array("%25".utf8) : byte == 0x3D ? Array("%3D".utf8) : [byte]
        }
        records.append((Array("SCHILY.xattr.".utf8) + name, attribute.value))
      }
    }
  }

  /// Says that the data begin with the map of a file of `realSize` bytes.
  mutating func makeSparse(realSize: Int) {
    add("GNU.sparse.major", "1")
    add("GNU.sparse.minor", "0")
    add("GNU.sparse.name", path)
    add("GNU.sparse.realsize", "\(realSize)")
    headerPath = Array("./GNUSparseFile.0/".utf8) + (path.split(separator: 0x2F).last ?? []).prefix(80)
  }

  /// All blocks before the data.
  var blocks: [UInt8] {
    var all = self
    all.addWhatIsTooLarge()
    guard !all.records.isEmpty else { return all.header }
    let text = all.records.flatMap { HeaderDraft.record($0.key, $0.value) }
    var extended = HeaderDraft(
      path: Array("./PaxHeaders/".utf8) + (path.split(separator: 0x2F).last ?? []).prefix(80),
      Inode(mode: 0o644, time: Timestamp(seconds: 0), body: .fifo))
    extended.flag = UInt8(ascii: "x")
    extended.dataSize = text.count
    let padding = [UInt8](repeating: 0, count: text.count.rounded(upTo: TarHeader.size) - text.count)
    return extended.header + text + padding + all.header
  }

  /// Adds records for what the header's fields cannot hold.
  private mutating func addWhatIsTooLarge() {
    let longPath = path.count > 100 && headerPath == nil
    let longLink = linkPath.count > 100
    // Else readers take both for UTF-8.
    let isText = [longPath ? path : [], longLink ? linkPath : []].allSatisfy {
      String(validating: $0, as: UTF8.self) != nil
    }
    if !isText { add("hdrcharset", "BINARY") }
    if longPath { add("path", path) }
    if longLink { add("linkpath", linkPath) }
    if dataSize > 0o77777777777 { add("size", "\(dataSize)") }
    if inode.uid > 0o7777777 { add("uid", "\(inode.uid)") }
    if inode.gid > 0o7777777 { add("gid", "\(inode.gid)") }
    let time = inode.modified
    if time.nanoseconds > 0 || !(0...0o77777777777).contains(time.seconds) { add("mtime", time.pax) }
  }

  private mutating func add(_ key: String, _ value: String) { add(key, Array(value.utf8)) }

  private mutating func add(_ key: String, _ value: [UInt8]) { records.append((Array(key.utf8), value)) }

  /// The ustar header (POSIX.1-2017, pax).
  private var header: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: TarHeader.size)
    bytes.store((headerPath ?? path).prefix(100), at: 0)
    bytes.store(octal(Int(inode.mode), digits: 7), at: 100)
    bytes.store(octal(inode.uid > 0o7777777 ? 0 : Int(inode.uid), digits: 7), at: 108)
    bytes.store(octal(inode.gid > 0o7777777 ? 0 : Int(inode.gid), digits: 7), at: 116)
    bytes.store(octal(dataSize > 0o77777777777 ? 0 : dataSize, digits: 11), at: 124)
    bytes.store(octal(Int(min(max(inode.modified.seconds, 0), 0o77777777777)), digits: 11), at: 136)
    bytes.store([UInt8](repeating: 0x20, count: 8), at: 148)
    bytes[156] = flag
    bytes.store(linkPath.prefix(100), at: 157)
    bytes.store(Array("ustar\u{0}00".utf8), at: 257)
    if let device {
      bytes.store(number(Int(device.major)), at: 329)
      bytes.store(number(Int(device.minor)), at: 337)
    }
    let sum = bytes.reduce(0) { $0 + Int($1) }
    bytes.store(octal(sum, digits: 6) + [0], at: 148)
    return bytes
  }

  private func octal(_ value: Int, digits: Int) -> [UInt8] {
    let text = Array(String(value, radix: 8).utf8)
    return [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text
  }

  /// A device's number: octal, or as GNU and star have it where that is too small.
  private func number(_ value: Int) -> [UInt8] {
    guard value > 0o7777777 else { return octal(value, digits: 7) }
    return [0x80] + (0..<7).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// `LENGTH KEY=VALUE`, whose length counts itself.
  private static func record(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
    let rest = key.count + value.count + 3
    var length = rest + "\(rest)".utf8.count
    if rest + "\(length)".utf8.count > length { length += 1 }
    return Array("\(length) ".utf8) + key + [0x3D] + value + [0x0A]
  }
}
