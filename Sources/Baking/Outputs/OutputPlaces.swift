import Bytes
import Recipe
import Storage
import SystemPackage

/// The folders that receive a build's node folders. Whether nodes can appear there is found out before anything is baked.
struct OutputPlaces {
  private let options: BakeOptions
  private var checked: [FilePath: Result<HeldFolder, IOError>] = [:]

  init(_ options: BakeOptions) { self.options = options }

  /// The folder that receives the folder of `recipe`'s node.
  ///
  /// - Throws: `IOError` if nothing can appear there, or what is there is not an earlier run's output of this node.
  mutating func place(of recipe: NodeRecipe) throws(IOError) -> HeldFolder {
    let path = options.output ?? recipe.output.folder ?? "out"
    let result: Result<HeldFolder, IOError>
    if let known = checked[path] {
      result = known
    } else {
      result = Result { () throws(IOError) in try OutputPlaces.prepare(path) }
      checked[path] = result
    }
    let place = try result.get()
    try NodeFolderProof(node: "\(recipe.name)").check(place)
    return place
  }

  private static func prepare(_ path: FilePath) throws(IOError) -> HeldFolder {
    let place = try HeldFolder(making: path)
    try Leftovers.remove(from: place)
    try place.checkPublishing()
    return place
  }
}
