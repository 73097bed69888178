import Btrfs
import Bytes
import FileTree
import Recipe
import Storage
import Synchronization
import SystemPackage

/// A base and its nodes as btrfs subvolumes, under `server/store` of an output folder: the base is written once for all
/// nodes of a run, and not at all where an earlier run has written it.
final class SubvolumeStore: Sendable {
  private let system: BaseSystem
  private let progress: Progress
  private let report: @Sendable (BakeEvent) -> Void
  private let state = Mutex(State())

  private struct State {
    var stream: SendStream?
    /// The bases that are in their places, each with what it is listed as.
    var bases: [FilePath: NodeManifest.Output] = [:]
    /// The folders in which the base's subvolume is.
    var stores: [FilePath: SubvolumeFolder] = [:]
  }

  /// A store for nodes of `system`; nothing is computed or written until a node asks for it.
  init(_ system: BaseSystem, progress: Progress, report: @escaping @Sendable (BakeEvent) -> Void) {
    self.system = system
    self.progress = progress
    self.report = report
  }

  /// Writes the base's stream where it is missing, the node's, and the script that receives both.
  ///
  /// - Returns: both streams.
  /// - Throws: `BtrfsError`, or `IOError`.
  func writeStreams(
    of recipe: NodeRecipe, _ boot: FileTree, _ root: FileTree, into output: FilePath
  ) throws -> [NodeManifest.Output] {
    let folder = output.appending("server").appending("store")
    let form = StreamForm(recipe.output.stream)
    let base = try state.withLock { state in
      let stream = try self.stream(&state)
      let name = SubvolumeStore.name(of: stream)
      let path = folder.appending("\(name).btrfs")
      if let known = state.bases[path] { return known }
      try makeFolders(folder)
      let script = try OutputFile(folder.appending("receive.sh"))
      try script.write(ReceiveScript.text(store: recipe.server?.store ?? "/srv/pibake").span)
      try script.publish(mode: 0o755)
      let made = try writeBase(stream, as: name, form: form, to: path)
      state.bases[path] = made
      return made
    }
    let stream = try self.stream(boot, root)
    let file = try OutputFile(folder.appending("\(recipe.name).btrfs"))
    let measured = try emit(stream, as: "\(recipe.name)", form: form, to: file, digest: true)
    try file.publish()
    return [base, SubvolumeStore.output("\(recipe.name)", stream, measured)]
  }

  /// Makes the base's subvolume where it is missing, and the node's as a snapshot of it.
  ///
  /// - Returns: both subvolumes.
  /// - Throws: `BtrfsError`, or `IOError`.
  func makeSubvolumes(
    of recipe: NodeRecipe, _ boot: FileTree, _ root: FileTree, in output: FilePath
  ) throws -> [NodeManifest.Output] {
    let folder = output.appending("server").appending("store")
    let (base, store) = try state.withLock { state in
      let stream = try self.stream(&state)
      if let store = state.stores[folder] { return (stream, store) }
      try makeFolders(folder)
      let store = try SubvolumeFolder(folder)
      let clock = ContinuousClock()
      let start = clock.now
      let name = SubvolumeStore.name(of: stream)
      report(.began(subject: name, work: "making"))
      try store.make(subvolume(system.boot, system.root), stream, as: name)
      report(.done(subject: name, result: "a subvolume", time: clock.now - start))
      state.stores[folder] = store
      return (stream, store)
    }
    let stream = try self.stream(boot, root)
    try store.make(stream, snapshotOf: SubvolumeStore.name(of: base), as: "\(recipe.name)")
    return [
      SubvolumeStore.output(SubvolumeStore.name(of: base), base, nil),
      SubvolumeStore.output("\(recipe.name)", stream, nil),
    ]
  }

  /// Writes the base unless its file is there already: it has appeared whole, and its name says what is in it.
  private func writeBase(
    _ stream: SendStream, as name: String, form: StreamForm, to path: FilePath
  ) throws -> NodeManifest.Output {
    if let size = SubvolumeStore.size(of: path, in: form) {
      return SubvolumeStore.output(name, stream, (size, nil))
    }
    let clock = ContinuousClock()
    let start = clock.now
    report(.began(subject: "\(name).btrfs", work: "writing"))
    let file = try OutputFile(path)
    let measured = try emit(stream, as: name, form: form, to: file, digest: false)
    try file.publish()
    report(.done(subject: "\(name).btrfs", result: "\(ByteCount(measured.size))", time: clock.now - start))
    return SubvolumeStore.output(name, stream, measured)
  }

  private func emit(
    _ stream: SendStream, as name: String, form: StreamForm, to file: OutputFile, digest: Bool
  ) throws -> (size: Int, digest: SHA256Digest?) {
    guard let name = Name(Array(name.utf8)) else { throw BakeError.badOutput(file.target) }
    let written = Atomic<Int>(0)
    try stream.emit(as: name, form: form) { (bytes) throws(IOError) in
      if progress.isCancelled { throw IOError(path: "output", operation: "write", cause: .cancelled) }
      try file.write(bytes)
      progress.advance(by: bytes.count)
      written.add(bytes.count, ordering: .relaxed)
    }
    let size = written.load(ordering: .relaxed)
    return (size, digest ? try file.digest(count: size) : nil)
  }

  private func stream(_ state: inout State) throws(BtrfsError) -> SendStream {
    if let stream = state.stream { return stream }
    let stream = try SendStream(of: subvolume(system.boot, system.root), known: system.known)
    state.stream = stream
    return stream
  }

  /// The stream of a node as a snapshot of the base.
  private func stream(_ boot: FileTree, _ root: FileTree) throws(BtrfsError) -> SendStream {
    let base = try state.withLock { (state) throws(BtrfsError) in try stream(&state) }
    return try SendStream(
      of: subvolume(boot, root), since: subvolume(system.boot, system.root), sentAs: base, comparing: .places,
      known: system.known)
  }

  private func subvolume(_ boot: FileTree, _ root: FileTree) -> Subvolume {
    Subvolume(boot: boot, root: root, time: system.time)
  }

  /// The name of a base's subvolume, which no other base has.
  private static func name(of base: SendStream) -> String { "base-\(base.identity.shortDigest)" }

  private static func output(
    _ name: String, _ stream: SendStream, _ file: (size: Int, digest: SHA256Digest?)?
  ) -> NodeManifest.Output {
    NodeManifest.Output(
      name: "server/store/\(name)\(file == nil ? "/" : ".btrfs")", size: file?.size,
      sha256: file?.digest?.description, partitions: nil,
      subvolume: NodeManifest.Subvolume(
        name: name, uuid: "\(stream.identity.uuid)", parent: stream.parent.map { "\($0.uuid)" }))
  }

  /// The size of the stream at `path`; nil if there is none, or one of another form.
  private static func size(of path: FilePath, in form: StreamForm) -> Int? {
    guard let file = try? FileSource(path), let header = try? file.read(at: 0, count: 17) else { return nil }
    return header.span.le(13, as: UInt32.self) == form.version ? file.size : nil
  }
}

extension StreamForm {
  /// What a recipe asks for.
  fileprivate init(_ stream: OutputSettings.Stream) {
    self =
      switch stream {
      case .v1: .v1
      case .v2Zstd: .v2Zstd
      }
  }
}
