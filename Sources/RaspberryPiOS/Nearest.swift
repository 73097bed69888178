/// The one of `candidates` that is spelled most like `text`; nil if none is alike.
func nearest(to text: String, among candidates: [String]) -> String? {
  let limit = max(2, text.count / 3)
  let scored = candidates.map { (distance: editDistance(text.lowercased(), $0.lowercased()), name: $0) }
  guard let best = scored.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }), best.distance <= limit else {
    return nil
  }
  return best.name
}

/// How many letters must be added, removed or replaced to make `right` of `left` (Levenshtein's distance).
private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right.utf8)
  var row = Array(0...right.count)
  for (index, letter) in left.utf8.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for (column, other) in right.enumerated() {
      let above = row[column + 1]
      row[column + 1] = min(above + 1, row[column] + 1, diagonal + (letter == other ? 0 : 1))
      diagonal = above
    }
  }
  return row[right.count]
}
