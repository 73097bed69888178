import BaseImage
import Bytes
import Glibc
import Synchronization
import SystemPackage

/// Downloads a file as the tests tell it: the process that they kill, and run side by side.
@main
enum Trial {
  /// Whether control-C was pressed.
  private static let isStopped = Atomic<Bool>(false)

  /// `CACHE URL SHA256`; "-" for no digest. Says line by line what the download says, and at last whether it was needed.
  static func main() {
    let words = CommandLine.arguments
    guard words.count == 4 else { exit(64) }
    signal(SIGINT) { _ in Trial.isStopped.store(true, ordering: .relaxed) }
    var listener = Download.Listener()
    listener.note = { say("note: \($0)") }
    listener.warn = { say("warning: \($0)") }
    listener.isCancelled = { isStopped.load(ordering: .relaxed) }
    var policy = DownloadPolicy()
    policy.firstWait = .milliseconds(50)
    do throws(DownloadError) {
      let download = try Download(
        words[2], sha256: SHA256Digest(hex: words[3]), cache: FilePath(words[1]), policy: policy, listener: listener)
      let outcome = try download.run()
      say("\(outcome.isNew ? "fetched" : "found") \(outcome.path)")
    } catch {
      say("error: \(error)")
      exit(1)
    }
  }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }
}
