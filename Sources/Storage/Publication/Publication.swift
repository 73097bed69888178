import CLinux
import Glibc
import SystemPackage

/// A file or folder in the making, which appears whole or not at all.
///
/// It has a random name that nobody else chooses, or none, in a folder that is held open; a lock tells others that its maker
/// lives. `publish` brings its content to the disk and gives it its name in one step. Dropped before that, it removes itself; if the
/// process is killed, the next publication in the folder does.
package struct Publication: ~Copyable, Sendable {
  /// The folder that it appears in.
  package let parent: HeldFolder
  /// Its name, once it is published.
  package let name: String
  /// The file, open for reading and writing, or the folder. Closed with the value.
  package let descriptor: FileDescriptor
  private let kind: Kind
  /// The name that it has until then; nil for a file without one.
  private var temporaryName: String?
  private var isSynced = false
  private(set) var isPublished = false

  /// What is made, and how it goes away.
  private enum Kind: Sendable {
    case file
    case folder(FolderMaking)
  }

  /// A file called `name`, empty; only its owner may touch it until `publish` sets its mode.
  ///
  /// - Throws: `IOError` if no file can be made in `parent`.
  package init(file name: String, in parent: HeldFolder) throws(IOError) {
    self.parent = parent
    self.name = name
    kind = .file
    if let unnamed = UnnamedFile.makeWithoutName(in: parent) {
      descriptor = unnamed
      // For the moment between its temporary name and its own.
      _ = AdvisoryLock.take(unnamed)
    } else {
      let made = try Publication.make(in: parent) { (temporary) throws(IOError) in
        try parent.open(temporary, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
      }
      (descriptor, temporaryName) = (made.descriptor, made.name)
    }
  }

  /// A folder called `name`, empty; only its owner may enter it until `publish` sets its mode.
  ///
  /// - Parameter making: how folders are made and removed; a btrfs subvolume takes other calls.
  /// - Throws: `IOError` if no folder can be made in `parent`.
  package init(folder name: String, in parent: HeldFolder, by making: FolderMaking = .plain) throws(IOError) {
    self.parent = parent
    self.name = name
    kind = .folder(making)
    let made = try Publication.make(in: parent) { (temporary) throws(IOError) in
      try making.make(parent, temporary)
      return try parent.open(temporary, O_RDONLY | O_DIRECTORY)
    }
    (descriptor, temporaryName) = (made.descriptor, made.name)
  }

  deinit {
    if !isPublished, let temporaryName { try? remove(temporaryName) }
    try? descriptor.close()
  }

  /// Where it will be.
  package var target: FilePath { parent.path.appending(name) }

  /// Where the folder is now.
  package var path: FilePath { parent.path.appending(isPublished ? name : temporaryName ?? name) }

  /// The folder in the making, opened once more.
  package func folder() throws(IOError) -> HeldFolder {
    let number = descriptor.rawValue
    let opened = unsafe openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw IOError(path, "open", Errno(rawValue: errno)) }
    return HeldFolder(opened: FileDescriptor(rawValue: opened), path: path)
  }

  /// Removes what is half made, which is not to appear.
  package mutating func abandon() throws(IOError) {
    precondition(!isPublished, "what has appeared stays")
    if let temporaryName { try remove(temporaryName) }
    temporaryName = nil
  }

  /// Appends `bytes` to the file.
  package func write(_ bytes: Span<UInt8>) throws(IOError) {
    do {
      try unsafe bytes.withUnsafeBytes { _ = unsafe try descriptor.writeAll($0) }
    } catch {
      throw IOError(target, "write", error as? Errno ?? .ioError)
    }
  }

  /// Brings everything in it to the disk.
  package mutating func sync() throws(IOError) {
    switch kind {
    case .file:
      let descriptor = descriptor.rawValue
      if let error = failure({ fsync(descriptor) }) { throw IOError(target, "sync", error) }
    case .folder: try TreeSync.sync(descriptor, path: target)
    }
    isSynced = true
  }

  /// Takes note that ``HeldFolder/syncFileSystem()``, called after the last write, has brought everything in it to the disk.
  package mutating func noteSynced() { isSynced = true }

  /// Gives it its name.
  ///
  /// - Parameters:
  ///   - other: a name to take instead of the one that it was begun with.
  ///   - mode: the permission bits; nil leaves those that the maker has set.
  ///   - replacement: what may be there and is gone afterwards.
  ///   - isDurable: whether content and name are on the disk when this returns. An entry of a cache that proves itself whenever it
  ///     is read need not be.
  /// - Throws: `IOError`; nothing has changed then.
  package mutating func publish(
    as other: String? = nil, mode: UInt32?, replacing replacement: Replacement, isDurable: Bool = true
  ) throws(IOError) {
    precondition(!isPublished, "a publication appears once")
    let name = other ?? name
    if let mode {
      let descriptor = descriptor.rawValue
      if let error = failure({ fchmod(descriptor, mode) }) { throw IOError(target, "change the mode of", error) }
    }
    if isDurable && !isSynced { try sync() }
    switch kind {
    case .file: try placeFile(as: name, replacement)
    case .folder: try placeFolder(as: name, replacement)
    }
    isPublished = true
    if isDurable { try parent.sync() }
  }

  /// Makes something under a random name, with a lock that a search for leftovers respects.
  private static func make(
    in parent: HeldFolder, _ create: (String) throws(IOError) -> FileDescriptor
  ) throws(IOError) -> (descriptor: FileDescriptor, name: String) {
    // A search for leftovers may come between making and locking, and remove it.
    for _ in 0..<16 {
      let name = TemporaryName.random()
      let descriptor: FileDescriptor
      do throws(IOError) {
        descriptor = try create(name)
      } catch {
        if error.cause == .system(.fileExists) || error.cause == .system(.noSuchFileOrDirectory) { continue }
        throw error
      }
      if AdvisoryLock.take(descriptor) != .held, try parent.holds(descriptor, as: name) { return (descriptor, name) }
      try? descriptor.close()
    }
    throw IOError(parent.path, "create a temporary name in", .noSuchFileOrDirectory)
  }

  /// Removes what has the temporary name `name`.
  private func remove(_ name: String) throws(IOError) {
    switch kind {
    case .file: try parent.removeFile(name)
    case .folder(let making): try making.remove(parent, name)
    }
  }
}

