import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport
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

/// The kernel's manifest of the file system in `image`; nil if it cannot be had here.
///
/// - Parameter replaying: whether the kernel replays the journal first, in a copy.
func kernelLines(_ image: FilePath, replaying: Bool = false) async throws -> [ArraySlice<UInt8>]? {
  let oracle = try await Tool.run(
    "bash", [Fixture.folder.appending("loop-oracle.sh").string] + (replaying ? ["--replay"] : []) + [image.string, "0"])
  if oracle.status == 77 {
    print(oracle.output)
    return nil
  }
  try #require(oracle.status == 0, "\(oracle.output)")
  return Array(oracle.output.utf8).split(separator: 0x0A)
}
