import FileTree

/// The records of a pax header that pibake knows, each overriding a field of the next header (POSIX.1-2017, pax,
/// "pax Extended Header"; star(5) for SCHILY; GNU tar manual, "Storing Sparse Files").
struct PaxRecords {
  var path: [UInt8]?
  var linkPath: [UInt8]?
  var size: Int?
  var uid: Int?
  var gid: Int?
  var modified: Timestamp?
  var accessed: Timestamp?
  var devMajor: Int?
  var devMinor: Int?
  /// By name; a later record of a name replaces an earlier one.
  var xattrs: [[UInt8]: [UInt8]] = [:]
  var accessACL: [UInt8]?
  var defaultACL: [UInt8]?
  var sparse = SparseRecords()

  /// What says that a file is sparse, and where its data belong.
  struct SparseRecords {
    var major: Int?
    var minor: Int?
    var name: [UInt8]?
    var realSize: Int?
    /// The map of versions 0.0 and 0.1; that of 1.0 stands before the data.
    var map: [Int] = []
    var hasMap = false
  }

  /// No records.
  init() {}

  /// Takes in the records of `bytes`, over those that are there.
  ///
  /// - Returns: what is wrong with them; nil if nothing is.
  mutating func merge(_ bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Some writers pad with zeros.
      if rest.allSatisfy({ $0 == 0 }) { return nil }
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...9).contains(digits.count), let length = Int(String(decoding: digits, as: UTF8.self)),
        length > digits.count + 2, length <= rest.count
      else { return "a pax record without a length" }
      let record = rest.prefix(length)
      rest = rest.dropFirst(length)
      guard record.last == 0x0A, let equals = record.firstIndex(of: 0x3D) else { return "a pax record without a value" }
      let blank = record.startIndex + digits.count
      guard record[blank] == 0x20, equals > blank else { return "a pax record without a key" }
      let key = record[(blank + 1)..<equals]
      let value = Array(record[(equals + 1)...].dropLast())
      if !set(Array(key), value) { return "the pax record '\(key.escaped)' has a value that it cannot have" }
    }
    return nil
  }

  private mutating func set(_ key: [UInt8], _ value: [UInt8]) -> Bool {
    switch String(decoding: key, as: UTF8.self) {
    case "path": return assignName(&path, value)
    case "linkpath": return assignName(&linkPath, value)
    case "size": return assign(&size, value)
    case "uid": return assign(&uid, value)
    case "gid": return assign(&gid, value)
    case "mtime": return assignTime(&modified, value)
    case "atime": return assignTime(&accessed, value)
    case "SCHILY.devmajor": return assign(&devMajor, value)
    case "SCHILY.devminor": return assign(&devMinor, value)
    case "SCHILY.acl.access": accessACL = value
    case "SCHILY.acl.default": defaultACL = value
    case "RHT.security.selinux": xattrs[Array("security.selinux".utf8)] = value + [0]
    case "GNU.sparse.major": return assign(&sparse.major, value)
    case "GNU.sparse.minor": return assign(&sparse.minor, value)
    case "GNU.sparse.name": return assignName(&sparse.name, value)
    case "GNU.sparse.realsize", "GNU.sparse.size": return assign(&sparse.realSize, value)
    case "GNU.sparse.map": return setMap(value)
    case "GNU.sparse.offset", "GNU.sparse.numbytes": return appendToMap(value)
    default: return setAttribute(key, value)
    }
    return true
  }

  private mutating func setAttribute(_ key: [UInt8], _ value: [UInt8]) -> Bool {
    let schily = Array("SCHILY.xattr.".utf8)
    if key.starts(with: schily) {
      // GNU tar writes the two characters that a key cannot hold in this form.
      let name = Array(key[schily.count...]).replacing(Array("%3D".utf8), with: [0x3D])
        .replacing(Array("%25".utf8), with: [0x25])
      xattrs[name] = value
    }
    // LIBARCHIVE.xattr says the same once more; other keys are about what trees do not hold.
    return true
  }

  private mutating func setMap(_ value: [UInt8]) -> Bool {
    let numbers = value.split(separator: 0x2C).map { Int(String(decoding: $0, as: UTF8.self)) }
    guard !numbers.contains(nil) else { return false }
    sparse.map = numbers.compactMap(\.self)
    sparse.hasMap = true
    return true
  }

  private mutating func appendToMap(_ value: [UInt8]) -> Bool {
    guard let number = Int(String(decoding: value, as: UTF8.self)) else { return false }
    sparse.map.append(number)
    sparse.hasMap = true
    return true
  }

  /// An empty value takes the record back.
  private func assign(_ place: inout Int?, _ value: [UInt8]) -> Bool {
    place = value.isEmpty ? nil : Int(String(decoding: value, as: UTF8.self))
    return value.isEmpty || (place ?? -1) >= 0
  }

  private func assignName(_ place: inout [UInt8]?, _ value: [UInt8]) -> Bool {
    place = value.isEmpty ? nil : value
    return !value.contains(0)
  }

  private func assignTime(_ place: inout Timestamp?, _ value: [UInt8]) -> Bool {
    place = value.isEmpty ? nil : Timestamp(pax: value)
    return value.isEmpty || place != nil
  }
}

extension Timestamp {
  /// The time that a pax record writes as a decimal number; nil if it is none. What is finer than a nanosecond is cut.
  init?(pax text: [UInt8]) {
    let isNegative = text.first == 0x2D
    let parts = (isNegative ? text.dropFirst() : text[...]).split(separator: 0x2E, omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = Int64(String(decoding: parts[0], as: UTF8.self)), whole >= 0,
      whole < 1 << 60
    else { return nil }
    let digits = parts.count == 2 ? Array(parts[1].prefix(9)) : []
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    var fraction = digits.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
    for _ in digits.count..<9 { fraction *= 10 }
    if isNegative {
      self.init(seconds: fraction == 0 ? -whole : -whole - 1, nanoseconds: fraction == 0 ? 0 : 1_000_000_000 - fraction)
    } else {
      self.init(seconds: whole, nanoseconds: fraction)
    }
  }

  /// The time as a pax record writes it.
  var pax: String {
    guard nanoseconds > 0 else { return "\(seconds)" }
    let isNegative = seconds < 0
    let whole = isNegative ? -(seconds + 1) : seconds
    let fraction = String(isNegative ? 1_000_000_000 - nanoseconds : nanoseconds)
    return "\(isNegative ? "-" : "")\(whole)." + String(repeating: "0", count: 9 - fraction.count) + fraction
  }
}

extension [UInt8] {
  /// The bytes with every `part` replaced.
  fileprivate func replacing(_ part: [UInt8], with other: [UInt8]) -> [UInt8] {
    guard count >= part.count else { return self }
    var result: [UInt8] = []
    var rest = self[...]
    while !rest.isEmpty {
      if rest.starts(with: part) {
        result += other
        rest = rest.dropFirst(part.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
