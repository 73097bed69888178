import Baking
import Bytes

/// The table at the end of a build: what each node is, and what it cost.
struct BuildSummary {
  /// The table, line by line.
  let lines: [String]

  /// A table of `results`: those that are done in their order, then those that failed.
  init(_ results: [BakeResult]) {
    let ordered = results.filter { !$0.hasFailed } + results.filter(\.hasFailed)
    let rows = [["node", "size", "written", "time", "outputs"]] + ordered.map(BuildSummary.row)
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    lines = rows.map { row in
      let cells = widths.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + space : space + row[column]
      }
      return (cells + [row[4]]).joined(separator: "  ")
    }
  }

  private static func row(_ result: BakeResult) -> [String] {
    switch result.outcome {
    case .done(let node):
      [
        result.node, "\(ByteCount(node.size))", "\(ByteCount(node.written))", result.time.inSeconds,
        node.outputs.joined(separator: " "),
      ]
    case .failed(let failure): [result.node, "-", "-", result.time.inSeconds, "FAILED: \(failure)"]
    }
  }
}

extension BakeResult {
  fileprivate var hasFailed: Bool { if case .failed = outcome { true } else { false } }
}
