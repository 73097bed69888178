import Bytes

/// dpkg's list of packages, /var/lib/dpkg/status: stanzas of `Field: value` lines with an empty line between them.
struct DpkgStatus: Sendable {
  /// The file.
  private(set) var bytes: [UInt8]
  /// The installed packages that `hold` has put on hold or found on hold, in the order of the file.
  private(set) var held: [String] = []

  /// The list that `bytes` is.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Puts the installed packages that `isMeant` holds for on hold, as `apt-mark hold` does: the first word of their
  /// Status becomes `hold`. No other byte of the file changes.
  mutating func hold(where isMeant: (String) -> Bool) {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var package = ""
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      var line = bytes[start..<end]
      if line.starts(with: "Package:".utf8) {
        package = String(decoding: line.dropFirst(8), as: UTF8.self).trimmed
      } else if line.starts(with: "Status:".utf8), isMeant(package) {
        var words = String(decoding: line.dropFirst(7), as: UTF8.self).words
        // "not-installed" and "config-files" are what is left of a package that is gone.
        if words.count == 3, !["not-installed", "config-files"].contains(words[2]) {
          held.append(package)
          words[0] = "hold"
          line = Array("Status: \(words.joined(separator: " "))".utf8)[...]
        }
      }
      result += line
      if end < bytes.count { result.append(0x0A) }
      start = end + 1
    }
    bytes = result
  }

  /// The version of the package called `name`, such as `0.106-2+deb12u1`; nil if the list does not say.
  func version(of name: String) -> String? {
    var isMeant = false
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if line.starts(with: "Package:".utf8) {
        isMeant = String(decoding: line.dropFirst(8), as: UTF8.self).trimmed == name
      } else if isMeant, line.starts(with: "Version:".utf8) {
        return String(decoding: line.dropFirst(8), as: UTF8.self).trimmed
      }
    }
    return nil
  }
}
