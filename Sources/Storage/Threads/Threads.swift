import Glibc

/// Runs `work` on `count` threads at a time, this one among them, and waits for all of them.
///
/// The threads are the call's own: work on them may call this again and has all processors, where the system's pools would
/// give what is nested a single one. Where no more threads can be had, fewer do the work.
package func onThreads(_ count: Int, _ work: @Sendable () -> Void) {
  guard count > 1 else { return work() }
  withoutActuallyEscaping(work) { work in
    let threads = (1..<count).compactMap { _ in OwnThread(work) }
    work()
    for thread in threads { thread.join() }
  }
}

/// A thread that does one piece of work.
@safe private struct OwnThread {
  private let thread: pthread_t

  /// What the thread takes with it, and lets go of before it ends.
  private final class Work {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts a thread; nil if the system gives none.
  init?(_ body: @escaping @Sendable () -> Void) {
    let work = unsafe Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        if let context = unsafe context { unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      unsafe work.release()
      return nil
    }
    self.thread = thread
  }

  /// Waits for its end.
  func join() { pthread_join(thread, nil) }
}
