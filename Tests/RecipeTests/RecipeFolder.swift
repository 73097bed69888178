import SystemPackage

@testable import Recipe

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A folder of recipes for one test, which goes when the value goes.
final class RecipeFolder {
  let path: FilePath
  private var names: [String]

  init(_ files: [String: String] = [:]) throws {
    path = try Self.makeFolder()
    names = Array(files.keys)
    for (name, text) in files { try Self.write(Array(text.utf8), to: path.appending(name), [.ownerReadWrite]) }
  }

  deinit {
    for name in names { _ = unsafe unlink(path.appending(name).string) }
    _ = unsafe rmdir(path.string)
  }

  /// Writes a file of the folder.
  func write(_ name: String, _ bytes: [UInt8], permissions: FilePermissions = [.ownerReadWrite]) throws {
    names.append(name)
    try Self.write(bytes, to: path.appending(name), permissions)
  }

  private static func write(_ bytes: [UInt8], to path: FilePath, _ permissions: FilePermissions) throws {
    let file = try FileDescriptor.open(path, .writeOnly, options: [.create, .truncate], permissions: permissions)
    _ = try file.closeAfter { try file.writeAll(bytes) }
  }

  private static func makeFolder() throws -> FilePath {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? P_tmpdir
    var template = Array((parent + "/pibake-recipes-XXXXXX").utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    return FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  /// Loads files of the folder.
  func load(_ names: String...) -> RecipeResult { RecipeLoader.load(paths: names.map { path.appending($0) }) }

  /// The problems of `result` without the folder's name.
  func problems(_ result: RecipeResult) -> [String] {
    result.problems.map { $0.description.replacing(path.string + "/", with: "") }
  }
}
