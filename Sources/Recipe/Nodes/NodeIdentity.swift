/// The keys of `[node]`, read.
struct NodeIdentity {
  static let nameKey = Key(
    "name", .hostName, "The node's name, which is its host name too, and that of its folder.", example: "\"nog\"")
  static let macKey = Key(
    "mac", .mac, "The hardware address of its Ethernet port, by which it asks for its files.",
    example: "\"dc:a6:32:01:02:03\"")
  static let serialKey = Key(
    "serial", .serial, "Its serial number, by which it asks for its files too.", example: "\"9ffefdef\"")
  static let modelKey = Key("model", .word, "The board.", example: "\"pi4\"")
  static let tagsKey = ListKey("tags", of: .word, "Words by which nodes are grouped.", example: "[\"rack1\"]")
  /// What else stands in an element of `[[nodes]]` belongs to the node's tables.
  static let keys = TableKeys("node", "Which node it is.", [nameKey, macKey, serialKey, modelKey, tagsKey])
  static let names = keys.keys.map(\.name)

  let name: HostName?
  let mac: MACAddress?
  let serial: String?
  let model: String?
  let tags: [String]

  init(reading node: TableReader) {
    name = node[Self.nameKey]
    mac = node[Self.macKey]
    serial = node[Self.serialKey]
    model = node[Self.modelKey]
    tags = node[Self.tagsKey] ?? []
  }
}
