import Bytes
import DiskImage
import Ext4
import FAT
import FileTree
import Storage

extension StockDisk {
  /// Which partition is meant.
  package enum Selector: Sendable, Hashable {
    /// What the Pi boots from.
    case boot
    /// What holds the system.
    case root
    case number(Int)
    /// A label or UUID of its file system, its name in a GPT, or its PARTUUID; `LABEL=` and the like may stand before.
    case name(String)

    /// `root`, `boot`, a number from 1, or else a label, GPT name or PARTUUID; nil if empty.
    package init?(_ text: String) {
      switch text {
      case "": return nil
      case "boot": self = .boot
      case "root": self = .root
      default:
        if let number = Int(text) {
          guard number > 0 else { return nil }
          self = .number(number)
        } else {
          self = .name(text)
        }
      }
    }
  }

  /// The volume that `selector` means.
  ///
  /// Boot and root are told by what they hold. Types in the table decide only between those that hold as much.
  ///
  /// - Throws: `ImageError`: noPartition if there is none, ambiguousPartition if there are several.
  package func volume(_ selector: Selector) throws(ImageError) -> Volume {
    switch selector {
    case .boot: try volume(for: .boot, as: selector)
    case .root: try volume(for: .root, as: selector)
    case .number(let number): try one(of: volumes.filter { $0.partition.number == number }, as: selector)
    case .name(let name): try one(of: volumes.filter { isCalled(name, $0) }, as: selector)
    }
  }

  /// The volume that `selector` means to somebody who only looks: the one that there is, whatever its role.
  ///
  /// - Throws: as `volume` does.
  package func volumeToShow(_ selector: Selector) throws(ImageError) -> Volume {
    if selector == .root || selector == .boot, volumes.count == 1, let only = volumes.first { return only }
    return try volume(selector)
  }

  private func one(of found: [Volume], as selector: Selector) throws(ImageError) -> Volume {
    guard let first = found.first else { throw noPartition(selector) }
    guard found.count == 1 else { throw ambiguous(selector, found) }
    return first
  }

  private func volume(for role: VolumeRole, as selector: Selector) throws(ImageError) -> Volume {
    let candidates = volumes.filter { $0.content == (role == .boot ? .fat : .ext4) }
    // Nothing else could be meant: what it holds need not be looked at.
    if candidates.count < 2 { return try one(of: candidates, as: selector) }
    guard candidates.count <= Self.lookLimit else { throw ambiguous(selector, candidates) }
    let fits = candidates.map { fit(of: $0, for: role) }
    let best = fits.max() ?? .no
    let fitting = zip(candidates, fits).filter { $0.1 == best }.map(\.0)
    if fitting.count == 1 { return fitting[0] }
    let typed = fitting.filter { role == .boot ? $0.partition.isBoot : $0.partition.isLinux }
    return try one(of: typed.isEmpty ? fitting : typed, as: selector)
  }

  /// How well `volume` fits `role`; not at all where it cannot be read, which is told.
  private func fit(of volume: Volume, for role: VolumeRole) -> VolumeRole.Fit {
    do {
      return role.fit(of: try quietTree(of: volume))
    } catch {
      policy.warn("partition \(volume.partition.number) is not looked at as \(role): \(error)")
      return .no
    }
  }

  /// Whether `name` is one of the volume's, or the one that its prefix says, as in `/etc/fstab`.
  private func isCalled(_ name: String, _ volume: Volume) -> Bool {
    let names: [(kind: String, name: String?)] = [
      ("PARTUUID", volume.partition.partUUID), ("PARTLABEL", volume.partition.name), ("LABEL", volume.label),
      ("UUID", volume.uuid),
    ]
    return names.contains { kind, own in
      guard let own, !own.isEmpty else { return false }
      let wanted = name.hasPrefix("\(kind)=") ? String(name.dropFirst(kind.count + 1)) : name
      return wanted == own || kind.hasSuffix("UUID") && wanted.lowercased() == own.lowercased()
    }
  }

  private func noPartition(_ selector: Selector) -> ImageError {
    .noPartition(image: name, role: "\(selector)", found: list(volumes))
  }

  private func ambiguous(_ selector: Selector, _ found: [Volume]) -> ImageError {
    .ambiguousPartition(image: name, role: "\(selector)", found: list(found))
  }

  /// How many partitions are looked into: more of one kind, which no Pi has, may be there to cost time.
  private static let lookLimit = 16

  private func list(_ volumes: [Volume]) -> String {
    guard !volumes.isEmpty else { return "no partitions" }
    let more = volumes.count - Self.lookLimit
    return volumes.prefix(Self.lookLimit).map { description(of: $0) }.joined(separator: "; ")
      + (more > 0 ? "; and \(more) more" : "")
  }

  /// A partition in a few words: number, content, label, and what it is by what it holds.
  private func description(of volume: Volume) -> String {
    var text = volume.partition.number == 0 ? "the whole disk" : "\(volume.partition.number)"
    text += ": \(volume.content.name)"
    if let label = volume.label { text += " \"\(Array(label.utf8).escaped)\"" }
    guard volume.content == .fat || volume.content == .ext4 else { return text }
    guard let tree = try? quietTree(of: volume) else { return text + ", which cannot be read" }
    let traces = VolumeRole.boot.traces(in: tree) + VolumeRole.root.traces(in: tree)
    return traces.isEmpty ? text : text + " with \(traces.joined(separator: ", "))"
  }
}

extension StockDisk.Volume {
  /// The label of the file system; nil if it has none, or cannot be read.
  package var label: String? { identity.label }
  /// The UUID of the file system, or what blkid shows as one; nil if it cannot be read.
  package var uuid: String? { identity.uuid }

  private var identity: (label: String?, uuid: String?) {
    switch content {
    case .fat:
      guard let reader = try? FATReader(source) else { return (nil, nil) }
      return (reader.label, reader.serial.fatUUID)
    case .ext4:
      // Who is only asked for a name need not be whole.
      let policy = ReadPolicy(verifiesChecksums: false)
      guard let superblock = (try? Ext4Reader(source, policy: policy))?.superblock else { return (nil, nil) }
      let label = superblock.label
      return (label.isEmpty ? nil : String(decoding: label, as: UTF8.self), superblock.uuid.description)
    default: return (nil, nil)
    }
  }
}

extension StockDisk.Selector: CustomStringConvertible {
  package var description: String {
    switch self {
    case .boot: "boot"
    case .root: "root"
    case .number(let number): "\(number)"
    case .name(let name): Array(name.utf8).escaped
    }
  }
}
