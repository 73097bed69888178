import Bytes
import FileTree

/// The names that occurred in one folder, to find those that occur twice. FAT knows a file by its name in any case.
struct FolderNames {
  private var names: [[UInt8]: [UInt8]] = [:]
  private var shortNames: Set<ShortKey> = []

  /// The eleven bytes of a short name; both numbers hold the eighth.
  private struct ShortKey: Hashable {
    let front: UInt64
    let back: UInt32
  }

  /// Adds a name.
  ///
  /// - Returns: the name that was there before and differs at most by case; nil if there was none.
  mutating func insert(_ name: [UInt8]) -> [UInt8]? {
    names.updateValue(name, forKey: Self.folded(name))
  }

  /// Adds the eleven bytes of a short name.
  ///
  /// - Returns: whether it was not there before.
  mutating func insert(shortName bytes: Span<UInt8>) -> Bool {
    shortNames.insert(ShortKey(front: bytes.le(0), back: bytes.le(7))).inserted
  }

  /// The name in upper case, as far as upper case has one unit of UTF-16 for each.
  private static func folded(_ name: [UInt8]) -> [UInt8] {
    if name.allSatisfy({ $0 < 0x80 }) { return name.map(\.uppercasedASCII) }
    guard let units = LongName.units(ofUTF8: name) else { return name }
    var bytes: [UInt8] = []
    LongName.appendUTF8(of: units.map(\.fatUppercase), to: &bytes)
    return bytes
  }
}
