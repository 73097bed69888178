/// `[locale]`: zone, keyboard and language.
package struct LocaleSettings: Sendable {
  /// A name of the zone database, such as "Europe/Vienna".
  package var timezone: String?
  /// XKB layouts with their variants, such as "de", "us(intl)" or "us,ru".
  package var keymap: String?
  /// A locale, such as "de_AT.UTF-8".
  package var lang: String?

  /// Settings that say only what is given.
  package init(timezone: String? = nil, keymap: String? = nil, lang: String? = nil) {
    self.timezone = timezone
    self.keymap = keymap
    self.lang = lang
  }
}

extension LocaleSettings {
  init(reading table: TableReader) {
    self.init(
      timezone: table.value("timezone", .timezone),
      keymap: table.value("keymap", .keymap),
      lang: table.value("lang", .locale))
  }
}
