extension FixedWidthInteger {
  /// All digits of the number in base 16, lower case, leading zeros too.
  package var hexDigits: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
  }
}

extension UInt32 {
  /// The serial of a FAT as blkid shows it: four upper-case hexadecimal digits, a hyphen, and four more.
  package var fatUUID: String {
    let digits = hexDigits.uppercased()
    return "\(digits.prefix(4))-\(digits.suffix(4))"
  }
}
