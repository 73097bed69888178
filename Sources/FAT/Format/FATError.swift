import Bytes
import FileTree
import Storage

/// What can be wrong with a FAT, or with a tree that is to become one.
package enum FATError: Failure {
  /// The source cannot be read.
  case io(IOError)
  /// The file system is fine, but uses something that is not handled.
  case unsupported(Feature)
  /// The file system contradicts itself.
  case corrupt(Corruption)
  /// The tree has something that no FAT can hold.
  case cannotHold(TreePath, Obstacle)
  /// The wanted file system cannot be made.
  case options(OptionFault)

  /// What is not handled.
  package enum Feature: Sendable, Equatable {
    /// A name with more than the 255 bytes that a name may have here and in Linux.
    case longName(folder: TreePath, bytes: Int)
    /// Folders within folders, deeper than 1024.
    case depth(TreePath)
  }

  /// Contradictions.
  package enum Corruption: Sendable, Equatable {
    /// A field of the boot sector has a value that it cannot have.
    case bootSector(field: String, value: Int)
    /// The file system ends at byte `end`, but its partition has only `size`.
    case cutShort(end: Int, size: Int)
    /// The chain of a file or folder leads to a cluster that cannot be part of it.
    case chain(TreePath, cluster: UInt32, ChainFault)
    /// The chain of a file ends before the file does.
    case shortChain(TreePath, clusters: Int, needed: Int)
    /// A folder with more than 65,536 entries.
    case folderSize(TreePath)
    /// An entry whose name cannot be one.
    case name(folder: TreePath, entry: Int)
    /// A name that occurs twice in one folder.
    case duplicate(TreePath)
    /// A name that occurs twice in one folder, in upper and lower case: a lookup finds only one of them.
    case sameButForCase(TreePath, Name)
  }

  /// Why a cluster cannot continue a chain.
  package enum ChainFault: String, Sendable {
    case free = "is marked free"
    case bad = "is marked bad"
    case outside = "does not exist"
    case shared = "belongs to another file already"
    case loop = "comes twice in the chain"
  }

  /// Why something does not fit into a FAT.
  package enum Obstacle: Sendable, Equatable {
    case kind(String)
    case hardLink
    case notUTF8
    case character(UInt8)
    case ending
    case nameLength(Int)
    case sameButForCase(as: Name)
    case fileSize(Int)
    case folderSize
  }

  /// Why a wanted file system cannot be.
  package enum OptionFault: Sendable, Equatable {
    /// Not a multiple of 512, or outside of what FAT can count.
    case size(Int)
    /// No cluster size, or not the given one, makes a FAT16 or FAT32 of this size.
    case clusterSize(Int, sectors: Int?)
    /// Not 1 to 11 printable ASCII characters that a label may have.
    case label(String)
    /// The contents need more than the size that is wanted.
    case tooSmall(size: Int, clusters: Int, needed: Int)
  }

  package var kind: FailureKind {
    switch self {
    case .io(let error): error.kind
    case .unsupported: .unsupported
    case .corrupt: .corrupt
    case .cannotHold, .options: .usage
    }
  }

  package var description: String {
    switch self {
    case .io(let error): error.description
    case .unsupported(let feature): feature.description
    case .corrupt(let corruption): "corrupt FAT: \(corruption)"
    case .cannotHold(let path, let obstacle): "\(path): a FAT cannot hold \(obstacle)"
    case .options(let fault): fault.description
    }
  }
}

extension FATError.Feature: CustomStringConvertible {
  package var description: String {
    switch self {
    case .longName(let folder, let bytes): "\(folder): a name of \(bytes) bytes is longer than Linux handles"
    case .depth(let path): "\(path): folders this deep are not handled"
    }
  }
}

extension FATError.Corruption: CustomStringConvertible {
  package var description: String {
    switch self {
    case .bootSector(let field, let value): "\(field) is \(value) in the boot sector"
    case .cutShort(let end, let size): "it ends at byte \(end), its partition at \(size)"
    case .chain(let path, let cluster, let fault): "\(path): cluster \(cluster) \(fault.rawValue)"
    case .shortChain(let path, let clusters, let needed):
      "\(path): the chain ends after \(clusters) clusters, the file needs \(needed)"
    case .folderSize(let path): "\(path): more than 65536 entries"
    case .name(let folder, let entry): "\(folder): entry \(entry) has an impossible name"
    case .duplicate(let path): "\(path): occurs twice"
    case .sameButForCase(let path, let other): "\(path): occurs twice, also as \(other)"
    }
  }
}

extension FATError.Obstacle: CustomStringConvertible {
  package var description: String {
    switch self {
    case .kind(let kind): "a \(kind)"
    case .hardLink: "a second name of a file"
    case .notUTF8: "a name that is not UTF-8"
    case .character(let byte): "a name with \([byte].escaped)"
    case .ending: "a name that ends in a dot or a space"
    case .nameLength(let units): "a name of \(units) UTF-16 units, only up to 255"
    case .sameButForCase(let other): "a name that differs from \(other) only by case"
    case .fileSize(let size): "a file of \(size) bytes, only less than 4 GiB"
    case .folderSize: "so many names in one folder"
    }
  }
}

extension FATError.OptionFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .size(let size): "a FAT of \(size) bytes cannot be made"
    case .clusterSize(let size, let sectors?):
      "a FAT of \(size) bytes cannot be made with \(sectors) sectors a cluster"
    case .clusterSize(let size, nil): "a FAT of \(size) bytes is too small or too large"
    case .label(let label): "\(Array(label.utf8).escaped): not a label for a FAT: 1 to 11 ASCII letters, digits or _ -"
    case .tooSmall(let size, let clusters, let needed):
      "a FAT of \(size) bytes has \(clusters) clusters for files, but \(needed) are needed"
    }
  }
}
