import Bytes
import Testing

@testable import Recipe

@Suite struct NodeSelectionTests {
  private func nodes() throws -> [NodeRecipe] {
    // Not in the order of their names: shards go by name.
    let names = ["n3", "n1", "n5", "n2", "n4"]
    let tables = names.map { "[[nodes]]\nname = \"\($0)\"\n" }.joined()
    let folder = try RecipeFolder(["fleet.toml": "recipe_version = 1\n[image]\npath = \"x.img\"\n\(tables)"])
    return folder.load("fleet.toml").nodes
  }

  private func names(_ names: [String]? = nil, _ shard: String? = nil) throws -> [String] {
    let selection = NodeSelection(names: names, shard: shard.flatMap(NodeSelection.Shard.init))
    return try selection.of(try nodes()).map { "\($0.name)" }
  }

  @Test func `takes all, or those that are named, in the recipe's order`() throws {
    #expect(try names() == ["n3", "n1", "n5", "n2", "n4"])
    #expect(try names(["n2", "n3"]) == ["n3", "n2"])
  }

  @Test func `names the nearest node where one is not there`() throws {
    let error = #expect(throws: (any Error).self) { try names(["nn1"]) }
    let failure = try #require(error as? any Failure)
    #expect(failure.kind == .usage && "\(failure)" == "--only: no node is called 'nn1'; did you mean 'n1'?")
  }

  @Test func `divides the nodes among shards, each to one`() throws {
    for count in 1...7 {
      let shards = try (1...count).map { try names(nil, "\($0)/\(count)") }
      #expect(shards.joined().sorted() == ["n1", "n2", "n3", "n4", "n5"])
    }
    #expect(try names(nil, "2/3") == ["n5", "n2"])
    #expect(try names(["n5", "n1", "n2"], "1/2") == ["n1", "n5"])
  }

  @Test(arguments: ["0/3", "4/3", "1/0", "1", "a/b", "1/2/3", "-1/2", "", "/", "9223372036854775808/2"])
  func `is refused where a shard is none`(text: String) { #expect(NodeSelection.Shard(text) == nil) }
}
