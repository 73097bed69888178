import Bytes
import FileTree
import Storage

/// A send stream: what `btrfs receive` makes a subvolume of.
///
/// The same trees give the same bytes, and the same identity in every form of stream.
package struct SendStream: Sendable {
  /// What the subvolume will be known by.
  package let identity: Identity
  /// The subvolume that it is a snapshot of; nil: a stream that needs nothing.
  package let parent: Identity?
  private let source: any OperationSource

  /// The stream of a whole subvolume.
  ///
  /// - Parameter known: sources of contents that need not be read to be told from others.
  /// - Throws: `BtrfsError.unsupported` for what btrfs does not hold.
  package init(of subvolume: Subvolume, known: [KnownSource] = []) throws(BtrfsError) {
    let walk = CreationWalk(subvolume)
    var digest = OperationDigest(parent: nil, known: known)
    try digest.update(walk)
    self.init(identity: Identity(digest: digest.finish()), parent: nil, source: walk)
  }

  /// The stream of a subvolume that is a snapshot of another with what differs.
  ///
  /// - Parameters:
  ///   - parent: what the receiver has: its parts have the same folders.
  ///   - stream: the stream from which it has that.
  ///   - comparison: how contents are known to be equal.
  ///   - given: what the subvolume is known by already, from a stream of its whole; nil: derived from the parent's
  ///     and from what differs.
  /// - Throws: `BtrfsError.unsupported` for what btrfs does not hold.
  package init(
    of subvolume: Subvolume, since parent: Subvolume, sentAs stream: SendStream,
    comparing comparison: ContentComparison, known: [KnownSource] = [], identity given: Identity? = nil
  ) throws(BtrfsError) {
    guard parent.parts.map(\.folder) == subvolume.parts.map(\.folder) else {
      throw .unsupported(path: [], "a snapshot with other parts than its parent")
    }
    var operations: [Operation] = []
    for (old, new) in zip(parent.parts, subvolume.parts) {
      operations += try PartUpdate(from: old, to: new, comparison: comparison).operations
    }
    if subvolume.time != parent.time {
      let time = subvolume.time
      operations.append(.setTimes([], accessed: time, modified: time, changed: time))
    }
    let list = OperationList(operations)
    if let given {
      self.init(identity: given, parent: stream.identity, source: list)
      return
    }
    var digest = OperationDigest(parent: stream.identity, known: known)
    try digest.update(list)
    self.init(identity: Identity(digest: digest.finish()), parent: stream.identity, source: list)
  }

  private init(identity: Identity, parent: Identity?, source: any OperationSource) {
    self.identity = identity
    self.parent = parent
    self.source = source
  }

  /// What every stream begins with.
  package static let magic = Array("btrfs-stream\0".utf8)

  /// Gives the stream to `write`, first byte to last, some at a time and from one thread at a time; the receiver calls
  /// the subvolume `name`.
  ///
  /// - Throws: `BtrfsError.io` if contents cannot be read, or whatever `write` throws.
  package func emit(
    as name: Name, form: StreamForm = .v1, _ write: @Sendable (Span<UInt8>) throws(IOError) -> Void
  ) throws(BtrfsError) {
    var frame = CommandBuffer()
    frame.header(version: form.version)
    frame.begin(parent == nil ? .subvol : .snapshot)
    frame.add(.path, name.bytes)
    frame.add(.uuid, identity.uuid.bytes)
    frame.add(.ctransid, Identity.generation)
    if let parent {
      frame.add(.cloneUUID, parent.uuid.bytes)
      frame.add(.cloneCtransid, Identity.generation)
    }
    frame.finish()
    try put(frame.bytes, write)
    try OrderedEncoding(source).run(form: form, parent: parent, write: write)
    frame.clear()
    frame.begin(.end)
    frame.finish()
    try put(frame.bytes, write)
  }

  /// Takes the stream's steps in a subvolume of this machine.
  func apply(_ applier: OperationApplier) throws(IOError) {
    var source = self.source
    var operations: [Operation] = []
    do throws(BtrfsError) {
      while try source.next(into: &operations) {}
    } catch {
      throw IOError(path: "subvolume", operation: "change", cause: .message(error.description))
    }
    for operation in operations { try applier.apply(operation) }
  }

  private func put(_ bytes: [UInt8], _ write: (Span<UInt8>) throws(IOError) -> Void) throws(BtrfsError) {
    do throws(IOError) { try write(bytes.span) } catch { throw .io(error) }
  }
}
