import Glibc
import SystemPackage

/// Reads whole files of the operator's.
enum FileContents {
  /// Larger ones are not what the caller takes them for.
  static let limit = 16 << 20

  /// Why a file could not be read, as a message says it.
  struct Problem: Error {
    let message: String
  }

  /// The bytes of the file at `path`: a regular file, or a pipe or terminal that somebody writes to, as a shell's `<(…)` is.
  ///
  /// - Throws: `Problem` for anything else, for more than `limit` bytes, and at once for a FIFO that nobody has open for
  ///   writing: it would wait for ever.
  static func read(_ path: FilePath) throws(Problem) -> [UInt8] {
    do {
      // Without this option the open itself waits for a writer.
      let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
      return try file.closeAfter { try read(file) }
    } catch let error as Problem {
      throw error
    } catch Errno.noSuchAddressOrDevice {
      throw Problem(message: "is a socket, not a file")
    } catch {
      throw Problem(message: "\(error)")
    }
  }

  private static func read(_ file: FileDescriptor) throws -> [UInt8] {
    let type = try file.stat().type
    guard type != .blockSpecial else { throw Problem(message: "is a block device, not a file") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count: Int
      do {
        count = try unsafe buffer.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
      } catch Errno.resourceTemporarilyUnavailable {
        waitForBytes(of: file)
        continue
      }
      if count > 0 {
        bytes.append(contentsOf: buffer[..<count])
      } else if bytes.isEmpty && type == .fifo && !hasHadWriter(file) {
        throw Problem(message: "is a FIFO that nobody writes to")
      } else {
        return bytes
      }
    }
    throw Problem(message: "larger than 16 MiB")
  }

  /// Waits until `file` can be read without waiting, or its last writer has closed it.
  private static func waitForBytes(of file: FileDescriptor) {
    var request = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&request, 1, -1)
  }

  /// Whether some process has had the FIFO open for writing while it was open here: Linux reports the end (POLLHUP) only
  /// then, see pipe_poll in fs/pipe.c.
  private static func hasHadWriter(_ file: FileDescriptor) -> Bool {
    var request = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&request, 1, 0) > 0 && request.revents & Int16(POLLHUP) != 0
  }
}

extension FilePath {
  /// Why this user may not read what is at the path; nil if he may. Nothing is opened: the writer of a FIFO would notice.
  var accessFailure: Errno? {
    unsafe withPlatformString { unsafe faccessat(AT_FDCWD, $0, R_OK, AT_EACCESS) } == 0 ? nil : Errno(rawValue: errno)
  }
}
