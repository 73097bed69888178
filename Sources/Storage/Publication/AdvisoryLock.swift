import Glibc
import SystemPackage

/// The lock that tells a temporary file or folder of a living process from one that a killed process left: the kernel gives it
/// up with the process, in whatever PID namespace that lives.
package enum AdvisoryLock {
  /// How an attempt ended.
  package enum Outcome {
    case taken
    /// Another process holds it.
    case held
    /// The file system has no locks. A random name is exclusive without one; only leftovers cannot be told from work in progress.
    case unavailable
  }

  /// Tries to take the lock of the open file or folder `descriptor`.
  package static func take(_ descriptor: FileDescriptor, _ kind: Int32 = LOCK_EX) -> Outcome {
    let number = descriptor.rawValue
    switch failure({ flock(number, kind | LOCK_NB) }) {
    case nil: return .taken
    case Errno.wouldBlock?: return .held
    default: return .unavailable
    }
  }
}
