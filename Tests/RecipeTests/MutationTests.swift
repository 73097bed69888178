import TestSupport
import Testing

@testable import Recipe

@Suite struct `Mutated recipes` {
  private static let original = """
    recipe_version = 1
    extends = "base.toml"
    fleet_seed = "seed seed"
    [image]
    path = "a.img"
    [server]
    address = "192.168.7.1"
    subnet = "192.168.7.0/24"
    [users.x]
    [boot]
    from = "tftp"
    config_txt = ["dtparam=i2c=on"]
    cmdline = { add = ["quiet"], remove = ["splash"] }
    [root]
    on = "nfs"
    size = "8GiB"
    [[files]]
    path = "/etc/motd"
    content = "{{node.name}}"
    template = true
    mode = 0o644
    [[nodes]]
    name = "nog"
    mac = "dc:a6:32:01:02:03"
    [nodes.user]
    name = "ben"
    password_hash = "$6$salt$hash"
    uid = 1000
    [[nodes]]
    name = "ordo"
    serial = "9ffefdef"
    """

  @Test(arguments: [1, 2] as [UInt64])
  func `end in nodes or in errors with their places`(_ seed: UInt64) throws {
    var random = SplitMix64(seed)
    let folder = try RecipeFolder(["base.toml": "[user]\nname = \"ben\"\ngroups = [\"sudo\"]", "a.toml": ""])
    let words = Self.original.split(whereSeparator: \.isWhitespace).map(String.init)
    for _ in 0..<Fuzzing.rounds(600) {
      var lines = Self.original.split(separator: "\n").map(String.init)
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let index = Int.random(in: 0..<lines.count, using: &random)
        let word = words.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<5, using: &random) {
        case 0: lines[index] = String(lines[index].prefix(Int.random(in: 0...10, using: &random)))
        case 1: lines.swapAt(index, Int.random(in: 0..<lines.count, using: &random))
        case 2: lines[index] = String(lines[index].prefix { $0 != "=" }) + "= " + word
        case 3: lines[index] = String(lines[index].dropLast()) + word
        default: lines[index] += "\n" + (lines.randomElement(using: &random) ?? "")
        }
      }
      try folder.write("a.toml", Array(lines.joined(separator: "\n").utf8))
      let result = folder.load("a.toml")
      #expect(result.isSound == !result.nodes.isEmpty, "\(folder.problems(result))")
    }
  }
}
