import Storage
import SystemPackage

/// A node's folder, which appears whole or not at all, in place of that of an earlier run.
final class OutputFolder {
  private var publication: Publication
  /// The folder, as long as it is being filled.
  let held: HeldFolder
  private let proof: NodeFolderProof

  /// Begins the folder of `node` in `place`.
  ///
  /// - Throws: `IOError`; a usage error if something there is not what an earlier run made of this node.
  init(_ node: String, in place: HeldFolder) throws(IOError) {
    proof = NodeFolderProof(node: node)
    try proof.check(place)
    publication = try Publication(folder: node, in: place)
    held = try publication.folder()
  }

  /// Where it will be.
  var target: FilePath { publication.target }

  /// The path of a file in the folder, as long as it is being filled.
  func appending(_ name: String) -> FilePath { held.path.appending(name) }

  /// Puts the folder in its place; what was there is gone afterwards.
  ///
  /// - Parameter mode: its permission bits.
  func publish(mode: UInt32) throws(IOError) {
    let proof = proof
    try publication.publish(
      mode: mode, replacing: .proven { (folder, name) throws(IOError) in try proof.check(folder, calledNow: name) })
  }
}
