extension Form<DiskSize> {
  /// "fit", or a number and its unit.
  static var diskSize: Form {
    text("\"fit\" or a size such as \"8GiB\", a multiple of 512 bytes, at most 16TiB") { text in
      if text == "fit" { return .fit }
      // The blocks of 4 KiB of an ext4 without the feature 64bit are numbered with 32 bits.
      guard let bytes = byteCount(text), bytes.isMultiple(of: 512), bytes <= 1 << 44 else { return nil }
      return .bytes(bytes)
    }
  }

  /// The units as truncate(1) has them: K, M, G, T alone are binary.
  private static func byteCount(_ text: String) -> Int? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard !digits.isEmpty, let number = Int(digits), number > 0 else { return nil }
    let units = ["K", "M", "G", "T"]
    for (index, unit) in units.enumerated() {
      let base: Int
      switch text.dropFirst(digits.count) {
      case "\(unit)", "\(unit)iB": base = 1024
      case "\(unit)B": base = 1000
      default: continue
      }
      let size = repeatElement(base, count: index + 1).reduce(1, *)
      let (bytes, overflow) = number.multipliedReportingOverflow(by: size)
      return overflow ? nil : bytes
    }
    return nil
  }
}

extension Form<String> {
  /// The file system of the root.
  static var filesystem: Form {
    Form(.choice(["ext4"])) { setting in
      guard case .string(let text) = setting.content else { return .failure(.kind("a string", setting)) }
      switch text {
      case "ext4": return .success(text)
      case "btrfs":
        // What mkfs.btrfs --rootdir of btrfs-progs 6.2 does to devices and sparse files; only 6.12 and later are right.
        let reason = "Debian's mkfs.btrfs makes every device 0:0 and fills holes"
        return .failure(
          Mismatch(
            found: "\"btrfs\"",
            message: "is refused: \(reason); a server's btrfs takes [output] tree = \"btrfs-stream\"",
            joint: " "))
      case "f2fs", "xfs": return .failure(.unsupported("\"\(text)\""))
      default: return .failure(Mismatch(quoting: text, "expected \"ext4\""))
      }
    }
  }

  /// A line of config.txt. The firmware reads 98 characters of it and drops the rest.
  static var configLine: Form { text("one line of at most 98 characters") { $0.isLine && $0.utf8.count <= 98 } }

  /// A word of cmdline.txt. A space within quotes is not among what Raspberry Pi OS needs.
  static var kernelParameter: Form {
    text("one word without blanks") { !$0.isEmpty && $0.isLine && !$0.contains(" ") }
  }
}