// MARK: - Files

extension Publication {
  private mutating func placeFile(as name: String, _ replacement: Replacement) throws(IOError) {
    if temporaryName == nil {
      let error = link(as: name)
      guard let error else { return }
      guard error == .fileExists else { throw IOError(parent.path.appending(name), "publish", error) }
      if case .nothing = replacement { throw exists(name) }
      let temporary = TemporaryName.random()
      if let error = link(as: temporary) { throw IOError(parent.path.appending(name), "publish", error) }
      temporaryName = temporary
    }
    guard let temporary = temporaryName else { return }
    switch replacement {
    case .ownFile: break
    case .nothing:
      switch parent.rename(temporary, to: name, flags: PB_RENAME_NOREPLACE) {
      case nil: return
      case let error? where error == .fileExists: throw exists(name)
      case let error? where !error.saysNoFlags: throw IOError(parent.path.appending(name), "publish", error)
      default: if try parent.status(name) != nil { throw exists(name) }
      }
    case .proven(let prove):
      if try parent.status(name) != nil {
        try prove(parent, name)
        if try exchange(temporary, name, prove) == .done { return }
      }
    }
    if let error = parent.rename(temporary, to: name) { throw IOError(parent.path.appending(name), "publish", error) }
  }

  /// Gives a file without a name one.
  private func link(as name: String) -> Errno? {
    let (path, folder) = (UnnamedFile.path(of: descriptor), parent.descriptor.rawValue)
    return failure { unsafe linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW) }
  }
}

