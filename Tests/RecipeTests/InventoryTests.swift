import Testing

@testable import Recipe

struct InventoryTests {
  private let recipe = """
    recipe_version = 1
    nodes_from = "rack.csv"
    [image]
    path = "x.img"
    [server]
    address = "192.168.7.1"
    [boot]
    from = "tftp"
    [root]
    on = "usb"

    """

  private func load(_ inventory: String) throws -> (nodes: [NodeRecipe], problems: [String]) {
    let folder = try RecipeFolder(["fleet.toml": recipe, "rack.csv": inventory])
    let result = folder.load("fleet.toml")
    return (result.nodes, folder.problems(result))
  }

  @Test func `each line is a node, each column a key`() throws {
    let (nodes, problems) = try load(
      "\u{FEFF}name,mac,root.disk_id,image.boot_partition,tags,ssh.enabled,boot.config_txt\r\n"
        + "nog,dc:a6:32:01:02:03,c1f95d14,1,\"gpu; rack1\",true,\"# \"\"quoted\"\", second\"\r\n"
        + "\r\nordo,dc:a6:32:01:02:04,,,,false,\n")
    #expect(problems.allSatisfy { $0.contains("2 nodes and no fleet seed") })
    #expect(nodes.map { "\($0.name)" } == ["nog", "ordo"])
    #expect(nodes.map(\.ssh.enabled) == [true, false])
    #expect(nodes.first?.tags == ["gpu", "rack1"])
    try #require(nodes.count == 2)
    #expect(nodes[0].root.diskID?.description == "c1f95d14")
    #expect(nodes[0].image.bootPartition == 1)
    #expect(nodes[0].boot.configText == ["# \"quoted\", second"])
    #expect(nodes[1].root.diskID == nil && nodes[1].boot.configText == [])
    #expect(nodes.allSatisfy { $0.server?.address == "192.168.7.1" }, "what the recipe says is shared")
  }

  @Test(arguments: [
    ("", ["rack.csv:1:1: error: expected a first line that names keys"]),
    ("mac\n", ["rack.csv:1:1: error: the header has no key 'name'"]),
    ("name,,x\n", ["rack.csv:1:6: error: expected a key such as name or root.disk_id, found \"\""]),
    ("name,root.on,root\n", ["rack.csv:1:14: error: key 'root' and 'root.on' (rack.csv:1:6) are one"]),
    (
      "name,mac,hostnme\na,dc:a6:32:01:02:03,x\nb,dc:a6:32:01:02:04,\n",
      ["rack.csv:1:10: error: unknown key 'hostnme' in [[nodes]]"]
    ),
    (
      "name,mac\na,\"dc:a6\"x\n",
      ["rack.csv:2:10: error: expected a comma or the end of the line after the closing quote"]
    ),
    ("name,mac\na,\"dc:a6\n\n", ["rack.csv:2:3: error: the quote is not closed"]),
    ("name,mac\na,d\"c\n", ["rack.csv:2:4: error: a quote within a cell; quote the whole cell, and double the quote"]),
    ("name,mac\na,b,c\n", ["rack.csv:2:5: error: the line has 3 cells, and the header 2"]),
    ("name,mac\rx", ["rack.csv:1:10: error: a carriage return without a line feed"]),
    ("name,mac\na,dc:a6\n", ["rack.csv:2:3: error: mac \"dc:a6\": expected six two-digit hex groups"]),
    (
      "name,mac\na,dc:a6:32:01:02:03\nb,dc:a6:32:01:02:03\n",
      ["rack.csv:3:3: error: mac dc:a6:32:01:02:03 is also a's (rack.csv:2:3)"]
    ),
    (
      "name,mac,ssh.enabled\na,dc:a6:32:01:02:03,yes\n",
      ["rack.csv:2:21: error: [ssh] enabled: expected true or false, found a text"]
    ),
  ])
  func `what is wrong is said with its place`(_ text: String, _ expected: [String]) throws {
    let (nodes, problems) = try load(text)
    #expect(nodes.isEmpty)
    for problem in expected { #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)") }
  }

  @Test func `a thousand nodes load quickly`() throws {
    let lines = (0..<1000).map { number in
      let hex = String(number + 4096, radix: 16)
      return "node\(number),dc:a6:32:01:\(hex.prefix(2)):\(hex.suffix(2))\n"
    }
    let time = try ContinuousClock().measure {
      let (nodes, problems) = try load("name,mac\n" + lines.joined())
      #expect(problems.count == 1 && problems[0].contains("1000 nodes and no fleet seed") && nodes.count == 1000)
    }
    #expect(time < .seconds(20))
  }
}
