import Btrfs
import FileTree
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

extension SendStream {
  /// The whole stream in memory.
  func bytes(as name: String, form: StreamForm = .v1) throws -> [UInt8] {
    let all = Mutex<[UInt8]>([])
    let name = try #require(Name(Array(name.utf8)))
    try emit(as: name, form: form) { span in
      all.withLock { bytes in span.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }
    }
    return all.withLock { $0 }
  }
}

/// Writes a new file.
func write(_ bytes: [UInt8], to path: FilePath) throws {
  let descriptor = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
  try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
}

/// The lines of a tree's manifest.
func manifest(_ tree: FileTree) throws -> [Substring] {
  var text: [UInt8] = []
  try Manifest(of: tree).write { span in
    span.withUnsafeBufferPointer { text.append(contentsOf: $0) }
  }
  return String(decoding: text, as: UTF8.self).split(separator: "\n")
}

/// The first lines in which two manifests differ, for a message; empty if they are equal.
func difference(_ left: [Substring], _ right: [Substring]) -> String {
  if left == right { return "" }
  let only = Set(left).symmetricDifference(right).sorted()
  return "\(left.count) and \(right.count) lines\n" + only.prefix(8).joined(separator: "\n")
}

/// What `btrfs receive --dump` says of a stream.
func dump(_ bytes: [UInt8], in folder: TemporaryFolder) async throws -> Tool.Result {
  let path = folder.appending("dumped.btrfs")
  try write(bytes, to: path)
  return try await Tool.run("btrfs", ["receive", "--dump", "-f", path.string])
}
