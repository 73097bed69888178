import Subprocess
import SystemPackage

/// Other people's programs, which prove what pibake reads and writes.
package enum Tool {
  /// What a program left behind.
  package struct Result: Sendable {
    /// The exit status; 128 plus the signal's number if one ended it.
    package let status: Int
    package let standardOutput: String
    package let standardError: String

    /// Its standard output, then its standard error.
    package var output: String { standardOutput + standardError }
  }

  /// Runs `name`, found on PATH or in the folders of administration.
  ///
  /// - Parameter limit: how much output is kept, in bytes; a program that prints more fails.
  package static func run(_ name: String, _ arguments: [String], limit: Int = 64 << 20) async throws -> Result {
    let executable: Executable = name.contains("/") ? .path(FilePath(name)) : .path(try find(name))
    let result = try await Subprocess.run(
      executable, arguments: Arguments(arguments),
      environment: .inherit.updating(["MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"]),
      output: .string(limit: limit), error: .string(limit: limit))
    let status: Int =
      switch result.terminationStatus {
      case .exited(let code): Int(code)
      case .signaled(let signal): 128 + Int(signal)
      }
    return Result(
      status: status, standardOutput: result.standardOutput, standardError: result.standardError)
  }

  /// Whether all of `names` are installed.
  package static func arePresent(_ names: String...) -> Bool {
    names.allSatisfy { (try? find($0)) != nil }
  }

  /// A tool that is not installed.
  package struct Missing: Error, CustomStringConvertible {
    package let description: String
  }

  private static func find(_ name: String) throws -> FilePath {
    for folder in ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/bin"] {
      let path = FilePath(folder).appending(name)
      if (try? FileDescriptor.open(path, .readOnly)).map({ try? $0.close() }) != nil { return path }
    }
    throw Missing(description: "\(name) is not installed; `make test` installs what the tests need")
  }
}
