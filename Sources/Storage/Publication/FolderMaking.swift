/// How folders in the making are made and removed.
package struct FolderMaking: Sendable {
  /// Makes the folder of this name, which only its owner may enter.
  let make: @Sendable (HeldFolder, String) throws(IOError) -> Void
  /// Removes the folder of this name with all that it holds.
  let remove: @Sendable (HeldFolder, String) throws(IOError) -> Void

  package init(
    make: @escaping @Sendable (HeldFolder, String) throws(IOError) -> Void,
    remove: @escaping @Sendable (HeldFolder, String) throws(IOError) -> Void
  ) {
    self.make = make
    self.remove = remove
  }

  /// By mkdir(2) and rmdir(2).
  package static let plain = FolderMaking { (parent, name) throws(IOError) in
    try parent.makeFolder(name)
  } remove: { (parent, name) throws(IOError) in
    try TreeRemoval.remove(Array(name.utf8), in: parent)
  }
}
