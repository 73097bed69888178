extension Form<String> {
  /// A name of the zone database: "UTC", "Europe/Vienna", "Etc/GMT+5".
  static var timezone: Form {
    text("a time zone such as \"Europe/Vienna\"") { text in
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      return (1...3).contains(parts.count) && text.first?.isLetter == true
        && parts.allSatisfy { !$0.isEmpty && $0.consistsOfLettersDigits(and: "_+-") }
    }
  }

  /// Keyboard layouts as XKB names them, each with its variant or without: "de", "us(intl)", "us,ru".
  static var keymap: Form {
    Form(.text(), "keyboard layouts such as \"de\", \"us(intl)\" or \"us,ru\"") { setting in
      text("keyboard layouts such as \"de\", \"us(intl)\" or \"us,ru\"") { text in
        text.utf8.count <= 128
          && text.wholeMatch(
            of: /[A-Za-z][A-Za-z0-9_\-]*(\([A-Za-z0-9_\-]+\))?(,[A-Za-z][A-Za-z0-9_\-]*(\([A-Za-z0-9_\-]+\))?){0,3}/)
            != nil
      }.read(setting).mapError { mismatch in
        guard case .string(let text) = setting.content,
          let match = text.wholeMatch(of: /([a-z]{2,3})[ ,]+([a-z0-9_\-]+)/)
        else { return mismatch }
        return mismatch.asking("\(match.1)(\(match.2))")
      }
    }
  }

  /// A locale as locale(7) writes it: "C.UTF-8", "de_AT.UTF-8", "ca_ES@valencia".
  static var locale: Form {
    Form(.text(), "a locale such as \"de_AT.UTF-8\"") { setting in
      text("a locale such as \"de_AT.UTF-8\"", where: isLocale).read(setting).mapError { mismatch in
        // BCP 47's hyphen and the case of the parts are what people mix up.
        guard case .string(let text) = setting.content,
          let match = text.wholeMatch(of: /([A-Za-z]{2,3})[\-_]([A-Za-z]{2})(\..*)?/)
        else { return mismatch }
        let set = match.3.map { String($0) } ?? ".UTF-8"
        let locale = "\(match.1.lowercased())_\(match.2.uppercased())\(set)"
        return isLocale(locale) ? mismatch.asking(locale) : mismatch
      }
    }
  }

  private static func isLocale(_ text: String) -> Bool {
    text.wholeMatch(of: /(C|POSIX|[a-z]{2,3}(_[A-Z]{2})?)(\.[A-Za-z0-9\-]{1,16})?(@[a-z0-9]{1,16})?/) != nil
  }
}
