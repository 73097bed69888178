extension UInt8 {
  /// The byte, or its upper-case form if it is a lower-case letter of ASCII.
  package var uppercasedASCII: UInt8 { (0x61...0x7A).contains(self) ? self & ~0x20 : self }
}

extension UInt16 {
  /// The upper-case form of this UTF-16 unit, by which FAT compares long names.
  ///
  /// A letter keeps its own form if its upper case is more than one unit, or is the upper case of another letter first:
  /// ı has the upper case I, whose lower case is i, so `ı.txt` and `i.txt` are two names.
  package var fatUppercase: UInt16 {
    if self < 0x80 { return UInt16(UInt8(self).uppercasedASCII) }
    guard let scalar = Unicode.Scalar(self) else { return self }
    let upper = scalar.properties.uppercaseMapping.unicodeScalars
    guard let form = upper.first, upper.count == 1, form.value <= 0xFFFF,
      form.properties.lowercaseMapping.unicodeScalars.elementsEqual(CollectionOfOne(scalar))
    else { return self }
    return UInt16(form.value)
  }
}

extension [UInt8] {
  /// A name or path in UTF-8 with every letter in the form by which FAT compares it; bytes that are not UTF-8 stay.
  package var fatUppercase: [UInt8] {
    if allSatisfy({ $0 < 0x80 }) { return map(\.uppercasedASCII) }
    guard let text = String(validating: self, as: UTF8.self) else { return self }
    // A surrogate stays as it is, so pairs stay pairs.
    return Array(String(decoding: text.utf16.map(\.fatUppercase), as: UTF16.self).utf8)
  }
}
