import SystemPackage

/// A file that holds a password, or its crypt(5) string, on its only line.
struct PasswordFile {
  let password: UserSettings.Password
  /// Whether others than its owner may read it.
  let isReadableByOthers: Bool

  init(_ path: FilePath) throws(SecretFile.Problem) {
    let file = try SecretFile(path, holding: "the password or its hash")
    if CryptHash.resemblesOne(file.line) {
      if let problem = CryptHash.problem(of: file.line) { throw SecretFile.Problem(message: problem) }
      password = .hash(Secret(file.line))
    } else {
      password = .clear(Secret(file.line))
    }
    isReadableByOthers = file.isReadableByOthers
  }
}
