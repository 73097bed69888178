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
        let hash = SHA256Digest.self
        lines.append("\(place) \(content.size) \(inode.modified.seconds) \(try hash.of(content))")
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
  let script = """
    cd "$1" && find . -mindepth 1 -type d -printf '%p/\\n' &&
    find . -type f -printf '%p %s %Ts ' -exec sh -c 'sha256sum < "$1" | cut -c1-64' _ {} ';'
    """
  let result = try await Tool.run("sh", ["-c", script, "sh", folder.string])
  return result.output.split(separator: "\n").map(String.init).sorted()
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
