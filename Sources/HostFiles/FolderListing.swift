import Storage
import struct SystemPackage.FilePath

/// What a folder of this machine holds.
package enum FolderListing {
  /// The names in the folder at `path`, sorted; those that are not UTF-8 are left out.
  package static func names(in path: FilePath) throws(IOError) -> [String] {
    try FolderHandle(path).names().compactMap { String(validating: $0, as: UTF8.self) }.sorted()
  }
}
