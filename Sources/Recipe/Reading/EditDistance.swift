extension String {
  /// The one of `words` that the text was probably meant to be; nil if none is close.
  package func nearest(in words: [String]) -> String? {
    // No word of the recipe is as long; a hostile one must not cost time.
    guard utf8.count <= 40 else { return nil }
    let distances = words.map { (word: $0, distance: distance(to: $0)) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, best.word.utf8.count / 3) ? best.word : nil
  }

  /// How many insertions, deletions, replacements and swaps of neighbours lead to `other` (optimal string alignment).
  private func distance(to other: String) -> Int {
    let from = Array(utf8)
    let to = Array(other.utf8)
    var rows = [Array(0...to.count)]
    for i in from.indices {
      var row = [i + 1]
      for j in to.indices {
        var best = Swift.min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (from[i] == to[j] ? 0 : 1))
        if i > 0, j > 0, from[i] == to[j - 1], from[i - 1] == to[j] { best = Swift.min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[from.count][to.count]
  }
}
