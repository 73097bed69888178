import Bytes
import FileTree
import Storage
import SystemPackage
import TestSupport

/// A tree as lines that a shell can make of a folder: path, size, seconds of the time of change, and SHA-256.
func listing(_ tree: FileTree) throws -> [String] {
  var lines: [String] = []
  var queue = [(tree.root, ".")]
  while let (id, path) = queue.popLast() {
    for (name, child) in tree.directory(id) ?? Directory() {
      let place = path + "/" + String(decoding: name.bytes, as: UTF8.self)
      guard let inode = tree[child] else { continue }
      if case .file(let content) = inode.body {
        lines.append("\(place) \(content.size) \(inode.modified.seconds) \(try SHA256Digest.of(content))")
      } else {
        lines.append(place + "/")
        queue.append((child, place))
      }
    }
  }
  return lines.sorted()
}

extension SHA256Digest {
  static func of(_ content: FileContent) throws -> SHA256Digest {
    var sink = DigestSink()
    for run in content.runs { try sink.write(run) }
    return sink.finish()
  }
}

/// The same lines of a folder of this machine.
func listing(of folder: FilePath) async throws -> [String] {
  let all = try await shell(
    "find . -mindepth 1 -type d -printf '%p/\\n' -o -type f -printf '%p\\t%s %Ts\\n'", in: folder)
  let hashes = try await shell("find . -type f -print0 | xargs -0 -r sha256sum", in: folder)
  // 64 digits, two blanks, the path.
  let byPath = Dictionary(uniqueKeysWithValues: hashes.split(separator: "\n").map { ($0.dropFirst(66), $0.prefix(64)) })
  return all.split(separator: "\n").map { line in
    let parts = line.split(separator: "\t")
    return parts.count == 1 ? String(line) : "\(parts[0]) \(parts[1]) \(byPath[parts[0]] ?? "unread")"
  }.sorted()
}

/// Runs a script in `folder` with its errors fatal; what it says becomes the failure.
@discardableResult
func shell(_ script: String, in folder: FilePath) async throws -> String {
  let result = try await Tool.run("bash", ["-c", "set -euo pipefail; cd '\(folder)'; \(script)"])
  guard result.status == 0 else { throw ScriptFailure(description: "\(script): \(result.output)") }
  return result.output
}

struct ScriptFailure: Error, CustomStringConvertible {
  let description: String
}

/// Writes runs into a new file.
func write(_ runs: [Run], to path: FilePath) throws {
  let file = try FileDescriptor.open(
    path, .readWrite, options: [.create, .truncate], permissions: [.ownerReadWrite])
  defer { try? file.close() }
  var sink = SparseFileSink(file, path: path)
  try sink.write(runs)
  _ = try sink.finish()
}

/// The lines that are in only one of the two listings.
func differences(_ left: [String], _ right: [String]) -> [String] {
  Set(left).symmetricDifference(right).sorted()
}
