import Bytes
import FileTree
import Recipe

// `[ca_certificates]`: what update-ca-certificates(8) of Debian does. Its hooks, such as Java's, need the node.
extension NodeSystem {
  private static let localFolder: TreePath = "usr/local/share/ca-certificates"
  private static let trustFolder: TreePath = "etc/ssl/certs"

  /// Stores the certificates of the recipe and builds the image's trust store anew.
  mutating func editCACertificates(_ settings: CACertificateSettings) throws(RaspberryPiOSError) {
    guard !settings.sources.isEmpty else { return }
    if !root.has("usr/sbin/update-ca-certificates") {
      warn("[ca_certificates]: the image has no package ca-certificates, so that the node trusts no other authority")
    }
    var names: Set<String> = []
    for source in settings.sources {
      guard NodeSystem.isCertificateName(source.name) else {
        throw .recipe(
          "[ca_certificates] \"\(source.name.printable)\": expected a name for a file, without \"/\"",
          place: source.place)
      }
      for (index, certificate) in try certificates(of: source).enumerated() {
        let name = index == 0 ? source.name : "\(source.name)-\(index + 1)"
        guard names.insert(name).inserted else {
          throw .recipe("[ca_certificates] two certificates have the name \"\(name)\"", place: source.place)
        }
        try root.write(
          PEMText.certificate(certificate.bytes), to: NodeSystem.localFolder.appending(text: "\(name).crt"), time: time)
      }
    }
    let local = localCertificates()
    try writeBundle(local)
    for path in local { try linkCertificate(path) }
  }

  private mutating func certificates(
    of source: CACertificateSettings.Source
  ) throws(RaspberryPiOSError) -> [Certificate] {
    let subject = "[ca_certificates] \"\(source.name)\""
    let text = try text(of: source)
    guard !PEMText.holdsPrivateKey(text) else {
      throw .recipe(
        "\(subject) holds a private key, which is for the authority alone", place: source.place,
        hint: "give the certificate without its key, and let nobody have the file as it is")
    }
    let blocks: [PEMText.Block]
    do throws(PEMText.Problem) { blocks = try PEMText(text).blocks } catch {
      throw .recipe("\(subject): \(error.message)", place: source.place)
    }
    guard !blocks.isEmpty else {
      throw .recipe(
        "\(subject) holds no certificate in PEM", place: source.place,
        hint: "openssl x509 -inform DER -in FILE -out FILE.pem makes PEM of DER")
    }
    var certificates: [Certificate] = []
    for block in blocks {
      guard ["CERTIFICATE", "X509 CERTIFICATE"].contains(block.label) else {
        throw .recipe("\(subject) holds a \(block.label.printable): expected certificates", place: source.place)
      }
      guard let certificate = Certificate(block.bytes, at: time.seconds) else {
        throw .recipe("\(subject): certificate \(certificates.count + 1) cannot be read", place: source.place)
      }
      certificates.append(certificate)
      if certificate.isExpired { warn("\(subject): certificate \(certificates.count) has expired", at: source.place) }
      if !certificate.isAuthority {
        warn("\(subject): certificate \(certificates.count) is that of no authority", at: source.place)
      }
    }
    return certificates
  }

  private func text(of source: CACertificateSettings.Source) throws(RaspberryPiOSError) -> [UInt8] {
    switch source.location {
    case .inline(let text): return Array(text.utf8)
    case .file(let path):
      guard case .file(let content) = try imported(path, place: source.place).inode.body else {
        throw .recipe("[ca_certificates] \(path): expected a file", place: source.place)
      }
      do { return try content.read(limit: TextFile.sizeLimit) } catch { throw .io(error) }
    }
  }

  private static func isCertificateName(_ name: String) -> Bool {
    guard let first = name.first, first != ".", first != "-" else { return false }
    return name.utf8.count <= 200 && !name.contains("/") && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  /// The administrator's certificates, those of folders within as well, in the order of their paths.
  private func localCertificates() -> [TreePath] {
    var found: [TreePath] = []
    var open = [(NodeSystem.localFolder, 0)]
    while let (folder, depth) = open.popLast() {
      for name in root.names(in: folder) {
        let path = folder.appending(name)
        switch root.inode(at: path)?.body {
        // A link to a folder above would never end.
        case .directory? where depth < 8: open.append((path, depth + 1))
        case .file? where name.bytes.suffix(4).elementsEqual(".crt".utf8): found.append(path)
        default: break
        }
      }
    }
    return found.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Writes all certificates that the node trusts into one file: those that ca-certificates.conf names, then the
  /// administrator's.
  private mutating func writeBundle(_ local: [TreePath]) throws(RaspberryPiOSError) {
    var paths: [TreePath] = []
    if let list = try root.text(at: "etc/ca-certificates.conf") {
      for index in list.indices where !list[index].isEmpty && !"#!".contains(list[index].prefix(1)) {
        if let path = TreePath("usr/share/ca-certificates/\(list[index])") { paths.append(path) }
      }
    }
    var bundle: [UInt8] = []
    for path in paths + local {
      guard let text = try root.bytes(at: path) else { continue }
      bundle += text
      if let last = text.last, last != 0x0A { bundle.append(0x0A) }
    }
    try root.write(bundle, to: NodeSystem.trustFolder.appending(text: "ca-certificates.crt"), time: time)
  }

  /// Makes the links NAME.pem and HASH.N of a certificate, as `openssl rehash` numbers them.
  private mutating func linkCertificate(_ path: TreePath) throws(RaspberryPiOSError) {
    guard let name = path.names.last?.description.dropLast(4), let text = try root.bytes(at: path),
      let certificate = onlyCertificate(text)
    else { return }
    let replaced = name.map { " ,".contains($0) ? "_" : "()".contains($0) ? "=" : String($0) }.joined()
    let link = "\(replaced).pem"
    let target = String(decoding: path.bytes, as: UTF8.self)
    try root.link(NodeSystem.trustFolder.appending(text: link), to: target, time: time)
    for number in 0..<256 {
      let place = NodeSystem.trustFolder.appending(text: "\(certificate.subjectHash).\(number)")
      guard let other = root.inode(at: place, followingLast: false) else {
        return try root.link(place, to: link, time: time)
      }
      if case .symlink(Array(link.utf8)) = other.body { return }
      if let text = try root.bytes(at: place), onlyCertificate(text)?.bytes == certificate.bytes { return }
    }
  }

  /// The certificate of a text with exactly one; OpenSSL makes no link to others.
  private func onlyCertificate(_ text: [UInt8]) -> Certificate? {
    guard let blocks = (try? PEMText(text))?.blocks, blocks.count == 1 else { return nil }
    return Certificate(blocks[0].bytes, at: time.seconds)
  }
}
