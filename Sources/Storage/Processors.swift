import Glibc

/// The number of processors that may run this process's threads.
package func processorCount() -> Int {
  max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}
