import SystemPackage

/// `[ca_certificates]`: authorities that the node trusts besides those of the image.
package struct CACertificateSettings: Sendable {
  /// One PEM text with one certificate or more.
  package struct Source: Sendable {
    /// Where the text is.
    package enum Location: Sendable {
      /// In a file of this machine.
      case file(FilePath)
      /// In the recipe.
      case inline(String)
    }
    /// The name under which the certificate is stored, without ".crt". The second one of a text is NAME-2, and so on.
    package var name: String
    /// Where the text is.
    package var location: Location
    /// Where the recipe names it.
    package var place: RecipePlace?

    /// The certificates at `location`, stored under `name`.
    package init(name: String, location: Location, place: RecipePlace? = nil) {
      self.name = name
      self.location = location
      self.place = place
    }
  }
  /// The texts in the order of the recipe.
  package var sources: [Source]

  /// Settings that say only what is given.
  package init(sources: [Source] = []) { self.sources = sources }
}

extension CACertificateSettings {
  static let filesKey = ListKey(
    "files", of: .existingPath, takesOne: true, "Files, relative to this one, of certificates in PEM.",
    example: "[\"certs/lab.pem\"]")
  static let inlineKey = Key("NAME", .text, "Certificates in PEM.", example: "\"-----BEGIN CERTIFICATE-----…\"")
  static let inlineKeys = TableKeys(
    "inline", "Certificates in the recipe itself, by their names.", [], others: inlineKey)
  static let keys = TableKeys(
    "ca_certificates", "Authorities that the node trusts besides those of the image.", [filesKey, inlineKeys.table])

  init(reading table: TableReader) {
    let files = (table.located(Self.filesKey) ?? []).map {
      Source(name: $0.value.stem ?? "", location: .file($0.value), place: $0.place)
    }
    let inline = table.table(Self.inlineKeys).others(Self.inlineKeys, .text).map {
      Source(name: $0.name.value, location: .inline($0.value), place: $0.name.place)
    }
    self.init(sources: files + inline)
  }
}
