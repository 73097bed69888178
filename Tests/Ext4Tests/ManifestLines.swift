import Bytes
import FileTree
import Storage
import Testing

/// The lines of a tree's manifest.
func lines(of tree: FileTree) throws -> [ArraySlice<UInt8>] {
  var text: [UInt8] = []
  try Manifest(of: tree).write { bytes in text += bytes.array }
  return text.split(separator: 0x0A, omittingEmptySubsequences: true)
}

/// Records the first lines that differ.
func expectSame(
  _ ours: [ArraySlice<UInt8>], _ theirs: [ArraySlice<UInt8>], _ place: SourceLocation = #_sourceLocation
) throws {
  #expect(ours.count == theirs.count, sourceLocation: place)
  for (left, right) in zip(ours, theirs).lazy.filter({ $0 != $1 }).prefix(5) {
    Issue.record(
      "ours:   \(String(decoding: left, as: UTF8.self))\ntheirs: \(String(decoding: right, as: UTF8.self))",
      sourceLocation: place)
  }
}
