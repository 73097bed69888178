import SystemPackage
import TestSupport

/// The release binary, run as its users run it.
enum Pibake {
  /// Why the suites that need it are skipped, where they are.
  static let isBuilt = (try? FileDescriptor.open(Fixture.pibake, .readOnly)).map { try? $0.close() } != nil

  /// Runs the binary with a cache of its own for the whole run of tests.
  static func run(_ arguments: String..., cache: FilePath) async throws -> Tool.Result {
    try await run(arguments, cache: cache)
  }

  static func run(_ arguments: [String], cache: FilePath) async throws -> Tool.Result {
    try await Tool.run(Fixture.pibake.string, arguments + ["--cache", cache.string])
  }

  /// The manifest of a partition, or of a folder.
  static func manifest(_ image: FilePath, _ partition: String = "root", cache: FilePath) async throws -> [Substring] {
    let result = try await run("manifest", image.string, "--partition", partition, cache: cache)
    guard result.status == 0 else { throw Fixture.Failed(description: result.output) }
    return result.standardOutput.split(separator: "\n")
  }
}

/// What the kernel or mtools see, line by line.
enum Oracle {
  /// The manifest by the kernel's ext4 driver; nil where this machine cannot mount, which is said aloud.
  static func ext4(_ image: FilePath, partition: Int) async throws -> [Substring]? {
    let result = try await Fixture.run("loop-oracle.sh", [image.string, "\(partition)"])
    if result.status == 77 { return nil }
    guard result.status == 0 else { throw Fixture.Failed(description: result.output) }
    return result.standardOutput.split(separator: "\n")
  }

  /// The manifest by mtools of the FAT in partition 1.
  static func fat(_ image: FilePath) async throws -> [Substring] {
    let offset = try await start(of: 1, in: image)
    let result = try await Fixture.run("oracle-fat.py", [image.string, "\(offset)"])
    guard result.status == 0 else { throw Fixture.Failed(description: result.output) }
    return result.standardOutput.split(separator: "\n")
  }

  /// Where sfdisk says that a partition starts, in bytes.
  static func start(of partition: Int, in image: FilePath) async throws -> Int {
    let result = try await Tool.run(
      "sfdisk", ["--dump", image.string])
    let lines = result.standardOutput.split(separator: "\n").filter { $0.contains(" : start=") }
    guard result.status == 0, lines.indices.contains(partition - 1),
      let number = lines[partition - 1].split(separator: "=")[1].split(separator: ",").first,
      let sector = Int(number.trimmingPrefix { $0 == " " })
    else { throw Fixture.Failed(description: result.output) }
    return sector * 512
  }
}

/// The first lines in which two manifests differ, for a message; empty if they are equal.
func difference(_ left: [Substring], _ right: [Substring]) -> String {
  if left == right { return "" }
  let all = left.difference(from: right)
  return "\(left.count) and \(right.count) lines\n"
    + all.prefix(6).map { change in
      switch change {
      case .insert(_, let line, _): "+\(line)"
      case .remove(_, let line, _): "-\(line)"
      }
    }.joined(separator: "\n")
}
