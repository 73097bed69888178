/// The keys of `[node]`, read.
struct NodeIdentity {
  /// The keys; what else stands in an element of `[[nodes]]` belongs to the node's tables.
  static let keys = ["name", "mac", "serial", "model", "tags"]

  let name: HostName?
  let mac: MACAddress?
  let serial: String?
  let model: String?
  let tags: [String]

  init(reading node: TableReader) {
    name = node.value("name", .hostName)
    mac = node.value("mac", .mac)
    serial = node.value("serial", .serial)
    model = node.value("model", .word)
    tags = node.list("tags", of: .word) ?? []
  }
}
