import BaseImage
import Bytes
import FileTree
import RaspberryPiOS
import Recipe
import Storage

/// What a bake made of a node, as its `manifest.json` says it. Nothing secret is in it, nor a fingerprint of something
/// secret: files that not everybody on the node may read have no digest of what pibake made them.
struct NodeManifest: Encodable {
  /// The version of this form.
  var manifestVersion = 1
  /// The program that made it: what a later run may replace must say so.
  var generator = NodeFolderProof.generator
  let node: String
  let identity: Identity
  let image: Image
  let outputs: [Output]
  let changes: [Entry]
  /// What the operator was told of the node.
  let warnings: [String]

  struct Identity: Encodable {
    let hostname: String
    let machineID: String?
    let mac: String?
    let serial: String?
    /// As Linux tells it: the signature of an MBR, or the GUID of a GPT.
    let diskID: String
    let cardID: String?
  }

  struct Image: Encodable {
    let name: String
    let sha256: String?
    let extractSHA256: String?
    /// What is wrong with the image and was read past.
    let warnings: [String]
  }

  struct Output: Encodable {
    let name: String
    /// The bytes of a disk, unpacked.
    let size: Int?
    /// The digest of a compressed file.
    let sha256: String?
    let partitions: [Partition]?
    /// What divides a disk: "mbr", "gpt" or "hybrid".
    var table: String?
    /// What a stream makes, or what was made, on a btrfs.
    var subvolume: Subvolume?
    /// The SHA-256 of the SHA-256s of the disk's blocks of 1 MiB, unpacked.
    var blocksSHA256: String?
    /// The bytes of a compressed file.
    var fileSize: Int?
    /// Where the server looks for boot files when the node asks, by its hardware address or its serial number.
    var serverFolders: [String]?
    /// Of a folder, the SHA-256 of all paths in it in ascending order, each followed by a zero.
    var namesSHA256: String?
  }

  /// A subvolume of btrfs, by its received UUID.
  struct Subvolume: Encodable {
    let name: String
    let uuid: String
    /// The received UUID of the subvolume that it is a snapshot of.
    let parent: String?
  }

  struct Partition: Encodable {
    let number: Int?
    let offset: Int
    let size: Int
    let type: String
    let uuid: String
    let partuuid: String?
  }

  /// One path that differs from the stock image.
  struct Entry: Encodable {
    /// "boot" or "root".
    let tree: String
    /// Escaped as in listings.
    let path: String
    /// "added", "changed" or "removed".
    let change: String
    /// The type of what is there now, or was.
    let type: String
    /// The permission bits now, or of what was removed.
    let mode: String?
    /// The SHA-256 of the file before.
    let before: String?
    /// The SHA-256 of the file after.
    let after: String?
    /// The target of a symbolic link.
    let target: String?
    /// Set where a digest would tell of something secret.
    let secret: Bool?
  }

  /// The text, keys sorted: the same node gives the same bytes.
  func text() throws -> [UInt8] { try jsonDocument() }
}

extension NodeManifest.Entry {
  /// The entries for all that differs between a stock tree and a node's.
  ///
  /// - Throws: `IOError` if a file cannot be read for its digest, or with the cause `.cancelled` once `progress` is.
  static func all(
    of tree: String, from base: FileTree, to node: FileTree, progress: Progress? = nil
  ) throws(IOError) -> [Self] {
    var entries: [Self] = []
    for change in node.changes(since: base) {
      entries.append(try Self(change, tree: tree, isPOSIX: node.flavor == .posix, progress))
    }
    return entries
  }

  private init(_ change: Change, tree: String, isPOSIX: Bool, _ progress: Progress?) throws(IOError) {
    self.tree = tree
    path = change.path.escaped
    self.change = change.before == nil ? "added" : change.after == nil ? "removed" : "changed"
    let inode = change.after ?? change.before
    type = inode?.body.typeName ?? ""
    mode = isPOSIX ? inode?.mode.octal : nil
    let isSecret = isPOSIX && change.after.map { $0.body.isFile && $0.mode & 0o004 == 0 } ?? false
    before = try change.before?.digest(progress)?.description
    after = isSecret ? nil : try change.after?.digest(progress)?.description
    if case .symlink(let target)? = change.after?.body { self.target = target.escaped } else { target = nil }
    secret = isSecret ? true : nil
  }
}

extension Inode {
  /// The SHA-256 of a file; nil of anything else.
  fileprivate func digest(_ progress: Progress?) throws(IOError) -> SHA256Digest? {
    guard case .file(let content) = body else { return nil }
    return try content.digest(progress: progress)
  }
}
