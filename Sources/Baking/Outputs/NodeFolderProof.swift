import Bytes
import FileTree
import FoundationEssentials
import Glibc
import HostFiles
import Storage
import SystemPackage

/// Proves that a folder is what an earlier run of pibake made of a node, and nothing else: only then may it be replaced.
///
/// Its manifest must name pibake and the node, it must hold no more than the manifest lists, and the trees in it must have the names
/// that they were written with.
struct NodeFolderProof: Sendable {
  let node: String

  /// The file that lists a node's outputs.
  static let manifest = "manifest.json"
  /// The value of `generator` in pibake's manifests.
  static let generator = "pibake"
  /// No manifest is larger, in bytes.
  private static let manifestLimit = 256 << 20

  /// What a manifest says of the folder that it lies in.
  private struct Manifest: Decodable {
    let generator: String
    let node: String
    let outputs: [Output]

    struct Output: Decodable {
      let name: String
      let names_sha256: String?
    }
  }

  /// Checks the folder `name`, or the one with the node's name, in `place`. No folder and an empty one pass.
  ///
  /// - Throws: `IOError`, a usage error that names what pibake did not make.
  func check(_ place: HeldFolder, calledNow name: String? = nil) throws(IOError) {
    let path = place.path.appending(node)
    guard let status = try place.status(name ?? node) else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw refusal(path, "is not a folder") }
    let folder = try place.folder(name ?? node)
    let names = try folder.names().sorted { $0.lexicographicallyPrecedes($1) }
    if names.isEmpty { return }
    let manifest = try manifest(of: folder, path, holding: names)
    let outputs = manifest.outputs.filter { !$0.name.hasPrefix("server/") }
    let expected = Set(outputs.map { String($0.name.prefix { $0 != "/" }) } + [Self.manifest])
    for name in names where !(String(validating: name, as: UTF8.self).map(expected.contains) ?? false) {
      throw refusal(path.appending(name.escaped), "is not listed in \(path.appending(Self.manifest))")
    }
    for output in outputs where output.name.hasSuffix("/") {
      try checkTree(output, in: folder, path)
    }
  }

  private func manifest(of folder: HeldFolder, _ path: FilePath, holding names: [[UInt8]]) throws(IOError) -> Manifest {
    let place = path.appending(Self.manifest)
    guard names.contains(Array(Self.manifest.utf8)) else {
      throw refusal(path.appending((names.first ?? []).escaped), "no \(Self.manifest) of pibake is beside it")
    }
    guard let file = try? folder.file(Self.manifest), file.size <= Self.manifestLimit,
      let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(file.read(at: 0, count: file.size))),
      manifest.generator == Self.generator
    else { throw refusal(place, "is not a manifest of pibake's") }
    guard manifest.node == node else {
      throw refusal(place, "is the manifest of another node, \(manifest.node.debugDescription)")
    }
    return manifest
  }

  private func checkTree(_ output: Manifest.Output, in folder: HeldFolder, _ path: FilePath) throws(IOError) {
    let name = String(output.name.dropLast())
    guard let expected = output.names_sha256 else {
      throw refusal(path.appending(name), "its names are not in the manifest")
    }
    guard try folder.status(name) != nil else { return }
    let tree = try FolderNames(FolderHandle(folder.folder(name)))
    guard tree.digest.description != expected else { return }
    // Whatever was added came after the manifest, if the folder was not copied.
    let written = try folder.status(Self.manifest)?.st_ctim
    let added = tree.firstChange(after: written)
    let place = added.map { path.appending(name).appending($0.escaped) } ?? path.appending(name)
    throw refusal(place, "was added, or something was removed, after pibake wrote the folder")
  }

  private func refusal(_ foreign: FilePath, _ finding: String) -> IOError {
    IOError(
      path: foreign.description, operation: "replace",
      cause: .refused(
        "\(finding); the folder is there already, and is not just pibake's output of \(node)",
        hint: "move away what is yours or the whole folder, or choose another --output"))
  }
}
