import Bytes

/// Finds the stock disk's names in texts, and replaces those for which the node has a name of its own.
///
/// A label stays where the node has the partition, because the node's file systems keep the stock labels.
struct StockReferences {
  /// What a text has become.
  struct Result: Equatable {
    /// The text, with the node's names.
    var text: String
    /// What it still names: partitions that the node does not have.
    var gone: [Target] = []
  }

  /// What a name stands for that has no counterpart on the node.
  enum Target: Hashable {
    case partition(StockLayout.Partition)
    /// A partition that the stock disk does not have either, such as the number 7 of its signature.
    case unknown
  }

  /// A name to look for, in lower case where case does not matter.
  private struct Needle {
    let bytes: [UInt8]
    let ignoresCase: Bool
    /// What takes its place; nil if nothing can.
    let replacement: String?
    let target: Target
  }

  /// The names of the node's disks that a partition of the stock disk has become.
  struct Counterpart {
    let partUUID: String
    let uuid: String
  }

  private var needles: [Needle] = []

  /// The names of `stock`, for a node whose boot files and root are at the counterparts: nil if the node has no such
  /// partition. `disks` are the stems of device names that mean the stock disk: "/dev/mmcblk0p".
  init(_ stock: StockLayout, boot: Counterpart?, root: Counterpart?, disks: Set<String>) {
    let own = Set([boot, root].compactMap(\.self).flatMap { [$0.partUUID.lowercased(), $0.uuid.lowercased()] })
    for partition in stock.partitions {
      let counterpart: Counterpart? =
        switch partition.role {
        case .boot: boot
        case .root: root
        case .leftOut: nil
        }
      add(partition, counterpart, own: own, disks: disks)
    }
    // What is left of the disk's own id stands for a partition that not even the stock disk has.
    let id = stock.diskID.lowercased()
    if id.utf8.count >= 8, !own.contains(where: { $0.hasPrefix(id) }) {
      needles.append(Needle(bytes: Array(id.utf8), ignoresCase: true, replacement: nil, target: .unknown))
    }
  }

  private mutating func add(
    _ partition: StockLayout.Partition, _ counterpart: Counterpart?, own: Set<String>, disks: Set<String>
  ) {
    func add(_ text: String, _ replacement: String?, ignoringCase: Bool = false) {
      let text = ignoringCase ? text.lowercased() : text
      guard text != replacement?.lowercased() else { return }
      needles.append(
        Needle(
          bytes: Array(text.utf8), ignoresCase: ignoringCase, replacement: replacement, target: .partition(partition)))
    }
    // A name that the node has as well no longer means the stock disk.
    if !partition.partUUID.isEmpty, !own.contains(partition.partUUID.lowercased()) {
      add(partition.partUUID, counterpart?.partUUID, ignoringCase: true)
    }
    if let uuid = partition.uuid, !own.contains(uuid.lowercased()) {
      add(uuid, counterpart?.uuid, ignoringCase: true)
    }
    let path = counterpart.map { "/dev/disk/by-partuuid/\($0.partUUID)" }
    for disk in disks.sorted() { add("\(disk)\(partition.number)", path) }
    if let name = partition.name, !name.isEmpty {
      for form in Self.spellings(of: name, key: "PARTLABEL") {
        add(form, counterpart.map { "PARTUUID=\($0.partUUID)" })
      }
      add("by-partlabel/\(Self.escaped(name, "\\x20"))", counterpart.map { "by-partuuid/\($0.partUUID)" })
    }
    if counterpart == nil, let label = partition.label, !label.isEmpty {
      for form in Self.spellings(of: label, key: "LABEL") { add(form, nil) }
      add("by-label/\(Self.escaped(label, "\\x20"))", nil)
    }
  }

  /// How fstab(5) and the kernel's command line spell a tag.
  private static func spellings(of value: String, key: String) -> [String] {
    ["\(key)=\(escaped(value, "\\040"))", "\(key)=\"\(value)\"", "\(key)='\(value)'"]
  }

  private static func escaped(_ text: String, _ blank: String) -> String {
    text.map { $0 == " " ? blank : String($0) }.joined()
  }

  /// `text` with the node's names, and what has none.
  func mending(_ text: String) -> Result {
    guard !needles.isEmpty else { return Result(text: text) }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var gone: [Target] = []
    var index = 0
    while index < bytes.count {
      guard let needle = needle(at: index, in: bytes) else {
        result.append(bytes[index])
        index += 1
        continue
      }
      if let replacement = needle.replacement {
        result += Array(replacement.utf8)
      } else {
        result += bytes[index..<index + needle.bytes.count]
        if !gone.contains(needle.target) { gone.append(needle.target) }
      }
      index += needle.bytes.count
    }
    return Result(text: String(decoding: result, as: UTF8.self), gone: gone)
  }

  /// The longest name that stands at `index` with nothing of a name before or after it.
  private func needle(at index: Int, in text: [UInt8]) -> Needle? {
    guard index == 0 || !Self.isNamePart(text[index - 1]) || text[index] == 0x2F else { return nil }
    var best: Needle?
    for needle in needles where needle.bytes.count > best?.bytes.count ?? 0 {
      let end = index + needle.bytes.count
      guard end <= text.count else { continue }
      let found = text[index..<end]
      let isEqual =
        needle.ignoresCase
        ? found.elementsEqual(needle.bytes) { Self.lowercased($0) == $1 } : found.elementsEqual(needle.bytes)
      guard isEqual else { continue }
      // "deadbeef" within "deadbeef-07" is a name of the stock disk all the same.
      let isWhole = end == text.count || !Self.isNamePart(text[end])
      if isWhole || needle.target == .unknown && text[end] == 0x2D { best = needle }
    }
    return best
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

  /// Letters, digits, `-`, `_`, `.` and bytes beyond ASCII.
  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x80...: true
    default: false
    }
  }
}

/// A device as a path that ends in the number of a partition.
enum DevicePath {
  /// `/dev/mmcblk0p` of `/dev/mmcblk0p2`, `/dev/sda` of `/dev/sda2`; nil if `text` is no partition by its path.
  static func stem(of text: String) -> String? {
    guard text.hasPrefix("/dev/") else { return nil }
    let digits = text.reversed().prefix { ("0"..."9").contains($0) }.count
    guard digits > 0, digits <= 3 else { return nil }
    let stem = String(text.dropLast(digits))
    let name = stem.dropFirst(5)
    if ["sd", "vd", "hd", "xvd"].contains(where: { name.hasPrefix($0) }) {
      return name.allSatisfy { ("a"..."z").contains($0) } ? stem : nil
    }
    guard name.hasSuffix("p"), name.hasPrefix("mmcblk") || name.hasPrefix("nvme") || name.hasPrefix("loop") else {
      return name.hasSuffix("-part") && name.hasPrefix("disk/by-") ? stem : nil
    }
    return stem
  }
}
