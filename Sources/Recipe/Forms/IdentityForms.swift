import Bytes
import SystemPackage

extension Form<HostName> {
  /// The name of a node or host.
  static var hostName: Form {
    text("a host name: letters, digits and inner hyphens, at most 63") { HostName($0) }
  }
}

extension Form<MACAddress> {
  /// A hardware address.
  static var mac: Form { text("six two-digit hex groups") { MACAddress($0) } }
}

extension Form<DiskID> {
  /// The signature of an MBR.
  static var diskID: Form { text("eight hex digits, not all zero") { DiskID($0) } }
}

extension Form<SystemSettings.MachineID> {
  /// machine-id(5), or where it comes from.
  static var machineID: Form {
    text("\"derived\", \"first-boot\" or 32 hex digits, not all zero") { text in
      switch text {
      case "derived": return .derived
      case "first-boot": return .firstBoot
      default:
        guard let bytes = [UInt8](hex: text), bytes.count == 16, !bytes.allSatisfy({ $0 == 0 }) else { return nil }
        return .given(bytes.hex)
      }
    }
  }
}

extension Form<String> {
  /// A serial number as /proc/cpuinfo (16 digits) or the firmware (8) shows it; the firmware asks TFTP by the last eight.
  static var serial: Form {
    text("eight or sixteen hex digits") { text in
      guard let bytes = [UInt8](hex: text.hasPrefix("0x") ? text.dropFirst(2) : text[...]) else { return nil }
      return bytes.count == 4 || bytes.count == 8 ? bytes.suffix(4).map(\.self).hex : nil
    }
  }

  /// A word by which operators name boards or groups of nodes.
  static var word: Form {
    text("a word of letters, digits, '.', '_' and '-'") { !$0.isEmpty && $0.consistsOfLettersDigits(and: "._-") }
  }

  /// A SHA-256 in hexadecimal.
  static var sha256: Form { text("the 64 hex digits of a SHA-256") { SHA256Digest(hex: $0)?.description } }

  /// Where an image can be fetched. A message shows it without what may be secret in it.
  static var url: Form {
    Form(.text(), "an http, https or file URL") { setting in
      guard case .string(let text) = setting.content else { return .failure(.kind("a string", setting)) }
      let scheme = ["https://", "http://", "file://"].first { text.hasPrefix($0) }
      let isURL = scheme != nil && text != scheme && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
      return isURL ? .success(text) : .failure(Mismatch(quoting: text.bareURL, "expected an http, https or file URL"))
    }
  }
}

extension Form<FilePath> {
  /// The path of an image on this machine, and not the URL of one, which may hold a password.
  static var imagePath: Form {
    Form(.text(), "a path") { setting in
      guard case .string(let text) = setting.content, text.contains("://") else { return path.read(setting) }
      return .failure(Mismatch(quoting: text.bareURL, "this is a URL: write [image] url"))
    }
  }
}
