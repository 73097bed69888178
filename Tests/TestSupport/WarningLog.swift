import Storage
import Synchronization

/// The warnings of a reader, in their order.
package final class WarningLog: Sendable {
  private let log = Mutex<[String]>([])

  /// A log without any.
  package init() {}

  /// The warnings so far.
  package var all: [String] { log.withLock { $0 } }

  /// A policy whose warnings come here.
  package func policy(verifiesChecksums: Bool = true) -> ReadPolicy {
    ReadPolicy(verifiesChecksums: verifiesChecksums) { [self] warning in log.withLock { $0.append(warning) } }
  }
}
