import Bytes
import FileTree
import Recipe
import Storage

/// Why a recipe's wishes could not become edits of an image. No case holds a password, a hash or a key.
package enum RaspberryPiOSError: Failure {
  /// The recipe asks for what this image or this way of booting cannot give.
  case recipe(String, place: RecipePlace? = nil, hint: String? = nil)
  /// The image lacks, or has in another form, what the recipe needs.
  case unsupported(String, hint: String? = nil)
  /// A path of the image is not what an edit needs it to be.
  case tree(TreeError)
  /// A file of the image could not be read.
  case io(IOError)
  /// Something beside the recipe could not be taken in.
  case importing(any Failure, place: RecipePlace?)
  /// Several of these, none of them `.several`, in the order of the steps that met them.
  case several([RaspberryPiOSError])

  package var kind: FailureKind {
    switch self {
    case .recipe: .usage
    case .unsupported: .unsupported
    case .tree(let error): error.kind
    case .io(let error): error.kind
    case .importing(let error, _): error.kind
    case .several(let errors): errors.allSatisfy { $0.kind == .usage } ? .usage : .unsupported
    }
  }

  package var description: String {
    switch self {
    case .recipe(let text, _, _): text
    case .unsupported(let text, _): text
    case .tree(let error): error.description
    case .io(let error): error.description
    case .importing(let error, _): error.description
    case .several(let errors): errors.map(\.description).joined(separator: "; ")
    }
  }

  package var hint: String? {
    switch self {
    case .recipe(_, _, let hint), .unsupported(_, let hint): hint
    case .tree(let error): error.hint
    case .io(let error): error.hint
    case .importing(let error, _): error.hint
    case .several: nil
    }
  }

  package var place: String? {
    switch self {
    case .recipe(_, let place, _), .importing(_, let place): place?.description
    case .unsupported, .tree, .io, .several: nil
    }
  }

  package var parts: [any Failure] {
    if case .several(let errors) = self { errors } else { [self] }
  }
}

/// Something that an operator should know although the node was made as asked.
package struct Warning: Sendable, Hashable, CustomStringConvertible {
  /// One sentence: lower case, no full stop, no secrets.
  package let description: String

  init(_ description: String) { self.description = description }
}
