import Bytes
import Storage

/// What can differ between two inodes at one path, by the keys of manifests; `content` stands for `sha256`.
package enum ComparedField: String, CaseIterable, Sendable {
  case name, type, mode, uid, gid, size, mtime, nlink, attr, rdev, target, xattrs, content, same
}

/// What differs at one path.
package struct Difference: Sendable {
  package let path: [UInt8]
  /// What is there on the left; nil if nothing is.
  package let before: ManifestRecord?
  /// What is there on the right; nil if nothing is.
  package let after: ManifestRecord?
  /// What differs where both have something, in the order of manifests' keys.
  package let fields: [ComparedField]
}

/// Something that can be compared: a tree, or a manifest of one.
package enum ComparisonSide {
  case tree(FileTree)
  case manifest(ManifestFile)
}

/// Compares two sides path by path, in the order of manifests. What one side cannot say, such as an owner on FAT, does
/// not differ; FAT cannot say how names are spelled, so beside one names match that differ in case only, and differ by
/// `name`. Contents that lie in the same place of the same source are not read; others are read on all processors,
/// and only where everything else leaves them the chance to be equal.
package struct Comparison {
  private var left: SideReader
  private var right: SideReader
  private let ignored: Set<ComparedField>
  private let progress: Progress?

  /// So many paths are in memory at once, and so many contents can be read side by side.
  private static let window = 1024

  /// A comparison that has not begun; `ignored` differs as it likes.
  package init(
    _ left: ComparisonSide, _ right: ComparisonSide, ignoring ignored: Set<ComparedField> = [],
    progress: Progress? = nil
  ) {
    self.left = SideReader(left)
    self.right = SideReader(right)
    self.ignored = ignored
    self.progress = progress
  }

  /// Compares everything, and gives each difference to `report`.
  ///
  /// - Returns: whether there was none.
  /// - Throws: `IOError`, `ManifestError`, and what `report` throws.
  package mutating func run(_ report: (Difference) throws -> Void) throws -> Bool {
    if try foldsCase() { return try runIgnoringCase(report) }
    var isEqual = true
    while true {
      let pairs = try nextPairs()
      if pairs.isEmpty { return isEqual }
      for difference in try differences(pairs) {
        isEqual = false
        try report(difference)
      }
    }
  }

  /// One path, with what each side has there.
  private struct Pair: Sendable {
    let before: SideReader.Entry?
    let after: SideReader.Entry?
  }

  private mutating func nextPairs() throws -> [Pair] {
    if progress?.isCancelled ?? false { throw IOError(path: "trees", operation: "compare", cause: .cancelled) }
    var pairs: [Pair] = []
    while pairs.count < Self.window {
      let before = try left.peek()
      let after = try right.peek()
      if before == nil && after == nil { return pairs }
      let order = pathOrder(before?.record.path, after?.record.path)
      pairs.append(Pair(before: order <= 0 ? left.take() : nil, after: order >= 0 ? right.take() : nil))
    }
    return pairs
  }

  private func differences(_ pairs: [Pair]) throws(IOError) -> [Difference] {
    try parallelMap(pairs.count, batch: 8) { (index) throws(IOError) -> Difference? in
      let (before, after) = (pairs[index].before, pairs[index].after)
      guard let path = (before ?? after)?.record.path else { return nil }
      var fields: [ComparedField] = []
      if let before, let after {
        fields = before.record.fields(differingFrom: after.record).filter { !ignored.contains($0) }
        if before.name != after.name && !ignored.contains(.name) { fields.insert(.name, at: 0) }
        let differs = ignored.contains(.content) ? false : try before.content(differsFrom: after, progress: progress)
        if differs { fields.insert(.content, at: fields.last == .same ? fields.count - 1 : fields.count) }
        if fields.isEmpty { return nil }
      }
      return Difference(path: path, before: before?.record, after: after?.record, fields: fields)
    }.compactMap(\.self)
  }
}

// Where one side is FAT. What is only on one side waits there for the end, when it may have a partner: FAT's trees are
// small.
extension Comparison {
  /// Whether a side is FAT: its root has no permissions.
  private mutating func foldsCase() throws -> Bool {
    let roots = [try left.peek(), try right.peek()].compactMap(\.self)
    return roots.contains { $0.record.mode == nil }
  }

