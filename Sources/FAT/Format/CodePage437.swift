/// The characters of short names: those of the first IBM PC, which Linux and mtools assume too.
enum CodePage437 {
  /// The UTF-16 units of the bytes from 0x80 on.
  private static let upperHalf: [UInt16] = Array(
    ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
      + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").utf16)

  /// The UTF-16 unit of `byte`.
  static func unit(of byte: UInt8) -> UInt16 {
    byte < 0x80 ? UInt16(byte) : upperHalf[Int(byte) - 0x80]
  }

  /// The UTF-16 unit of the lower-case form of `byte`, where the code page has one: a name that was folded to it.
  static func lowercaseUnit(of byte: UInt8) -> UInt16 {
    if byte < 0x80 { return UInt16((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) }
    let unit = unit(of: byte)
    guard let scalar = Unicode.Scalar(unit), let lower = scalar.properties.lowercaseMapping.utf16.first,
      upperHalf.contains(lower)
    else { return unit }
    return lower
  }
}
