import Glibc
import SystemPackage
import TestSupport

/// A btrfs in a file, mounted by loop until the last user lets go.
final class Mount: Sendable {
  /// Why tests that need one are skipped, where they are.
  static let isPossible =
    geteuid() == 0 && Tool.arePresent("btrfs", "mkfs.btrfs", "mount", "umount")
    && access("/dev/loop-control", W_OK) == 0

  /// The reason for the skipping.
  static let reason = "a btrfs by loop takes root, btrfs-progs and loop devices"

  /// Where it is mounted.
  let path: FilePath
  private let folder: TemporaryFolder

  /// Makes and mounts one of `size` bytes; the file is sparse.
  init(size: Int = 1 << 30) async throws {
    folder = try TemporaryFolder()
    path = folder.appending("mnt")
    let file = folder.appending("disk")
    for (tool, arguments) in [
      ("mkdir", [path.string]), ("truncate", ["-s", "\(size)", file.string]), ("mkfs.btrfs", ["-q", file.string]),
      ("mount", ["-o", "loop", file.string, path.string]),
    ] {
      let result = try await Tool.run(tool, arguments)
      guard result.status == 0 else { throw Fixture.Failed(description: "\(tool): \(result.output)") }
    }
  }

  deinit { umount2(path.string, Int32(MNT_DETACH)) }

  /// Receives the stream in `file` into the folder `into`.
  func receive(_ file: FilePath, into: String = "") async throws -> Tool.Result {
    try await Tool.run("btrfs", ["receive", "-f", file.string, path.appending(into).string])
  }

  /// Receives a stream.
  func receive(_ bytes: [UInt8]) async throws -> Tool.Result {
    let file = folder.appending("stream")
    try write(bytes, to: file)
    return try await receive(file)
  }
}
