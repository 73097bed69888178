import SystemPackage

/// A file that holds a password, or its crypt(5) string, on its only line.
struct PasswordFile {
  let password: UserSettings.Password
  /// Whether others than its owner may read it, which a password's file had better not allow.
  let isReadableByOthers: Bool

  /// Why the file holds no password, without what it holds.
  struct Problem: Error {
    let message: String
  }

  init(_ path: FilePath) throws(Problem) {
    let line = try Self.line(of: path)
    if CryptHash.resemblesOne(line) {
      if let problem = CryptHash.problem(of: line) { throw Problem(message: problem) }
      password = .hash(Secret(line))
    } else {
      password = .clear(Secret(line))
    }
    isReadableByOthers = Self.permissions(of: path)?.isDisjoint(with: [.groupRead, .otherRead]) == false
  }

  private static func line(of path: FilePath) throws(Problem) -> String {
    do throws(FileContents.Problem) {
      var bytes = try FileContents.read(path)
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      // Taken as it is, either would be a part of the password that nobody types.
      guard bytes.last != UInt8(ascii: "\r") else {
        throw .init(message: "expected a line without a carriage return: save the file with the line ends of Unix")
      }
      guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
        throw .init(message: "expected a file without a byte order mark: save it as UTF-8 without BOM")
      }
      guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty, text.isLine else {
        throw .init(message: "expected a file that holds one line, the password or its hash")
      }
      return text
    } catch {
      throw Problem(message: error.message.hasPrefix("expected") ? error.message : "cannot be read: \(error.message)")
    }
  }

  private static func permissions(of path: FilePath) -> FilePermissions? {
    // The file has been read: that its status cannot be is no reason to refuse it.
    try? path.stat().permissions
  }
}
