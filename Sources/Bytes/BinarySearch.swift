extension RandomAccessCollection where Index == Int {
  /// The first index whose element satisfies `belongsToSecondPart`, by binary search; `endIndex` if none does.
  ///
  /// The collection is partitioned: elements that do not satisfy it come before all that do. The name is that of Swift
  /// Algorithms' method.
  @inlinable
  package func partitioningIndex(where belongsToSecondPart: (Element) throws -> Bool) rethrows -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if try belongsToSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
