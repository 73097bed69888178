import Glibc
import Subprocess
import SystemPackage

/// A web server of a test's own on this machine, Tests/Fixtures/http-server.py, which ends with the value.
package final class WebServer: Sendable {
  private let folder: TemporaryFolder
  private let task: Task<Void, Never>
  /// Its port.
  package let port: Int
  private let scheme: String

  /// A server that sends the file `content`, and answers its requests as `plan` says; the script has the words for that.
  ///
  /// - Parameter certificate: a file of a key and its certificate, for https.
  package init(_ content: [UInt8], plan: String = "[{}]", certificate: FilePath? = nil) async throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    scheme = certificate == nil ? "http" : "https"
    try Self.write(content, to: folder.appending("content"))
    try Self.write(Array(plan.utf8), to: folder.appending("plan.json"))
    let arguments = [Fixture.folder.appending("http-server.py").string, folder.path.string]
    let certificates = certificate.map { [$0.string] } ?? []
    task = Task.detached {
      _ = try? await Subprocess.run(
        .name("python3"), arguments: Arguments(arguments + certificates), output: .discarded, error: .discarded)
    }
    var port: Int?
    for _ in 0..<1000 where port == nil {
      port = (try? Self.read(folder.appending("port"))).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
      if port == nil { try await Task.sleep(for: .milliseconds(20)) }
    }
    guard let port else {
      task.cancel()
      throw Fixture.Failed(description: "http-server.py does not start")
    }
    self.port = port
  }

  deinit { task.cancel() }

  /// Ends the server.
  package func stop() async {
    task.cancel()
    await task.value
  }

  /// Begins anew with `plan`.
  package func begin(_ plan: String) throws { try Self.write(Array(plan.utf8), to: folder.appending("plan.json")) }

  /// Puts `content` in the place of the file `name` that it sends.
  package func put(_ content: [UInt8], as name: String = "content") throws {
    try Self.write(content, to: folder.appending(name))
  }

  /// The URL of `path`, with `user` before the host.
  package func url(_ path: String = "/image.img", host: String = "127.0.0.1", user: String = "") -> String {
    "\(scheme)://\(user)\(host):\(port)\(path)"
  }

  /// The requests so far, each as a line of JSON.
  package var requests: [String] {
    let bytes = (try? Self.read(folder.appending("requests"))) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func write(_ bytes: [UInt8], to path: FilePath) throws {
    // Under another name first: a request may come in between.
    let new = FilePath(path.string + ".new")
    let file = try FileDescriptor.open(
      new, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(bytes) }
    guard unsafe rename(new.string, path.string) == 0 else { throw Errno(rawValue: errno) }
  }

  private static func read(_ path: FilePath) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
    return try file.closeAfter {
      let size = try file.seek(offset: 0, from: .end)
      return try unsafe [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
        count = try unsafe file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
  }
}
