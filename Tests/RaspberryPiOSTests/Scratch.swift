import SystemPackage

/// Writes a file for another tool to read.
func write(_ text: String, to path: FilePath, mode: CInterop.Mode = 0o644) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate], permissions: FilePermissions(rawValue: mode))
  try file.closeAfter { _ = try file.writeAll(text.utf8) }
}
