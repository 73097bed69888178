import SystemPackage

extension HeldFolder {
  /// Publishes an empty folder here, replaces it by another and removes it: finds out before long work whether its outcome can
  /// appear here.
  ///
  /// - Throws: `IOError` if it cannot.
  package func checkPublishing() throws(IOError) {
    let name = TemporaryName.random()
    for _ in 0..<2 {
      var trial = try Publication(folder: name, in: self)
      try trial.publish(mode: 0o700, replacing: .proven { (_, _) throws(IOError) in }, isDurable: false)
    }
    try TreeRemoval.remove(Array(name.utf8), in: self)
  }
}
