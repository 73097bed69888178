import Bytes
import FileTree
import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

/// The programs of a node that read what the network step writes.
enum NetworkReaders {
  /// Whether libnm can be asked: its description for Python is there.
  static let hasLibnm =
    Tool.arePresent("python3")
    && ["x86_64", "aarch64"].contains { machine in
      let path = FilePath("/usr/lib/\(machine)-linux-gnu/girepository-1.0/NM-1.0.typelib")
      return (try? FileDescriptor.open(path, .readOnly)).map { try? $0.close() } != nil
    }
  static let hasSupplicant = Tool.arePresent("python3", "wpa_supplicant")
  static let hasNetplan = Tool.arePresent("netplan")

  /// What NetworkManager reads out of the profiles of `root`, by the names of the files.
  static func profiles(
    in root: FileTree, at path: TreePath = "etc/NetworkManager/system-connections"
  ) async throws -> [String: ReadValues] {
    let folder = try TemporaryFolder()
    for name in root.names(in: path) {
      let text = try #require(try root.string(path.appending(name)))
      try write(text, to: folder.appending("\(name)"), mode: 0o600)
    }
    return try await profiles(paths: root.names(in: path).map { folder.appending("\($0)") })
  }

  /// What NetworkManager reads out of files.
  static func profiles(paths: [FilePath]) async throws -> [String: ReadValues] {
    let result = try await Tool.run(
      "python3", [Fixture.folder.appending("nm-keyfiles.py").string] + paths.map(\.string))
    try #require(result.status == 0, "\(result.output)")
    var profiles: [String: ReadValues] = [:]
    for line in result.standardOutput.split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      profiles[fields[0], default: ReadValues()].entries.append((fields[1], fields[2]))
    }
    return profiles
  }

  /// The networks that wpa_supplicant reads out of a configuration, and before them, what it says of the whole.
  static func supplicant(_ text: String) async throws -> (global: ReadValues, networks: [ReadValues]) {
    let folder = try TemporaryFolder()
    try write(text, to: folder.appending("wpa.conf"), mode: 0o600)
    let result = try await Fixture.run("wpa-networks.py", [folder.appending("wpa.conf").string])
    try #require(result.status == 0, "\(result.output)")
    var all = [ReadValues()]
    for line in result.standardOutput.split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if fields[0] == "ssid" { all.append(ReadValues()) }
      all[all.count - 1].entries.append((fields[0], fields[1]))
    }
    return (all[0], Array(all.dropFirst()))
  }

  /// A folder in which netplan has made the other programs' files out of /etc/netplan of `root`.
  static func netplan(_ root: FileTree) async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try await Tool.run("mkdir", ["-p", folder.appending("etc/netplan").string])
    for name in root.names(in: "etc/netplan") {
      let text = try #require(try root.string(TreePath("etc/netplan").appending(name)))
      try write(text, to: folder.appending("etc/netplan/\(name)"), mode: 0o600)
    }
    let result = try await Tool.run("netplan", ["generate", "--root-dir", folder.path.string])
    try #require(result.status == 0, "\(result.output)")
    return folder
  }
}

extension TemporaryFolder {
  /// The names in the folder `name`; none if it is not there.
  func names(in name: String) async throws -> [String] {
    let result = try await Tool.run("ls", ["-A", appending(name).string])
    return result.standardOutput.split(separator: "\n").map(String.init)
  }

  /// The text of the file `name`.
  func text(_ name: String) async throws -> String {
    try await Tool.run("cat", [appending(name).string]).standardOutput
  }
}
