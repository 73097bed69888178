import Bytes
import Glibc
import HostFiles
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Baking

@Suite struct OutputFolderTests {
  private let folder: TemporaryFolder
  private let place: HeldFolder

  init() throws {
    folder = try TemporaryFolder()
    place = try HeldFolder(making: folder.appending("out"))
  }

  private func names() throws -> [String] { try FolderListing.names(in: place.path) }

  private func manifest(generator: String = "pibake", node: String = "nog", _ outputs: [String] = []) -> [UInt8] {
    let list = outputs.map { "{\"name\": \"\($0)\"}" }.joined(separator: ", ")
    return Array("{\"generator\": \"\(generator)\", \"node\": \"\(node)\", \"outputs\": [\(list)]}".utf8)
  }

  private func publish(_ files: String..., mode: UInt32 = 0o755) throws {
    let folder = try OutputFolder("nog", in: place)
    for name in files { try folder.held.writeFile(name, Array(name.utf8)) }
    try folder.held.writeFile("manifest.json", manifest(files))
    try folder.publish(mode: mode)
  }

  private func shell(_ line: String) async throws {
    let result = try await Tool.run("sh", ["-e", "-c", "cd '\(place.path)'\n\(line)"])
    try #require(result.status == 0, "\(result.output)")
  }

  @Test func `appears whole, and takes the place of an earlier one`() throws {
    try publish("old.img")
    try publish("new.img", mode: 0o700)
    #expect(try FolderListing.names(in: place.path.appending("nog")) == ["manifest.json", "new.img"])
    #expect(try names() == ["nog"])
    #expect(try place.status("nog")?.st_mode == S_IFDIR | 0o700)
  }

  @Test func `leaves nothing when the work does not come to its end`() throws {
    do {
      let folder = try OutputFolder("nog", in: place)
      try folder.held.writeFile("half.img", [1])
      #expect(try names() != [] && !names().contains("nog"))
    }
    #expect(try names() == [])
  }

  /// What must stay, and the path that the refusal names.
  @Test(arguments: [
    ("rm nog/manifest.json", "nog/disk.img"),
    ("echo '{\"name\": \"my-web-page\", \"icons\": []}' > nog/manifest.json", "nog/manifest.json"),
    ("sed -i 's/\"pibake\"/\"another\"/' nog/manifest.json", "nog/manifest.json"),
    ("sed -i 's/\"nog\"/\"mog\"/' nog/manifest.json", "nog/manifest.json"),
    ("echo x > nog/thesis.txt", "nog/thesis.txt"), ("mkdir nog/photos", "nog/photos"),
    ("touch \"nog/$(printf 't\\350')\"", "nog/t%E8"), ("rm -r nog; echo x > nog", "nog"),
    ("rm -r nog; ln -s /tmp nog", "nog"), ("rm nog/manifest.json; mkfifo nog/manifest.json", "nog/manifest.json"),
  ])
  func `a folder that is not just the node's output is refused and stays`(_ change: String, _ named: String)
    async throws
  {
    try publish("disk.img")
    try await shell(change)
    let before = try await Tool.run("find", [place.path.string]).output
    let error = #expect(throws: IOError.self) { _ = try OutputFolder("nog", in: place) }
    #expect(error?.kind == .usage && error?.hint?.contains("--output") == true)
    #expect(error?.path == place.path.appending(named).string, "\(String(describing: error))")
    #expect(try await Tool.run("find", [place.path.string]).output == before)
  }

  @Test func `what came while the node was baked stays too`() async throws {
    try publish("disk.img")
    let next = try OutputFolder("nog", in: place)
    try next.held.writeFile("manifest.json", manifest())
    try await shell("echo x > nog/thesis.txt")
    #expect(throws: IOError.self) { try next.publish(mode: 0o755) }
    #expect(try FolderListing.names(in: place.path.appending("nog")) == ["disk.img", "manifest.json", "thesis.txt"])
  }

  @Test func `an empty folder is replaced`() throws {
    try place.makeFolder("nog")
    try publish("disk.img")
    #expect(try FolderListing.names(in: place.path.appending("nog")) == ["disk.img", "manifest.json"])
  }
}
