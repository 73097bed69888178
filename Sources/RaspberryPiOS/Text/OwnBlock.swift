import Bytes

/// Lines of pibake's own at the end of a file that others write too.
enum OwnBlock {
  static let begin = "# begin pibake"
  static let end = "# end pibake"

  /// Removes the block and its marks, wherever it is.
  static func remove(from file: inout TextFile) {
    guard let first = file.firstIndex(where: { $0.trimmed == begin }),
      let last = file.indices.first(where: { $0 > first && file[$0].trimmed == end })
    else { return }
    file.removeLines(Set(first...last))
  }

  /// Adds `lines` between marks.
  static func append(_ lines: [String], to file: inout TextFile) {
    for line in [begin] + lines + [end] { file.append(line) }
  }
}
