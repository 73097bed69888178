import BaseImage
import Btrfs
import Bytes
import FileTree
import Recipe
import Storage
import Synchronization
import SystemPackage
import Unpack

/// A base and its nodes as btrfs subvolumes, under `server/store` of an output folder: the base is written once for all
/// nodes of a run, and not at all where an earlier run has written it.
final class SubvolumeStore: Sendable {
  private let system: BaseSystem
  /// The older base that the server has; nil without `--since`.
  private let old: (subvolume: Subvolume, stream: SendStream)?
  /// The records of streams that earlier runs have written.
  private let digests: FileDigests
  /// The images that the streams and subvolumes are made of.
  private let images: [UnpackedImage]
  private let progress: Progress
  private let report: @Sendable (BakeEvent) -> Void
  private let state = Mutex(State())

  private struct State {
    /// The base as a whole.
    var stream: SendStream?
    /// The bases that are in their places, each with what it is listed as.
    var bases: [FilePath: NodeManifest.Output] = [:]
    /// The folders in which the base's subvolume is.
    var stores: [FilePath: SubvolumeFolder] = [:]
  }

  /// A store for nodes of `system`; nothing is computed or written until a node asks for it. The base is sent, or made,
  /// as what differs from `old`, where there is one; `cache` tells what earlier runs have written.
  ///
  /// - Throws: `BtrfsError` if the old one cannot be a subvolume.
  init(
    _ system: BaseSystem, since old: BaseSystem?, cache: FilePath, progress: Progress,
    report: @escaping @Sendable (BakeEvent) -> Void
  ) throws(BtrfsError) {
    self.system = system
    digests = FileDigests(cache: cache) { report(.warning($0)) }
    images = [system.stock.image] + (old.map { [$0.stock.image] } ?? [])
    self.progress = progress
    self.report = report
    guard let old else {
      self.old = nil
      return
    }
    let subvolume = Subvolume(boot: old.boot, root: old.root, time: old.time)
    self.old = (subvolume, try SendStream(of: subvolume, known: old.known))
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
      let path = folder.appending("\(fileName(stream)).btrfs")
      if let known = state.bases[path] { return known }
      let held = try HeldFolder(making: folder)
      try Leftovers.remove(from: held)
      var script = try Publication(file: "receive.sh", in: held)
      try script.write(ReceiveScript.text(store: recipe.server?.store ?? "/srv/pibake").span)
      try script.publish(mode: 0o755, replacing: .output(startingWith: ReceiveScript.firstLines))
      let made = try writeBase(stream, form: form, to: path, in: held)
      state.bases[path] = made
      return made
    }
    let stream = try self.stream(boot, root)
    var file = try Publication(file: "\(recipe.name).btrfs", in: HeldFolder(folder))
    let measured = try emit(stream, as: "\(recipe.name)", form: form, to: file)
    try checkUnchanged()
    try file.publish(mode: 0o600, replacing: .output(startingWith: SendStream.magic))
    let name = "\(recipe.name)"
    return [base, SubvolumeStore.output(name, name, stream.identity, parent: stream.parent, measured)]
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
      // Programs of the nodes that run as root there must not be reached by this machine's users.
      try HeldFolder(making: folder).setMode(0o700)
      let store = try SubvolumeFolder(folder)
      let clock = ContinuousClock()
      let start = clock.now
      let name = SubvolumeStore.name(of: stream)
      report(.began(subject: name, work: "making"))
      if let old = old(than: stream) {
        try makeBase(stream, since: old.stream, as: name, in: store)
      } else {
        try store.make(subvolume(system.boot, system.root), stream, as: name)
      }
      report(.done(subject: name, result: "a subvolume", time: clock.now - start))
      state.stores[folder] = store
      return (stream, store)
    }
    let stream = try self.stream(boot, root)
    try store.make(stream, snapshotOf: SubvolumeStore.name(of: base), as: "\(recipe.name)")
    let name = SubvolumeStore.name(of: base)
    return [
      SubvolumeStore.output(name, name, base.identity, parent: old(than: base)?.stream.identity, nil),
      SubvolumeStore.output("\(recipe.name)", "\(recipe.name)", stream.identity, parent: base.identity, nil),
    ]
  }

  /// Makes the base's subvolume as a snapshot of the old one, unless it is there already.
  private func makeBase(
    _ whole: SendStream, since old: SendStream, as name: String, in store: SubvolumeFolder
  ) throws(BtrfsError) {
    if store.holds(whole, as: name) { return }
    let parent = SubvolumeStore.name(of: old)
    guard store.holds(old, as: parent) else {
      throw .place(
        "\(parent), the base of the image that --since names, is not there as it was made",
        hint: "without --since the new base is written whole")
    }
    try store.make(update(whole), snapshotOf: parent, as: name)
  }

  /// Writes the base's stream, unless an earlier run has written it and nobody has changed it since.
  private func writeBase(
    _ whole: SendStream, form: StreamForm, to path: FilePath, in folder: HeldFolder
  ) throws -> NodeManifest.Output {
    let name = SubvolumeStore.name(of: whole)
    let file = path.lastComponent?.stem ?? name
    if let digest = try digests.known(of: path), let size = SubvolumeStore.size(of: path, in: form) {
      return SubvolumeStore.output(
        file, name, whole.identity, parent: old(than: whole)?.stream.identity, (size, digest))
    }
    let clock = ContinuousClock()
    let start = clock.now
    report(.began(subject: "\(file).btrfs", work: "writing"))
    let stream = try update(whole)
    var output = try Publication(file: "\(file).btrfs", in: folder)
    let measured = try emit(stream, as: name, form: form, to: output)
    try checkUnchanged()
    try output.publish(mode: 0o600, replacing: .output(startingWith: SendStream.magic))
    try digests.note(measured.digest, of: output.descriptor, at: path)
    report(.done(subject: "\(file).btrfs", result: "\(ByteCount(measured.size))", time: clock.now - start))
    return SubvolumeStore.output(file, name, stream.identity, parent: stream.parent, measured)
  }

  /// The base as the difference from the old one, under the digest of the whole; the whole base if there is no old one.
  private func update(_ whole: SendStream) throws(BtrfsError) -> SendStream {
    guard let old = old(than: whole) else { return whole }
    return try SendStream(
      of: subvolume(system.boot, system.root), since: old.subvolume, sentAs: old.stream, comparing: .bytes,
      identity: whole.identity)
  }

  /// The old base; nil if it is the same as the new one.
  private func old(than whole: SendStream) -> (subvolume: Subvolume, stream: SendStream)? {
    old?.stream.identity == whole.identity ? nil : old
  }

  private func fileName(_ base: SendStream) -> String {
    let name = SubvolumeStore.name(of: base)
    return old(than: base).map { "\(name)-since-\($0.stream.identity.shortDigest)" } ?? name
  }

  /// Throws if an image that streams are made of is no longer what it was.
  private func checkUnchanged() throws(IOError) {
    for image in images { try image.checkUnchanged() }
  }

  private func emit(
    _ stream: SendStream, as name: String, form: StreamForm, to file: borrowing Publication
  ) throws -> (size: Int, digest: SHA256Digest) {
    guard let name = Name(Array(name.utf8)) else { throw BakeError.badOutput(file.target) }
    let written = Atomic<Int>(0)
    let hash = Mutex(SHA256())
    let (descriptor, target) = (file.descriptor, file.target)
    try stream.emit(as: name, form: form) { (bytes) throws(IOError) in
      if progress.isCancelled { throw IOError(path: "output", operation: "write", cause: .cancelled) }
      do {
        try unsafe bytes.withUnsafeBytes { _ = unsafe try descriptor.writeAll($0) }
      } catch {
        throw IOError(target, "write", error as? Errno ?? .ioError)
      }
      hash.withLock { $0.update(bytes) }
      progress.advance(by: bytes.count)
      written.add(bytes.count, ordering: .relaxed)
    }
    let digest = hash.withLock { exchange(&$0, with: SHA256()).finish() }
    return (written.load(ordering: .relaxed), digest)
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
    _ file: String, _ name: String, _ identity: Identity, parent: Identity?,
    _ measured: (size: Int, digest: SHA256Digest)?
  ) -> NodeManifest.Output {
    NodeManifest.Output(
      name: "server/store/\(file)\(measured == nil ? "/" : ".btrfs")", size: measured?.size,
      sha256: measured?.digest.description, partitions: nil,
      subvolume: NodeManifest.Subvolume(name: name, uuid: "\(identity.uuid)", parent: parent.map { "\($0.uuid)" }))
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

extension Replacement {
  /// An output of an earlier run: a regular file that begins with `bytes`.
  fileprivate static func output(startingWith bytes: [UInt8]) -> Replacement {
    .proven { (folder, name) throws(IOError) in
      if let file = try? folder.file(name), (try? file.read(at: 0, count: bytes.count)) == bytes { return }
      throw IOError(
        path: folder.path.appending(name).description, operation: "replace",
        cause: .refused("is there already, and is not pibake's", hint: "move it away, or choose another --output"))
    }
  }
}
