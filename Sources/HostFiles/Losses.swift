import FileTree
import Synchronization

/// What of a tree's metadata could not be written on this machine: counted, with a few paths, for one warning each.
package final class Losses: Sendable {
  /// A kind of metadata.
  enum Kind: CaseIterable {
    case owner, setID, device, attribute
  }

  private struct Count {
    var number = 0
    /// The first paths in their order, so that the same loss gives the same warning.
    var paths: [[UInt8]] = []
  }

  private static let shownPaths = 3
  private let counts = Mutex<[Kind: Count]>([:])

  /// Nothing is lost yet.
  package init() {}

  /// Counts what was lost at `path`.
  func note(_ kind: Kind, _ path: @autoclosure () -> [UInt8]) {
    counts.withLock { counts in
      counts[kind, default: Count()].number += 1
      // Without root nearly every file loses its owner: nobody reads which.
      guard kind != .owner else { return }
      var paths = counts[kind, default: Count()].paths
      paths.append(path())
      paths.sort { $0.lexicographicallyPrecedes($1) }
      counts[kind, default: Count()].paths = Array(paths.prefix(Self.shownPaths))
    }
  }

  /// One sentence for each kind of which something was lost.
  package var sentences: [String] {
    let counts = counts.withLock { $0 }
    return Kind.allCases.compactMap { kind in counts[kind].map { kind.sentence($0.number, $0.paths) } }
  }
}

extension Losses.Kind {
  fileprivate func sentence(_ number: Int, _ paths: [[UInt8]]) -> String {
    let names = paths.map(\.escaped).joined(separator: ", ") + (number > paths.count ? ", …" : "")
    return switch self {
    case .owner: "owners were not kept (\(number) names)"
    case .setID: "set-user-id and set-group-id were not kept (\(number)): \(names)"
    case .device: "devices were not made (\(number)): \(names)"
    case .attribute: "extended attributes were not all kept (\(number) names): \(names)"
    }
  }
}
