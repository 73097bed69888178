import Bytes
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import BaseImage

/// The program with a recipe whose image is a presigned URL.
@Suite(.enabled(if: Tool.arePresent("python3", "mke2fs", "mcopy", "sfdisk"), "what builds the stand-in is missing"))
struct BuildByURLTests {
  private static let secret = "5ecre7"

  @Test func `two builds at once fetch the image once, and tell nobody what is secret in its URL`() async throws {
    let image = try FileSource(await Fixture.image("--plain", "--format", "gz", "tiny"))
    let content = try image.read(at: 0, count: image.size)
    let site = try await DownloadSite(#"[{"etag": "\"one\"", "pace": 0.02}]"#, content: content)
    let secret = Self.secret
    let url = site.server.url(
      "/stock.img.gz?X-Amz-Credential=me&X-Amz-Signature=" + String(repeating: secret, count: 300) + "#\(secret)",
      user: "me:\(secret)@")
    let recipe = """
      recipe_version = 1
      fleet_seed = "test test"
      node.name = "n1"
      node.mac = "dc:a6:32:01:02:01"
      image.url = "\(url)"
      image.sha256 = "\(site.sha256)"
      boot.from = "tftp"
      root.on = "usb"
      """
    let result = try await Tool.run(
      "bash",
      [
        "-c",
        """
        cd '\(site.folder.path)'
        cat > r.toml <<'END'
        \(recipe)
        END
        pibake='\(Fixture.program("pibake"))'
        for n in 1 2; do "$pibake" build r.toml --cache cache --output out$n > log$n 2>&1 & done
        wait -n && wait -n || { cat log*; exit 1; }
        diff -r out1 out2 || exit 1
        "$pibake" cache list --cache cache > list
        sed "s/sha256 = .*/sha256 = '\(String(repeating: "0", count: 64))'/" r.toml > wrong.toml
        ! "$pibake" build wrong.toml --cache cache --output out3 > log3 2>&1
        # Disks are large, and what is in them is not of the recipe's URL.
        find log* list cache/downloads cache/inputs out1 -name '*.img' -prune -o -print -type f -exec cat {} + > seen
        cat log* list; grep -c \(secret) seen
        exit 0
        """,
      ])
    let lines = result.standardOutput.split(separator: "\n")
    try #require(result.status == 0, "\(result.output)")
    #expect(lines.last == "0", "\(lines)")
    let bare = site.server.url("/stock.img.gz")
    #expect(lines.filter { $0.hasPrefix("\(bare): downloaded") }.count == 1, "\(lines)")
    #expect(lines.filter { $0.contains("\(bare): another process is downloading it") }.count == 1, "\(lines)")
    #expect(lines.contains { $0.contains("\(bare): its SHA-256 is \(site.sha256), and the recipe") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("download\t") && $0.hasSuffix("-stock.img.gz") }, "\(lines)")
    #expect(site.count == 2)
  }
}
