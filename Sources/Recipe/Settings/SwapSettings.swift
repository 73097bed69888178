/// `[swap]`, read.
struct SwapSettings {
  /// Where memory that is not in use goes.
  enum Kind: String, CaseIterable, Sendable {
    case none
    case file
    case zram
  }
  let swap: MountSettings.Swap
  let place: RecipePlace?

  static let kindKey = Key<Kind>(
    "to", .choice(), "Where memory that is not in use goes: nowhere, to a file, or compressed into memory.",
    example: "\"zram\"")
  static let sizeKey = Key(
    "size", .diskSize, "How much; a file must have a size.", example: "\"1GiB\"",
    fallback: "for zram, what the image's swap manager takes")
  static let pathKey = Key("path", .absolutePath, "The file.", example: "\"/var/swap\"", fallback: "the image's own")
  static let keys = TableKeys("swap", "The node's swap space.", [kindKey, sizeKey, pathKey], required: [kindKey.name])

  init?(reading table: TableReader) {
    guard let entry = table.entry(Self.kindKey), let kind = table[Self.kindKey] else { return nil }
    place = entry.setting.place
    var size: Int?
    if case .bytes(let count)? = table[Self.sizeKey] { size = max(1, count >> 20) }
    switch kind {
    case .none: swap = .none
    case .zram: swap = .zram(size: size)
    case .file:
      guard let size else {
        table.fail(Self.kindKey.name, "= \"file\" needs size, as in size = \"1GiB\"", at: entry.setting.place)
        return nil
      }
      swap = .file(path: table[Self.pathKey], size: size)
    }
  }
}
