/// A number of bytes as people read it: decimal units, one digit after the point.
package struct ByteCount: CustomStringConvertible {
  private let count: Int

  /// This many bytes.
  package init(_ count: Int) { self.count = count }

  package var description: String {
    for (unit, name) in [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")] where count >= unit {
      let tenths = (count * 10 + unit / 2) / unit
      return "\(tenths / 10).\(tenths % 10) \(name)"
    }
    return "\(count) bytes"
  }
}
