import Recipe
import TestSupport
import Testing

@Suite struct FleetSeedTests {
  @Test func `what is made is taken, and a slip of one digit is found`() throws {
    let made = FleetSeed.random()
    #expect(try FleetSeed(made).isMachineMade && made != FleetSeed.random())
    for index in made.indices.dropFirst("pibake1-".count) {
      var wrong = Array(made)
      let place = made.distance(from: made.startIndex, to: index)
      wrong[place] = wrong[place] == "0" ? "1" : "0"
      #expect(throws: FleetSeed.Problem.self) { try FleetSeed(String(wrong)) }
    }
    #expect(throws: FleetSeed.Problem.self) { try FleetSeed(String(made.dropLast())) }
    // However it was copied, it is the same seed.
    for copy in [made.uppercased(), " \(made) "] { #expect(try FleetSeed(copy) == FleetSeed(made)) }
    #expect(try !FleetSeed("a long text that nobody guesses").isMachineMade)
  }

  @Test func `no message and no dump shows it`() throws {
    let seed = try FleetSeed("correct horse battery")
    #expect(
      !"\(seed) \(String(reflecting: seed)) \(Mirror(reflecting: seed).children.map { "\($0)" })".contains("horse"))
  }

  @Test func `it comes from a file or the environment, and one of both`() throws {
    let seed = FleetSeed.random()
    let folder = try RecipeFolder([
      "fleet.seed": seed + "\n", "a.toml": "fleet_seed_file = \"fleet.seed\"\nnode.name = \"nog\"",
      "b.toml": "extends = \"a.toml\"\nfleet_seed = \"another text\"\nnode.name = \"jake\"",
      "c.toml": "fleet_seed = \"x y z x y z\"\nfleet_seed_file = \"fleet.seed\"\nnode.name = \"nog\"",
    ])
    #expect(try folder.load("a.toml").nodes.map(\.fleetSeed) == [FleetSeed(seed)])
    #expect(try folder.load("b.toml").nodes.map(\.fleetSeed) == [FleetSeed("another text")])
    let both = folder.load("c.toml").problems.map { "\($0)" }
    #expect(both.contains { $0.contains("fleet_seed and fleet_seed_file cannot both be given") })
    #expect(!both.contains { $0.contains("x y z") })
  }

  @Test func `several nodes without a seed are told so, once`() throws {
    let folder = try RecipeFolder([
      "two.toml": "[[nodes]]\nname = \"nog\"\n[[nodes]]\nname = \"jake\"", "one.toml": "node.name = \"nog\"",
    ])
    let problems = folder.load("two.toml").problems.filter { "\($0)".contains("2 nodes and no fleet seed") }
    #expect(problems.count == 1 && problems.allSatisfy { $0.severity == .warning })
    #expect(folder.load("one.toml").problems.isEmpty)
  }
}
