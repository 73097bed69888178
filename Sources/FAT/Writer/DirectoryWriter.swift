import Bytes
import FileTree

/// Makes the bytes of folders, once everything has its place.
struct DirectoryWriter {
  private let tree: FileTree
  private let places: Allocation
  private let label: [UInt8]

  init(_ tree: FileTree, _ places: Allocation, label: [UInt8]) {
    self.tree = tree
    self.places = places
    self.label = label
  }

  /// All entries of `folder`.
  func bytes(of folder: FolderPlan) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(folder.slots * 32)
    guard let own = tree[folder.id] else { return [] }
    if let parent = folder.parent {
      let dot = ShortName(base: [0x2E], suffix: [])
      let twoDots = ShortName(base: [0x2E, 0x2E], suffix: [])
      append(dot, caseBits: 0, own, cluster: places.firstCluster(of: folder.id), to: &bytes)
      // The root directory is 0 here, whatever its cluster is.
      let cluster = parent == tree.root ? 0 : places.firstCluster(of: parent)
      append(twoDots, caseBits: 0, own, cluster: cluster, to: &bytes)
    } else {
      appendLabel(own, to: &bytes)
    }
    for entry in folder.entries {
      guard let inode = tree[entry.id] else { continue }
      appendLong(entry, to: &bytes)
      append(entry.shortName, caseBits: entry.caseBits, inode, cluster: places.firstCluster(of: entry.id), to: &bytes)
    }
    return bytes
  }

  private func appendLabel(_ root: Inode, to bytes: inout [UInt8]) {
    let time = FATTime(root.modified)
    bytes += label
    bytes.append(EntryAttribute.label)
    bytes += [UInt8](repeating: 0, count: 10)
    bytes.append(le: time.time)
    bytes.append(le: time.date)
    bytes += [UInt8](repeating: 0, count: 6)
  }

  /// Appends a short entry.
  private func append(
    _ name: ShortName, caseBits: UInt8, _ inode: Inode, cluster: UInt32, to bytes: inout [UInt8]
  ) {
    let created = FATTime(inode.created ?? inode.modified)
    let modified = FATTime(inode.modified)
    var attributes = inode.attributes.rawValue
    var size = 0
    switch inode.body {
    case .directory: attributes |= EntryAttribute.folder
    case .file(let content): size = content.size
    case .symlink, .characterDevice, .blockDevice, .fifo, .socket: break
    }
    bytes += name.bytes
    bytes.append(attributes)
    bytes.append(caseBits)
    bytes.append(created.hundredths)
    bytes.append(le: created.time)
    bytes.append(le: created.date)
    bytes.append(le: FATTime(inode.accessed).date)
    bytes.append(le: UInt16(cluster >> 16))
    bytes.append(le: modified.time)
    bytes.append(le: modified.date)
    bytes.append(le: UInt16(truncatingIfNeeded: cluster))
    bytes.append(le: UInt32(size))
  }

  /// Appends the entries of a long name, the last part first.
  private func appendLong(_ entry: FolderPlan.Entry, to bytes: inout [UInt8]) {
    let units = entry.longName
    guard !units.isEmpty else { return }
    let checksum = LongName.checksum(of: entry.shortName.bytes.span)
    let count = entry.slots - 1
    for part in (0..<count).reversed() {
      var slot = [UInt8](repeating: 0, count: 32)
      slot[0x00] = UInt8(part + 1) | (part == count - 1 ? 0x40 : 0)
      slot[0x0B] = EntryAttribute.longName
      slot[0x0D] = checksum
      for (place, offset) in LongName.unitOffsets.enumerated() {
        let index = part * 13 + place
        // One zero ends a name that leaves room for it; FFFF fills up.
        slot.store(le: index < units.count ? units[index] : index == units.count ? 0 : 0xFFFF, at: offset)
      }
      bytes += slot
    }
  }
}
