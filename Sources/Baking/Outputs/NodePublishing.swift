import BaseImage
import Bytes
import Storage
import Synchronization
import Unpack

/// A node whose folder is filled, and not yet in its place.
struct FinishedNode: Sendable {
  let name: String
  /// Its place among the results.
  let index: Int
  let folder: OutputFolder
  /// The permission bits of the folder.
  let mode: UInt32
  let success: BakeResult.Success
  /// The outputs in a few words, for the report.
  let summary: String
  /// When its bake began, and when the writing of its outputs did.
  let start: ContinuousClock.Instant
  let writing: ContinuousClock.Instant
}

/// Puts finished nodes in their places, while others are baked.
///
/// The sync is most of a small node's cost, and one sync serves all nodes that are finished by then. So a thread that has finished a
/// node publishes all waiting nodes with one sync; while another thread does so, it leaves its node to that thread and bakes on.
final class NodePublishing: Sendable {
  private let stock: BaseSystem
  private let results: ResultTable<BakeResult>
  private let report: @Sendable (BakeEvent) -> Void
  /// The nodes that wait.
  private let waiting = Mutex<[FinishedNode]>([])
  /// Held by the thread that publishes.
  private let turn = Mutex<Void>(())

  /// Each waiting folder holds files open. With so many waiting, a thread that adds one more waits for its turn.
  private static let limit = 32

  /// Publishes nodes made of `stock`, and puts what comes of each into `results`.
  init(
    of stock: BaseSystem, into results: ResultTable<BakeResult>, report: @escaping @Sendable (BakeEvent) -> Void
  ) {
    self.stock = stock
    self.results = results
    self.report = report
  }

  /// Publishes `node`, or leaves that to the thread that publishes others now.
  func add(_ node: FinishedNode) {
    let count = waiting.withLock {
      $0.append(node)
      return $0.count
    }
    if count >= Self.limit { turn.withLock { _ in publishWaiting() } }
    // Who had the turn may have looked before this node came, or before another's that was left to it: each looks again after it gave
    // the turn back.
    while waiting.withLock({ !$0.isEmpty }), turn.withLockIfAvailable({ _ in publishWaiting() }) != nil {}
  }

  private func publishWaiting() {
    let nodes = waiting.withLock { exchange(&$0, with: []) }
    do {
      // What was read of a file that somebody wrote to meanwhile may be half old, half new.
      try stock.stock.image.checkUnchanged()
    } catch {
      for node in nodes { fail(node, error) }
      return
    }
    for place in Dictionary(grouping: nodes, by: { ObjectIdentifier($0.folder.place) }).values { publish(place) }
  }

  /// Publishes nodes whose folders are in one place.
  private func publish(_ nodes: [FinishedNode]) {
    guard let place = nodes.first?.folder.place else { return }
    var published: [FinishedNode] = []
    do throws(IOError) {
      let isDone = nodes.count > 1 ? try place.syncFileSystem() : false
      for node in nodes {
        do throws(IOError) {
          try node.folder.sync(isDone: isDone)
          try node.folder.publish(mode: node.mode)
          published.append(node)
        } catch {
          fail(node, error)
        }
      }
      try place.sync()
    } catch {
      for node in published.isEmpty ? nodes : published { fail(node, error) }
      return
    }
    for node in published {
      let now = ContinuousClock.now
      report(.done(subject: node.name, result: node.summary, time: now - node.writing))
      set(node, .done(node.success))
    }
  }

  private func fail(_ node: FinishedNode, _ error: any Failure) { set(node, .failed(BakeError.node(node.name, error))) }

  private func set(_ node: FinishedNode, _ outcome: BakeResult.Outcome) {
    results.set(BakeResult(node: node.name, outcome: outcome, time: ContinuousClock.now - node.start), at: node.index)
  }
}