// MARK: - Folders

extension Publication {
  private func placeFolder(as name: String, _ replacement: Replacement) throws(IOError) {
    guard let temporary = temporaryName else { return }
    // Another process may publish or remove the same name between two steps.
    for _ in 0..<16 {
      switch parent.rename(temporary, to: name, flags: PB_RENAME_NOREPLACE) {
      case nil: return
      case let error? where error.saysNoFlags:
        if try parent.status(name) != nil { break }
        if let error = parent.rename(temporary, to: name) {
          throw IOError(parent.path.appending(name), "publish", error)
        }
        return
      case let error? where error != .fileExists: throw IOError(parent.path.appending(name), "publish", error)
      default: break
      }
      guard case .proven(let prove) = replacement else { throw exists(name) }
      try prove(parent, name)
      var outcome = try exchange(temporary, name, prove)
      if outcome == .noFlags { outcome = try moveAside(temporary, name, prove) }
      if outcome == .done { return }
    }
    throw exists(name)
  }

  /// What came of a replacement.
  private enum Outcome {
    case done
    /// The file system cannot exchange two names, and nothing was done.
    case noFlags
    /// What was to be replaced is not there any more, and nothing was done.
    case gone
  }

  /// Puts what has the temporary name in the place of `name` and removes what was there, after it has proven itself again.
  private func exchange(
    _ temporary: String, _ name: String, _ prove: (HeldFolder, String) throws(IOError) -> Void
  ) throws(IOError) -> Outcome {
    // Locked, what was replaced is no leftover to others as long as it may have to go back.
    let old = try? parent.open(name, O_RDONLY | O_NONBLOCK)
    defer { try? old?.close() }
    if let old { _ = AdvisoryLock.take(old) }
    if let error = parent.rename(temporary, to: name, flags: PB_RENAME_EXCHANGE) {
      if error.saysNoFlags { return .noFlags }
      if error == .noSuchFileOrDirectory, try parent.status(temporary) != nil { return .gone }
      throw IOError(parent.path.appending(name), "publish", error)
    }
    do throws(IOError) {
      try prove(parent, temporary)
    } catch {
      _ = parent.rename(temporary, to: name, flags: PB_RENAME_EXCHANGE)
      throw error
    }
    // Before the replaced file is removed: a power cut leaves the old or the new one whole.
    try? parent.sync()
    // What cannot be removed now is a leftover for the next run, and no reason to fail: the output is in its place.
    try? remove(temporary)
    return .done
  }

  /// Does the same in two steps, where the file system cannot exchange names. What was there has a name from which the next run
  /// brings it back, should this one be killed between them.
  private func moveAside(
    _ temporary: String, _ name: String, _ prove: (HeldFolder, String) throws(IOError) -> Void
  ) throws(IOError) -> Outcome {
    let aside = TemporaryName.random(aside: name)
    let old = try? parent.open(name, O_RDONLY | O_NONBLOCK)
    defer { try? old?.close() }
    if let old { _ = AdvisoryLock.take(old) }
    if let error = parent.rename(name, to: aside) {
      if error == .noSuchFileOrDirectory { return .gone }
      throw IOError(parent.path.appending(name), "publish", error)
    }
    do throws(IOError) {
      try prove(parent, aside)
      if let error = parent.rename(temporary, to: name) { throw IOError(parent.path.appending(name), "publish", error) }
    } catch {
      _ = parent.rename(aside, to: name)
      throw error
    }
    try? parent.sync()
    try? remove(aside)
    return .done
  }

  private func exists(_ name: String) -> IOError { IOError(parent.path.appending(name), "publish", .fileExists) }
}

extension Errno {
  /// Whether renameat2(2) says with this that the file system or the kernel does not have the flag.
  fileprivate var saysNoFlags: Bool {
    [.invalidArgument, .noFunction, .notSupported].contains(self)
  }
}
