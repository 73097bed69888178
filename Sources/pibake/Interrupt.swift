import Dispatch
import Glibc
import Storage

/// Turns control-C and the wish to terminate into a cancelled progress, so that nothing half-made stays behind.
final class Interrupt {
  private let sources: [any DispatchSourceSignal]

  /// Cancels `progress` on SIGINT and SIGTERM for as long as the value lives; a second signal ends the process at once.
  init(cancelling progress: Progress) {
    sources = [SIGINT, SIGTERM].map { Interrupt.source($0, progress) }
  }

  deinit { for source in sources { source.cancel() } }

  /// Not part of the initializer: a closure made there would belong to whatever actor calls it.
  private static func source(_ number: Int32, _ progress: Progress) -> any DispatchSourceSignal {
    // The source sees the signal only where the default action does not come first.
    _ = signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      if progress.isCancelled { exit(130) }
      progress.cancel()
    }
    source.activate()
    return source
  }
}
