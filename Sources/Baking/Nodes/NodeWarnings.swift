import Synchronization

/// What the nodes of a run are warned of: a sentence that is true of many nodes is said once, with their number.
final class NodeWarnings: Sendable {
  private let texts: Mutex<[[String]]>

  /// No warnings yet of `count` nodes.
  init(count: Int) { texts = Mutex(Array(repeating: [], count: count)) }

  /// Takes in the warnings of the node at `place`.
  func set(_ warnings: [String], at place: Int) { texts.withLock { $0[place] = warnings } }

  /// The sentences in the order of the nodes called `names`, each after the first node that it is true of.
  func lines(_ names: [String]) -> [String] {
    var order: [String] = []
    var nodes: [String: [Int]] = [:]
    for (place, warnings) in texts.withLock({ $0 }).enumerated() {
      for text in warnings where nodes[text]?.last != place {
        if nodes[text] == nil { order.append(text) }
        nodes[text, default: []].append(place)
      }
    }
    return order.map { text in
      let places = nodes[text] ?? []
      let more = places.count - 1
      return "\(places.first.map { names[$0] } ?? ""): \(text)"
        + (more == 0 ? "" : " (and \(more) more \(more == 1 ? "node" : "nodes"))")
    }
  }
}
