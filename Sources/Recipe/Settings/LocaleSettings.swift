/// `[locale]`: zone, keyboard and language.
package struct LocaleSettings: Sendable {
  /// A name of the zone database, such as "Europe/Vienna".
  package var timezone: Located<String>?
  /// XKB layouts with their variants, such as "de", "us(intl)" or "us,ru".
  package var keymap: Located<String>?
  /// A locale, such as "de_AT.UTF-8".
  package var lang: Located<String>?

  /// Settings that say only what is given.
  package init(timezone: Located<String>? = nil, keymap: Located<String>? = nil, lang: Located<String>? = nil) {
    self.timezone = timezone
    self.keymap = keymap
    self.lang = lang
  }
}

extension LocaleSettings {
  static let timezoneKey = Key(
    "timezone", .timezone, "The time zone.", example: "\"Europe/Vienna\"", fallback: "as the image has it",
    preseed: "locale.timezone")
  static let keymapKey = Key(
    "keymap", .keymap, "The keyboard's layouts, each with its variant or without.", example: "\"us(intl)\"",
    fallback: "as the image has it", preseed: "locale.keymap")
  static let langKey = Key(
    "lang", .locale, "The language and the forms of numbers and dates.", example: "\"de_AT.UTF-8\"",
    fallback: "as the image has it")
  static let keys = TableKeys("locale", "Time zone, keyboard and language.", [timezoneKey, keymapKey, langKey])

  init(reading table: TableReader) {
    self.init(
      timezone: table.located(Self.timezoneKey), keymap: table.located(Self.keymapKey),
      lang: table.located(Self.langKey))
  }
}
