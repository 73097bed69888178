extension Form<String> {
  /// A name of the zone database: "UTC", "Europe/Vienna", "Etc/GMT+5".
  static var timezone: Form {
    text("a time zone such as \"Europe/Vienna\"") { text in
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      return (1...3).contains(parts.count) && text.first?.isLetter == true
        && parts.allSatisfy { !$0.isEmpty && $0.consistsOfLettersDigits(and: "_+-") }
    }
  }

  /// An XKB layout: "de", "us".
  static var keymap: Form {
    text("a keyboard layout such as \"de\"") { text in
      text.first?.isLetter == true && text.utf8.count <= 32 && text.consistsOfLettersDigits(and: "_-")
    }
  }

  /// A locale as locale(7) writes it: "C.UTF-8", "de_AT.UTF-8", "ca_ES@valencia".
  static var locale: Form {
    text("a locale such as \"de_AT.UTF-8\"") { text in
      text.wholeMatch(of: /(C|POSIX|[a-z]{2,3}(_[A-Z]{2})?)(\.[A-Za-z0-9\-]{1,16})?(@[a-z0-9]{1,16})?/) != nil
    }
  }
}
