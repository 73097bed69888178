import Bytes

/// The first two entries of a folder that is not the root: `.`, which leads to itself, and `..`, which leads to the
/// folder that holds it. Nobody needs them to read, but where they are wrong, other things may be.
struct DotEntries {
  private let own: UInt32?
  private let parent: UInt32?

  /// The two in the first bytes of a folder.
  init(parsing bytes: Span<UInt8>, width: FATWidth) {
    func cluster(_ index: Int, _ isRight: (Span<UInt8>) -> Bool) -> UInt32? {
      guard bytes.count >= 32 * (index + 1) else { return nil }
      let entry = bytes.extracting(32 * index..<32 * (index + 1))
      let fields = DirectoryEntry(parsing: entry, width: width)
      return isRight(entry) && fields.isFolder && !fields.isLabel ? fields.firstCluster : nil
    }
    own = cluster(0, Self.isDot)
    parent = cluster(1, Self.isDotDot)
  }

  /// What is wrong, when the folder begins at cluster `own` and its parent at one of `parents`; nil if all is right.
  func problem(own: UInt32, parents: [UInt32]) -> String? {
    guard let found = self.own, let up = parent else { return "no . and .. at its beginning" }
    if found != own { return ". leads to cluster \(found), not \(own)" }
    return parents.contains(up) ? nil : ".. leads to cluster \(up), not \(parents[0])"
  }

  /// Whether an entry has the name of a folder for itself.
  static func isDot(_ entry: Span<UInt8>) -> Bool { entry[0] == 0x2E && areSpaces(entry.extracting(1..<11)) }

  /// Whether an entry has the name of a folder for its parent.
  static func isDotDot(_ entry: Span<UInt8>) -> Bool {
    entry[0] == 0x2E && entry[1] == 0x2E && areSpaces(entry.extracting(2..<11))
  }

  private static func areSpaces(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where bytes[index] != 0x20 { return false }
    return true
  }
}
