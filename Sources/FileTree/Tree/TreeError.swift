import Bytes

/// A path of a tree that is not what an edit needs it to be.
package enum TreeError: Failure, Equatable {
  /// Nothing is there.
  case missing(TreePath)
  /// Something else than a directory stands where one must be.
  case notDirectory(TreePath)
  /// A directory stands where a file must be.
  case isDirectory(TreePath)
  /// Something stands where a name is to go.
  case taken(TreePath)
  /// More symbolic links in a row than Linux follows.
  case tooManyLinks(TreePath)
  /// A folder on the way is a symbolic link to something that is not there.
  case danglingLink(TreePath)

  /// The tree is the image's, the path the recipe's: it is the recipe that can be mended.
  package var kind: FailureKind { .usage }

  package var description: String {
    switch self {
    case .missing(let path): "\(path): not in the image"
    case .notDirectory(let path): "\(path): not a directory in the image"
    case .isDirectory(let path): "\(path): a directory in the image"
    case .taken(let path): "\(path): in the image already"
    case .tooManyLinks(let path): "\(path): too many symbolic links"
    case .danglingLink(let path): "\(path): a symbolic link to nothing"
    }
  }
}
