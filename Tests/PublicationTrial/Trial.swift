import Bytes
import Glibc
import Storage
import SystemPackage

/// Publishes a file or a folder, or uses a cache, as the tests tell it: the process that they kill at each of its system calls.
@main
enum Trial {
  /// `file|folder FOLDER NAME VERSION`, or `cache FOLDER ROUNDS`.
  static func main() {
    let words = CommandLine.arguments
    do {
      switch words.dropFirst().first {
      case "file" where words.count == 5: try publishFile(words[2], words[3], version: words[4])
      case "folder" where words.count == 5: try publishFolder(words[2], words[3], version: words[4])
      case "cache" where words.count == 4: try useCache(words[2], rounds: Int(words[3]) ?? 1)
      default: exit(64)
      }
    } catch {
      print(error)
      exit(1)
    }
  }

  /// What a file of `version` holds: more than fits in a page, and not only one write.
  private static func content(_ version: String) -> [UInt8] {
    Array(String(repeating: version + "\n", count: 20_000 / (version.utf8.count + 1)).utf8)
  }

  private static func publishFile(_ folder: String, _ name: String, version: String) throws {
    let held = try HeldFolder(FilePath(folder))
    try Leftovers.remove(from: held)
    var file = try Publication(file: name, in: held)
    try file.write(content(version).span)
    try file.write(content(version).span)
    try file.publish(mode: 0o644, replacing: .proven { (_, _) throws(IOError) in })
  }

  private static func publishFolder(_ folder: String, _ name: String, version: String) throws {
    let held = try HeldFolder(FilePath(folder))
    try Leftovers.remove(from: held)
    try held.checkPublishing()
    var made = try Publication(folder: name, in: held)
    let inner = try made.folder()
    try write(version, "first", in: inner)
    try inner.makeFolder("boot")
    let boot = try inner.folder("boot")
    for number in 0..<3 { try write(version, "file\(number)", in: boot) }
    try made.publish(mode: 0o755, replacing: .proven { (_, _) throws(IOError) in })
  }

  private static func write(_ version: String, _ name: String, in folder: HeldFolder) throws {
    let file = try folder.makeFile(name)
    defer { try? file.close() }
    try file.writeAll(content(version))
  }

  /// Reads and makes entries beside other processes that do the same.
  private static func useCache(_ folder: String, rounds: Int) throws {
    let held = try CacheDirectory(FilePath(folder)).making("entries")
    try Leftovers.remove(from: held)
    for round in 0..<rounds {
      for number in 0..<100 {
        let name = "entry-\(number)"
        let expected = content("\(name)")
        let entry = CacheEntry(key: Array(name.utf8), name: name, in: held) { print($0) }
        if let found = entry.read()?.bytes {
          guard Array(found) == expected else {
            print("\(name) holds something else in round \(round)")
            exit(3)
          }
        } else {
          entry.keep(expected)
        }
        if round < rounds - 1 && number % 10 == 0 { try held.removeFile(name) }
      }
    }
  }
}
