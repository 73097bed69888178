import Bytes

/// The C library's file of compiled locales, /usr/lib/locale/locale-archive (locale/locarchive.h of glibc).
enum LocaleArchive {
  /// How many bytes from its begin on hold the names, told by the first 56 of an archive.
  static func indexSize(parsing head: Span<UInt8>) -> Int {
    guard head.count >= 56 else { return 0 }
    let namehash_end = Int(head.le(8, as: UInt32.self)) + Int(head.le(16, as: UInt32.self)) * 12
    let string_end = Int(head.le(20, as: UInt32.self)) + Int(head.le(28, as: UInt32.self))
    return max(56, namehash_end, string_end)
  }

  /// The names of the locales in an archive, folded; none if `bytes` are not the begin of an archive.
  static func names(parsing bytes: Span<UInt8>) -> Set<String> {
    guard bytes.count >= 56, bytes.le(0, as: UInt32.self) == 0xde02_0109 else { return [] }
    let namehash_offset = Int(bytes.le(8, as: UInt32.self))
    let namehash_size = Int(bytes.le(16, as: UInt32.self))
    guard namehash_offset <= bytes.count, namehash_size <= (bytes.count - namehash_offset) / 12 else { return [] }
    var names: Set<String> = []
    for index in 0..<namehash_size {
      // struct namehashent: hashval, name_offset, locrec_offset.
      let entry = bytes.extracting(namehash_offset + index * 12..<namehash_offset + (index + 1) * 12)
      let name_offset = Int(entry.le(4, as: UInt32.self))
      guard entry.le(8, as: UInt32.self) != 0, name_offset != 0, name_offset < bytes.count else { continue }
      let tail = bytes.extracting(name_offset..<min(name_offset + 64, bytes.count))
      guard let end = tail.indices.first(where: { tail[$0] == 0 }) else { continue }
      names.insert(fold(String(decoding: tail.extracting(0..<end).array, as: UTF8.self)))
    }
    return names
  }

  /// The name with its character set as the archive spells it: letters and digits only, lower case. "de_AT.UTF-8" and
  /// "de_AT.utf8" are the same locale.
  static func fold(_ name: String) -> String {
    guard let dot = name.firstIndex(of: ".") else { return name }
    let set = name[dot...].prefix { $0 != "@" }
    let modifier = name[set.endIndex...]
    return name[..<dot] + "." + set.lowercased().filter { $0.isLetter || $0.isNumber } + modifier
  }

  /// The name with UTF-8 spelled as /usr/share/i18n/SUPPORTED has it: "de_AT.UTF-8" for "de_AT.utf8".
  static func canonical(_ name: String) -> String {
    guard let dot = name.firstIndex(of: ".") else { return name }
    let set = name[dot...].prefix { $0 != "@" }
    guard fold(String(name[..<dot]) + set).hasSuffix(".utf8") else { return name }
    return "\(name[..<dot]).UTF-8\(name[set.endIndex...])"
  }
}
