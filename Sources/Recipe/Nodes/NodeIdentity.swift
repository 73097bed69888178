/// The keys of `[node]`, read.
struct NodeIdentity {
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
