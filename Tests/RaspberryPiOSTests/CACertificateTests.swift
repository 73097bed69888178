import Bytes
import FileTree
import Recipe
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

@Suite(.enabled(if: Tool.arePresent("openssl"), "openssl is missing"))
struct CACertificateTests {
  /// After the days on which the certificates of these tests begin, before the one on which they end.
  private static let now = Timestamp(seconds: 1_900_000_000)

  /// Makes an authority called `name`: its certificate and key in PEM.
  private func authority(
    _ name: String, in folder: TemporaryFolder, days: Int = 20000, isAuthority: Bool = true
  ) async throws -> (certificate: String, key: String) {
    let (file, key) = (folder.appending("\(name).crt").string, folder.appending("\(name).key").string)
    let made = try await Tool.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/O=Fleet/CN=\(name)",
        "-days", "\(days)", "-keyout", key, "-out", file, "-addext", "basicConstraints=critical,CA:\(isAuthority)",
      ])
    try #require(made.status == 0, "\(made.output)")
    return (try await text(file), try await text(key))
  }

  private func text(_ path: String) async throws -> String { try await Tool.run("cat", [path]).standardOutput }

  private func source(_ name: String, _ text: String) -> CACertificateSettings.Source {
    .init(name: name, location: .inline(text), place: place(6))
  }

  private func node(
    _ stock: StockTrees, _ sources: [CACertificateSettings.Source], time: Timestamp = now
  ) throws -> (trees: StockTrees, warnings: [String]) {
    try stock.afterStep(of: recipe(), time: time) { system throws(RaspberryPiOSError) in
      try system.editCACertificates(CACertificateSettings(sources: sources))
    }
  }

  /// Trees with a package ca-certificates of these authorities, the second of which is not trusted.
  private func stock(_ first: String, _ second: String) async throws -> StockTrees {
    var stock = try StockTrees(.bookworm)
    try stock.put("usr/sbin/update-ca-certificates", "#!/bin/sh -e\n", mode: 0o755)
    try stock.put("usr/share/ca-certificates/mozilla/First.crt", first)
    try stock.put("usr/share/ca-certificates/mozilla/Second.crt", second)
    try stock.put("etc/ca-certificates.conf", "# comment\n\nmozilla/First.crt\n!mozilla/Second.crt\nmozilla/Gone.crt\n")
    try stock.link("etc/ssl/certs/First.pem", "/usr/share/ca-certificates/mozilla/First.crt")
    let hash = try #require(
      Certificate(try PEMText(Array(first.utf8)).blocks[0].bytes, at: Self.now.seconds)?.subjectHash)
    try stock.link(TreePath("etc/ssl/certs").appending(text: "\(hash).0"), "First.pem")
    try stock.put("etc/ssl/certs/ca-certificates.crt", first)
    return stock
  }

  @Test(.enabled(if: Tool.arePresent("update-ca-certificates"), "update-ca-certificates is missing"))
  func `the trust store is that of update-ca-certificates`() async throws {
    let folder = try TemporaryFolder()
    var pems: [String] = []
    for name in ["First", "Second", "Fleet Root (2026), new", "Twin"] {
      pems.append(try await authority(name, in: folder).certificate)
    }
    // Another certificate of the same subject has the same hash.
    let twin = try TemporaryFolder()
    pems.append(try await authority("Twin", in: twin).certificate)
    let stock = try await stock(pems[0], pems[1])
    let (node, warnings) = try node(
      stock, [source("Fleet Root (2026), new", pems[2]), source("twins", "comment\n" + pems[3] + pems[4])])
    #expect(warnings.isEmpty)

    let (local, store) = (folder.appending("local"), folder.appending("certs"))
    for path in [local, store, folder.appending("share"), folder.appending("hooks")] { try makeFolder(path) }
    try stock.root.write("usr/share/ca-certificates", to: folder.appending("share"))
    try write(try #require(try stock.root.string("etc/ca-certificates.conf")), to: folder.appending("list"))
    try node.root.write("usr/local/share/ca-certificates", to: local)
    let run = try await Tool.run(
      "update-ca-certificates",
      [
        "--certsconf", folder.appending("list").string, "--certsdir", folder.appending("share").string,
        "--localcertsdir", local.string, "--etccertsdir", store.string, "--hooksdir", folder.appending("hooks").string,
      ])
    try #require(run.status == 0, "\(run.output)")
    let listed = try await Tool.run("sh", ["-c", "cd \(store) && for f in *; do echo \"$f $(readlink \"$f\")\"; done"])
    let theirs = listed.standardOutput.split(separator: "\n").map {
      $0.trimmed.replacing("\(local)/", with: "/usr/local/share/ca-certificates/")
        .replacing("\(folder.appending("share"))/", with: "/usr/share/ca-certificates/")
    }
    let names = node.root.names(in: "etc/ssl/certs").map(\.description)
    let ours = names.map { name in
      guard
        case .symlink(let target)? = node.root.inode(
          at: TreePath("etc/ssl/certs").appending(text: name), followingLast: false)?.body
      else { return name }
      return "\(name) \(String(decoding: target, as: UTF8.self))"
    }
    #expect(ours.sorted() == theirs.sorted())
    #expect(
      try node.root.string("etc/ssl/certs/ca-certificates.crt") == (try await text("\(store)/ca-certificates.crt")))
  }

  @Test func `openssl trusts what the authority signed, by folder and by bundle`() async throws {
    let folder = try TemporaryFolder()
    let (root, first) = (try await authority("root", in: folder), try await authority("first", in: folder))
    let (node, _) = try node(try await stock(first.certificate, first.certificate), [source("root", root.certificate)])
    try makeFolder(folder.appending("store"))
    try node.root.write("etc/ssl/certs", to: folder.appending("store"))
    let signed = try await Tool.run(
      "sh",
      [
        "-ec",
        """
        cd \(folder.path)
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=nog -keyout leaf.key -out leaf.csr
        openssl x509 -req -in leaf.csr -CA root.crt -CAkey root.key -CAcreateserial -days 100 -out leaf.crt
        openssl verify -no-CAfile -CApath store leaf.crt
        openssl verify -no-CApath -CAfile store/ca-certificates.crt leaf.crt
        openssl x509 -noout -hash -in root.crt
        """,
      ])
    #expect(signed.status == 0, "\(signed.output)")
    #expect(signed.standardOutput.contains("leaf.crt: OK\nleaf.crt: OK\n"))
    let hash = String(signed.standardOutput.split(separator: "\n").last ?? "")
    #expect(node.root.has(TreePath("etc/ssl/certs").appending(text: "\(hash).0")))
  }

  @Test func `a certificate that the image trusts already gets no second link`() async throws {
    let folder = try TemporaryFolder()
    let pem = try await authority("first", in: folder).certificate
    let (node, _) = try node(try await stock(pem, pem), [source("again", pem)])
    let links = node.root.names(in: "etc/ssl/certs").map(\.description).filter {
      $0.hasSuffix(".0") || $0.hasSuffix(".1")
    }
    #expect(links.count == 1)
  }

  @Test func `a private key is refused, and no message shows it`() async throws {
    let folder = try TemporaryFolder()
    let (certificate, key) = try await authority("root", in: folder)
    for text in [certificate + key, key, "x " + key.replacing("\n", with: " ")] {
      let error = #expect(throws: RaspberryPiOSError.self) {
        try node(StockTrees(.bookworm), [source("root", text)])
      }
      #expect(error?.said.hasPrefix("nog.toml:6:1: [ca_certificates] \"root\" holds a private key") == true)
      let secret = key.split(separator: "\n")[1].prefix(20)
      #expect(error?.said.contains(secret) == false && error?.hint?.contains(secret) == false)
    }
  }

  @Test func `an expired certificate, and one of no authority, are told`() async throws {
    let folder = try TemporaryFolder()
    let pem = try await authority("leaf", in: folder, days: 1, isAuthority: false).certificate
    let (_, warnings) = try node(StockTrees(.bookworm), [source("leaf", pem)])
    #expect(
      warnings == [
        "[ca_certificates]: the image has no package ca-certificates, so that the node trusts no other authority",
        "nog.toml:6:1: [ca_certificates] \"leaf\": certificate 1 has expired",
        "nog.toml:6:1: [ca_certificates] \"leaf\": certificate 1 is that of no authority",
      ])
  }

  @Test(
    arguments: [
      "", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n",
      "-----BEGIN CERTIFICATE-----\nA!\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n-----END X-----\n",
      "\u{0}\u{1}0\u{82}",
    ])
  func `what is no certificate is refused at its place`(text: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) { try node(StockTrees(.bookworm), [source("x", text)]) }
    #expect(error?.kind == .usage)
    #expect(error?.said.hasPrefix("nog.toml:6:1: [ca_certificates] \"x\"") == true)
  }

  @Test(arguments: ["", "a/b", "..", ".x", "-x", "a\nb"])
  func `what is no name of a file is refused`(name: String) throws {
    #expect(throws: RaspberryPiOSError.self) { try node(StockTrees(.bookworm), [source(name, "")]) }
  }

  @Test func `two certificates of one name are refused, and bytes after a certificate too`() async throws {
    let folder = try TemporaryFolder()
    let pem = try await authority("root", in: folder).certificate
    #expect(throws: RaspberryPiOSError.self) {
      try node(StockTrees(.bookworm), [source("a", pem + pem), source("a-2", pem)])
    }
    let bytes = try PEMText(Array(pem.utf8)).blocks[0].bytes
    #expect(Certificate(bytes, at: 0) != nil)
    #expect(Certificate(bytes + [0], at: 0) == nil)
    #expect(Certificate(bytes.dropLast(), at: 0) == nil)
    #expect(Certificate([], at: 0) == nil)
  }

  @Test func `a file beside the recipe is read`() async throws {
    let folder = try TemporaryFolder()
    let pem = try await authority("root", in: folder).certificate
    let time = StockTrees.stockTime
    var tree = FileTree(inode: Inode(mode: 0o755, time: time, body: .directory(Directory())))
    try tree.write(pem, to: "root.pem", time: time)
    let made = tree
    let (node, _) = try StockTrees(.bookworm).afterStep(of: recipe(), time: Self.now, importing: { _ in made }) {
      system throws(RaspberryPiOSError) in
      try system.editCACertificates(
        CACertificateSettings(sources: [.init(name: "root", location: .file("root.pem"))]))
    }
    #expect(try node.root.string("usr/local/share/ca-certificates/root.crt") == pem)
    #expect(try node.root.string("etc/ssl/certs/root.pem") == pem)
  }
}
