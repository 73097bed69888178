import Glibc
import SystemPackage

/// Other people's test images, which are not ours to keep: the folder that PIBAKE_CORPUS names holds their sources.
package enum Corpus {
  /// The `tests` folder of the last version of `project` that is there; nil if there is none.
  package static func tests(of project: String) -> FilePath? {
    guard let folder = Environment.value(of: "PIBAKE_CORPUS"), let stream = unsafe opendir(folder) else { return nil }
    defer { unsafe closedir(stream) }
    var found: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name.hasPrefix(project + "-") { found.append(name) }
    }
    return found.max().map { FilePath(folder).appending($0).appending("tests") }
  }
}
