import SystemPackage

/// Reads whole files of the operator's.
enum FileContents {
  /// Larger ones are not what the caller takes them for.
  static let limit = 16 << 20

  /// Why a file could not be read, as a message says it.
  struct Problem: Error {
    let message: String
  }

  /// The bytes of the file at `path`.
  static func read(_ path: FilePath) throws(Problem) -> [UInt8] {
    do {
      let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      return try file.closeAfter {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
          let count = try unsafe buffer.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
          if count == 0 { return bytes }
          bytes.append(contentsOf: buffer[..<count])
        }
        throw Problem(message: "larger than 16 MiB")
      }
    } catch let error as Problem {
      throw error
    } catch {
      throw Problem(message: "\(error)")
    }
  }
}

extension FilePath {
  /// Why what is at the path cannot be read; nil if it can.
  var accessFailure: Errno? {
    do {
      try FileDescriptor.open(self, .readOnly, options: [.closeOnExec, .nonBlocking]).close()
      return nil
    } catch {
      return error as? Errno
    }
  }
}
