import Dispatch

/// A semaphore of `count`, which need not be back at that when it goes: libdispatch traps then, unless it began with zero.
func allowance(_ count: Int) -> DispatchSemaphore {
  let semaphore = DispatchSemaphore(value: 0)
  for _ in 0..<count { semaphore.signal() }
  return semaphore
}
