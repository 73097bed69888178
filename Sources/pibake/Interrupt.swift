import Dispatch
import Glibc
import Storage

/// Cancels a command's progress on control-C, SIGTERM and SIGHUP, so that the command ends and leaves nothing half-made.
final class Interrupt {
  private let sources: [any DispatchSourceSignal]

  /// Cancels `progress` on SIGINT, SIGTERM and SIGHUP as long as the value lives; a second signal ends the process at once.
  init(cancelling progress: Progress) {
    sources = [SIGINT, SIGTERM, SIGHUP].map { Interrupt.source($0, progress) }
  }

  /// Runs `work` with a progress that control-C cancels.
  ///
  /// - Throws: `Interrupted` if it did, else what `work` throws.
  static func watching<Result>(_ work: (Progress) throws -> Result) throws -> Result {
    let progress = Progress()
    let interrupt = Interrupt(cancelling: progress)
    defer { withExtendedLifetime(interrupt) {} }
    do {
      return try work(progress)
    } catch {
      throw progress.isCancelled ? Interrupted() : error
    }
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
