import SystemPackage

extension Form<String> {
  /// A name that useradd accepts, and that is not one of the image's own accounts.
  static var userName: Form {
    Form(.text(), "a user name: a lower-case letter, then at most 31 of a-z, 0-9, '_' and '-'") { setting in
      text("a user name: a lower-case letter, then at most 31 of a-z, 0-9, '_' and '-'") { isAccountName($0) }
        .read(setting).flatMap { name in
          guard systemAccounts.contains(name) else { return .success(name) }
          return .failure(Mismatch(quoting: name, "the account belongs to the system"))
        }
    }
  }

  /// The name of a group.
  static var groupName: Form {
    text("a group name: a lower-case letter, then at most 31 of a-z, 0-9, '_' and '-'") { isAccountName($0) }
  }

  /// A file's owner or group: a name of the image, or a number.
  static var owner: Form {
    Form(.any([.text(), .integer(0...Int(UInt32.max))]), "a name or a number") { setting in
      if case .integer(let number, radix: 10) = setting.content, UInt32(exactly: number) != nil {
        return .success("\(number)")
      }
      return text("a name or a number") { text in
        text.allSatisfy { ("0"..."9").contains($0) } ? UInt32(text) != nil : isAccountName(text, first: "_")
      }.read(setting)
    }
  }

  private static func isAccountName(_ text: String, first: String = "") -> Bool {
    guard let letter = text.first, ("a"..."z").contains(letter) || first.contains(letter) else { return false }
    return text.utf8.count <= 32 && text.lowercased() == text && text.consistsOfLettersDigits(and: "_-")
  }

  /// The accounts of Debian's base-passwd.
  private static let systemAccounts: Set = [
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data", "backup",
    "list", "irc", "_apt", "nobody",
  ]

  /// A line of ~/.ssh/authorized_keys. Not shown when wrong: it may be a private key by mistake.
  static var authorizedKey: Form {
    Form(.text(), "a line of authorized_keys(5)") { setting in
      guard case .string(let text) = setting.content else { return .failure(.kind("a string", setting)) }
      do throws(AuthorizedKey.Problem) {
        return .success(try AuthorizedKey(parsing: text).line)
      } catch {
        return .failure(Mismatch(found: nil, message: error.message))
      }
    }
  }
}

extension Form<Secret> {
  /// The password of something else than an account.
  static var secretText: Form {
    text("a text of one line, not empty", isSecret: true) { !$0.isEmpty && $0.isLine ? Secret($0) : nil }
  }

  /// A password in clear text.
  static var password: Form {
    text("a text of one line, not empty; an account for keys alone has no password", isSecret: true) {
      !$0.isEmpty && $0.isLine ? Secret($0) : nil
    }
  }

  /// A crypt(5) string by which somebody can log in.
  static var passwordHash: Form {
    Form(.text(), "a crypt(5) string", isSecret: true) { setting in
      guard case .string(let text) = setting.content else { return .failure(.kind("a string", setting)) }
      if let problem = CryptHash.problem(of: text) { return .failure(Mismatch(found: nil, message: problem)) }
      return .success(Secret(text))
    }
  }
}

extension Form<PasswordFile> {
  /// A file that holds a password or a crypt(5) string.
  static var passwordFile: Form {
    Form(.text(), "the path of a file of one line") { setting in
      Form<FilePath>.path.read(setting).flatMap { path in
        do throws(SecretFile.Problem) {
          return .success(try PasswordFile(path))
        } catch {
          return .failure(Mismatch(quoting: path.string, error.message))
        }
      }
    }
  }
}

extension Form<SSHSettings.HostKeys> {
  /// Where host keys come from, or the folder that holds them.
  static var hostKeys: Form {
    Form(.text(), "\"derived\", \"first-boot\" or a folder") { setting in
      switch setting.content {
      case .string("derived"): return .success(.derived)
      case .string("first-boot"): return .success(.firstBoot)
      default:
        return Form<FilePath>.existingPath.read(setting).map(SSHSettings.HostKeys.folder).mapError { mismatch in
          guard case .string(let text) = setting.content, let word = text.nearest(in: ["derived", "first-boot"]) else {
            return mismatch
          }
          return mismatch.asking(word)
        }
      }
    }
  }
}
