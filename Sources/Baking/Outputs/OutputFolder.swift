import Storage
import Synchronization
import SystemPackage

/// A node's folder, which appears whole or not at all, in place of that of an earlier run.
final class OutputFolder: Sendable {
  private let publication: Mutex<Publication>
  /// The folder that receives it.
  let place: HeldFolder
  /// The folder, as long as it is being filled.
  let held: HeldFolder
  /// Where it will be.
  let target: FilePath
  private let proof: NodeFolderProof

  /// Begins the folder of `node` in `place`.
  ///
  /// - Throws: `IOError`; a usage error if something there is not what an earlier run made of this node.
  init(_ node: String, in place: HeldFolder) throws(IOError) {
    proof = NodeFolderProof(node: node)
    try proof.check(place)
    let publication = try Publication(folder: node, in: place)
    self.place = place
    held = try publication.folder()
    target = publication.target
    self.publication = Mutex(publication)
  }

  /// The path of a file in the folder, as long as it is being filled.
  func appending(_ name: String) -> FilePath { held.path.appending(name) }

  /// Brings everything in the folder to the disk, unless a sync of the whole file system has done so.
  func sync(isDone: Bool) throws(IOError) {
    try publication.withLock { (publication) throws(IOError) in
      if isDone { publication.noteSynced() } else { try publication.sync() }
    }
  }

  /// Puts the folder, which is synced, in its place; what was there is gone afterwards. Its name is on the disk once `place` is synced.
  ///
  /// - Parameter mode: its permission bits.
  func publish(mode: UInt32) throws(IOError) {
    let proof = proof
    try publication.withLock { (publication) throws(IOError) in
      try publication.publish(
        mode: mode,
        replacing: .proven { (folder, name) throws(IOError) in try proof.check(folder, calledNow: name) },
        isDurable: false)
    }
  }
}
