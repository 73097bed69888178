import Glibc
import SystemPackage

/// Stand-ins for a Raspberry Pi OS image, built once by Tests/Fixtures and kept in its cache.
package enum Fixture {
  /// The folder of the builder, the oracles and the boot tool.
  package static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Fixtures")

  /// The release binary, which `make test` builds before the tests run.
  package static let pibake = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().appending(".build/release/pibake")

  /// The program `name` of this package as the tests were built with it.
  package static func program(_ name: String) -> FilePath {
    var path = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &path, path.count - 1)
    let bytes = path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
    return FilePath(String(decoding: bytes, as: UTF8.self)).removingLastComponent().appending(name)
  }

  /// The recipes of the repository.
  package static let recipes = folder.removingLastComponent().removingLastComponent().appending("recipes")

  /// The image that build-image.sh makes with `arguments`.
  package static func image(_ arguments: String...) async throws -> FilePath { try await image(arguments) }

  /// The image that build-image.sh makes with `arguments`.
  package static func image(_ arguments: [String]) async throws -> FilePath {
    let result = try await run("build-image.sh", arguments)
    guard result.status == 0, let path = result.standardOutput.split(separator: "\n").last else {
      throw Failed(description: "build-image.sh \(arguments.joined(separator: " ")): \(result.output)")
    }
    return FilePath(String(path))
  }

  /// Runs one of the tools in the folder.
  package static func run(_ name: String, _ arguments: [String]) async throws -> Tool.Result {
    try await Tool.run(folder.appending(name).string, arguments)
  }

  /// A fixture that could not be made.
  package struct Failed: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }
}
