import Glibc
import HostFiles
import Recipe
import Storage
import SystemPackage
import Unpack

/// A file in memory that holds the input of this run.
private struct InputFile {
  let folder: FilePath
  let path: FilePath

  /// A file called `name` in a folder of this process.
  init(_ name: String) {
    folder = FilePath("/dev/shm/pibake-fuzz-\(getpid())")
    _ = unsafe mkdir(folder.string, 0o700)
    path = folder.appending(name)
  }

  func fill(_ bytes: [UInt8]) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }
}

/// Files that an image may come in: whatever they are, a disk comes out or an error, and nothing stays behind but the cache.
enum ContainerTarget: FuzzTarget {
  private static let file = InputFile("input")
  private static let folder = file.folder.appending("cache")
  private static let cache = ImageCache(folder: folder, limit: 8 << 20)

  static func read(_ input: [UInt8]) {
    // The memory that files live in here is small.
    defer { try? Removal.remove(folder) }
    guard (try? file.fill(input)) != nil, let image = try? cache.open(file.path) else { return }
    let size = image.source.size
    require(size <= max(8 << 20, input.count), "a disk of \(size) bytes under the limit")
    _ = try? image.source.read(at: 0, count: min(size, 4096))
    _ = try? image.source.read(at: max(0, size - 4096), count: min(size, 4096))
  }
}

/// Recipes: a list of nodes, or problems with their places.
enum RecipeTarget: FuzzTarget {
  private static let file = InputFile("recipe.toml")

  static func read(_ input: [UInt8]) {
    guard (try? file.fill(input)) != nil else { return }
    let result = RecipeLoader.load(paths: [file.path])
    require(!result.nodes.isEmpty || !result.problems.isEmpty, "nodes or problems")
    for problem in result.problems { require(!"\(problem)".isEmpty, "a problem is told") }
  }
}
