import CLinux
import SystemPackage

/// The number of processors that this process may use: those of its affinity mask (sched_getaffinity(2)), or fewer if
/// the quota of its control group (cpu.max of cgroup v2) is less.
package func processorCount() -> Int { usableProcessors }

/// The threads that may work at a time if each takes `memory` bytes and all of them may take `budget`.
package func threadCount(eachTaking memory: Int, within budget: Int) -> Int {
  max(1, min(processorCount(), budget / max(memory, 1)))
}

private let usableProcessors = max(1, min(Int(pb_affinity_count()), ControlGroup.processorQuota ?? .max))

/// The control group of this process, as cgroup v2 shows it.
enum ControlGroup {
  /// How many processors the quotas of the group and of all groups above it allow, rounded up; nil without a quota.
  static var processorQuota: Int? {
    guard let groups = text("/proc/self/cgroup") else { return nil }
    return processorQuota(groups: groups) { text("/sys/fs/cgroup\($0)/cpu.max") }
  }

  /// The quota by the text of /proc/self/cgroup and the cpu.max of each group, such as "150000 100000" or "max 100000"
  /// (Documentation/admin-guide/cgroup-v2.rst of Linux).
  static func processorQuota(groups: String, limit: (_ group: String) -> String?) -> Int? {
    // The line of cgroup v2 has the number 0 and no controllers.
    guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
    var names = line.dropFirst(4).split(separator: "/")
    var quota: Int?
    while true {
      let group = names.map { "/\($0)" }.joined()
      let numbers = limit(group)?.split(whereSeparator: \.isWhitespace).map { Int($0) } ?? []
      if numbers.count == 2, let time = numbers[0], let period = numbers[1], time > 0, period > 0 {
        quota = min(quota ?? .max, (time - 1) / period + 1)
      }
      guard names.popLast() != nil else { return quota }
    }
  }

  /// The first 4 KiB of a file of the kernel; nil if it cannot be read.
  private static func text(_ path: String) -> String? {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 4096)
    guard let count = try? unsafe bytes.withUnsafeMutableBytes({ try unsafe file.read(into: $0) }) else { return nil }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
