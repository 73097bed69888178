import SystemPackage

/// A file beside the recipe that holds a secret on its only line.
struct SecretFile {
  /// The line.
  let line: String
  /// Whether others than its owner may read it, which a secret's file had better not allow.
  let isReadableByOthers: Bool

  /// Why the file holds no such line, without what it holds.
  struct Problem: Error {
    let message: String
  }

  /// Reads the file at `path`; `content` says what its line is, for messages.
  init(_ path: FilePath, holding content: String) throws(Problem) {
    line = try Self.line(of: path, content)
    // The file has been read: that its status cannot be is no reason to refuse it.
    let permissions = (try? path.stat())?.permissions
    isReadableByOthers = permissions?.isDisjoint(with: [.groupRead, .otherRead]) == false
  }

  private static func line(of path: FilePath, _ content: String) throws(Problem) -> String {
    do throws(FileContents.Problem) {
      var bytes = try FileContents.read(path)
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      // Taken as it is, either would be a part of the secret that nobody types.
      guard bytes.last != UInt8(ascii: "\r") else {
        throw .init(message: "expected a line without a carriage return: save the file with the line ends of Unix")
      }
      guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
        throw .init(message: "expected a file without a byte order mark: save it as UTF-8 without BOM")
      }
      guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty, text.isLine else {
        throw .init(message: "expected a file that holds one line, \(content)")
      }
      return text
    } catch {
      throw Problem(message: error.message.hasPrefix("expected") ? error.message : "cannot be read: \(error.message)")
    }
  }
}
