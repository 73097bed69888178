import SystemPackage
import Testing

@testable import Recipe

@Suite struct `The example recipes` {
  private static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().appending("recipes")

  private static func load(_ names: String...) -> RecipeResult {
    RecipeLoader.load(paths: names.map { folder.appending("\($0).toml") })
  }

  @Test func `load together without a problem`() {
    let result = Self.load("nog", "ordo", "mandalore", "solo")
    // An example cannot hold a secret.
    #expect(result.problems.count == 1 && result.problems[0].description.contains("4 nodes and no fleet seed"))
    #expect(result.nodes.map(\.name.description) == ["nog", "ordo", "mandalore", "solo"])
  }

  @Test(
    arguments: [
      ("nog", .tftp, .usb), ("ordo", .tftp, .nfs), ("mandalore", .card, .usb), ("solo", .disk, .disk),
    ] as [(String, BootSettings.Source, RootSettings.Place)])
  func `boot from where they say`(_ name: String, _ boot: BootSettings.Source, _ root: RootSettings.Place) throws {
    let node = try #require(Self.load(name).nodes.first)
    #expect(node.boot.from == boot)
    #expect(node.root.on == root)
    #expect(node.system.hostname.description == name)
  }

  @Test func `say everything that nog is`() throws {
    let nog = try #require(Self.load("nog").nodes.first)
    #expect(nog.mac?.tftpFolder == "dc-a6-32-01-02-03")
    #expect(nog.root.diskID?.description == "c1f95d14")
    #expect(nog.root.size == .fit)
    #expect(nog.image.sha256?.hasPrefix("acff736c") == true)
    #expect(nog.server?.address == "192.168.7.1")
    #expect(nog.users.map(\.name) == ["ben"])
    #expect(nog.users.first?.groups.map(\.value) == ["sudo", "video"])
    #expect(nog.ssh.authorizedKeys.count == 1)
    #expect(nog.locale.lang?.value == "de_AT.UTF-8")
    guard case .hash(let hash)? = nog.users.first?.password else {
      Issue.record("no hash")
      return
    }
    #expect(hash.exposed.hasPrefix("$y$"))
    #expect("\(nog)".contains(hash.exposed) == false)
  }

  @Test func `hold no node in what they share`() {
    let file = Self.folder.appending("cluster.toml").string
    #expect(
      Self.load("cluster").problems.map(\.description) == [
        "error: \(file) names no node: add [node] with a name, or [[nodes]], or give a recipe that extends it"
      ])
  }
}