  private mutating func runIgnoringCase(_ report: (Difference) throws -> Void) throws -> Bool {
    var differences: [Difference] = []
    var alone: [Pair] = []
    while true {
      let pairs = try nextPairs()
      if pairs.isEmpty { break }
      let isPair = { (pair: Pair) in pair.before != nil && pair.after != nil }
      differences += try self.differences(pairs.filter(isPair))
      alone += pairs.filter { !isPair($0) }
    }
    differences += try self.differences(paired(alone))
    // A removed name stands before an added one that differs by case only, as in the order of bytes.
    for difference in differences.sorted(by: { $0.path.lexicographicallyPrecedes($1.path) }) { try report(difference) }
    return differences.isEmpty
  }

  /// The same with those made pairs whose paths differ in case only.
  private func paired(_ alone: [Pair]) -> [Pair] {
    var partners: [[UInt8]: [SideReader.Entry]] = [:]
    for entry in alone.compactMap(\.after).reversed() {
      partners[entry.record.path.fatUppercase, default: []].append(entry)
    }
    var pairs: [Pair] = []
    for before in alone.compactMap(\.before) {
      pairs.append(Pair(before: before, after: partners[before.record.path.fatUppercase]?.popLast()))
    }
    return pairs + partners.values.joined().map { Pair(before: nil, after: $0) }
  }
}

/// A side being read, one path ahead.
private struct SideReader {
  /// One path of a side.
  struct Entry: Sendable {
    let record: ManifestRecord
    /// What the path's file holds, where the side has it and not only its digest.
    let content: FileContent?

    /// The last name of the path.
    var name: ArraySlice<UInt8> { record.name }
  }

  private enum Records {
    case tree(FileTree, TreeRecords)
    case manifest(ManifestFile)
  }

  private var records: Records
  private var next: Entry?

  init(_ side: ComparisonSide) {
    records =
      switch side {
      case .tree(let tree): .tree(tree, TreeRecords(tree))
      case .manifest(let file): .manifest(file)
      }
  }

  /// The next path, which stays the next.
  mutating func peek() throws -> Entry? {
    if next != nil { return next }
    switch records {
    case .tree(let tree, var walk):
      if let (record, id) = walk.next() {
        var content: FileContent?
        if case .file(let data)? = tree[id]?.body { content = data }
        next = Entry(record: record, content: content)
      }
      records = .tree(tree, walk)
    case .manifest(var file):
      next = try file.next().map { Entry(record: $0, content: nil) }
      records = .manifest(file)
    }
    return next
  }

  /// Removes and returns the next path.
  mutating func take() -> Entry? {
    defer { next = nil }
    return next
  }
}

extension SideReader.Entry {
  /// Whether two files of one size hold different bytes. Where a side does not tell, nothing differs.
  fileprivate func content(differsFrom other: Self, progress: Progress?) throws(IOError) -> Bool {
    guard record.type == "file", other.record.type == "file" else { return false }
    // Files of different sizes differ without being read.
    guard record.size == other.record.size else { return true }
    if let content, let otherContent = other.content {
      return try !content.hasSameBytes(as: otherContent, progress: progress)
    }
    guard let digest = try digest(progress: progress), let otherDigest = try other.digest(progress: progress) else {
      return false
    }
    return digest != otherDigest
  }

  private func digest(progress: Progress?) throws(IOError) -> SHA256Digest? {
    if let content { return try content.digest(progress: progress) }
    return record.digest
  }
}

extension ManifestRecord {
  /// What differs from `other` but the content. Of two types nothing else can be compared.
  fileprivate func fields(differingFrom other: ManifestRecord) -> [ComparedField] {
    guard type == other.type else { return [.type] }
    let isPOSIX = mode != nil && other.mode != nil
    let isFAT = mode == nil && other.mode == nil
    let differing: [(ComparedField, Bool)] = [
      (.mode, differ(mode, other.mode)), (.uid, differ(uid, other.uid)), (.gid, differ(gid, other.gid)),
      (.size, differ(size, other.size)), (.mtime, differ(modified, other.modified)),
      (.nlink, differ(linkCount, other.linkCount)), (.attr, isFAT && attributes != other.attributes),
      (.rdev, differ(device, other.device)), (.target, differ(target, other.target)),
      (.xattrs, isPOSIX && xattrs != other.xattrs), (.same, isPOSIX && same != other.same),
    ]
    return differing.filter(\.1).map(\.0)
  }

  private func differ<Value: Equatable>(_ left: Value?, _ right: Value?) -> Bool {
    guard let left, let right else { return false }
    return left != right
  }
}
