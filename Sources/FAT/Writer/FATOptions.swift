import FileTree

/// What a new FAT is to be, beside what it holds.
package struct FATOptions: Sendable, Equatable {
  /// Bytes of the partition, a multiple of 512.
  package var size: Int
  /// The volume's serial number: blkid's UUID.
  package var serial: UInt32
  /// 1 to 11 characters of ASCII, written as they are; pi-gen's are in lower case.
  package var label: String
  /// How many sectors of 512 bytes lie before the partition on its disk.
  package var hiddenSectors: UInt32
  /// 1, 2, 4 and so on up to 64; nil for the smallest that gives no more than two million clusters: 1 for a boot
  /// partition of pi-gen's size, as pi-gen has it.
  package var sectorsPerCluster: Int?

  /// Options for a partition of `size` bytes.
  package init(
    size: Int, serial: UInt32, label: String, hiddenSectors: UInt32, sectorsPerCluster: Int? = nil
  ) {
    self.size = size
    self.serial = serial
    self.label = label
    self.hiddenSectors = hiddenSectors
    self.sectorsPerCluster = sectorsPerCluster
  }

  /// The label as its directory entry has it: 11 bytes, filled up with spaces.
  func paddedLabel() throws(FATError) -> [UInt8] {
    guard Self.isLabel(label) else { throw .options(.label(label)) }
    let bytes = Array(label.utf8)
    return bytes + [UInt8](repeating: 0x20, count: 11 - bytes.count)
  }

  /// Whether `text` can be the label of a new FAT.
  package static func isLabel(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let isValid = bytes.allSatisfy { $0 == 0x20 || ShortName.isAllowed($0.uppercasedASCII) }
    return (1...11).contains(bytes.count) && isValid && bytes.first != 0x20 && bytes.last != 0x20
  }
}
