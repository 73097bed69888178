import Bytes

/// The blocks of a PEM text (RFC 7468): `-----BEGIN LABEL-----`, bytes in base64, `-----END LABEL-----`. What stands
/// between blocks is a comment.
struct PEMText {
  struct Block: Equatable {
    /// "CERTIFICATE", "PUBLIC KEY" …
    let label: String
    /// The decoded bytes. `holdsPrivateKey` is asked first: they may be a secret.
    let bytes: [UInt8]
  }

  /// Why a text cannot be read: the end of a sentence, which shows nothing of the text but labels.
  struct Problem: Error {
    let message: String
  }

  /// The blocks in their order.
  let blocks: [Block]

  /// Whether `text` has the first line of a private key, of whatever kind, even in the middle of a line.
  static func holdsPrivateKey(_ text: [UInt8]) -> Bool {
    String(decoding: text, as: UTF8.self).contains("PRIVATE KEY-----")
  }

  /// Reads a text.
  ///
  /// - Throws: `Problem` if a block does not end, or is no base64.
  init(_ text: [UInt8]) throws(Problem) {
    var blocks: [Block] = []
    var open: (label: String, text: [UInt8])?
    for line in TextFile(text).lines {
      let line = String(decoding: line, as: UTF8.self).trimmed
      if let label = PEMText.label(of: line, "BEGIN") {
        if let open { throw Problem(message: "its block \(open.label.printable) does not end") }
        open = (label, [])
      } else if let label = PEMText.label(of: line, "END") {
        guard let block = open, block.label == label else {
          throw Problem(message: "a block \(label.printable) ends that does not begin")
        }
        guard let bytes = [UInt8].decoding(base64: block.text), !bytes.isEmpty else {
          throw Problem(message: "its block \(label.printable) is no base64")
        }
        blocks.append(Block(label: label, bytes: bytes))
        open = nil
      } else {
        open?.text += line.utf8
      }
    }
    if let open { throw Problem(message: "its block \(open.label.printable) does not end") }
    self.blocks = blocks
  }

  /// The label of the line `-----BEGIN LABEL-----`; nil if `line` is none with `word`.
  private static func label(of line: String, _ word: String) -> String? {
    let start = "-----\(word) "
    guard line.hasPrefix(start), line.hasSuffix("-----"), line.utf8.count > start.utf8.count + 5 else { return nil }
    return String(line.dropFirst(start.count).dropLast(5))
  }

  /// `bytes` as a block of certificates, 64 characters a line.
  static func certificate(_ bytes: [UInt8]) -> String {
    let text = bytes.base64
    let lines = stride(from: 0, to: text.count, by: 64).map {
      String(decoding: text[$0..<min($0 + 64, text.count)], as: UTF8.self)
    }
    return (["-----BEGIN CERTIFICATE-----"] + lines + ["-----END CERTIFICATE-----", ""]).joined(separator: "\n")
  }
}
