import Bytes
import FileTree

/// A kernel that the firmware may load.
package struct Kernel: Sendable, Hashable {
  /// What a file of the boot partition holds.
  package enum Format: String, Sendable {
    /// An arm64 Image, packed by gzip.
    case arm64Gzip = "arm64/gzip"
    /// An arm64 Image as it is.
    case arm64
    /// A 32-bit zImage.
    case arm
  }

  /// The name on the boot partition, such as "kernel8.img".
  package let name: String
  /// In bytes.
  package let size: Int
  /// nil if the file is of no kind that is known.
  package let format: Format?
  /// The version whose modules belong to it, by the rule that Raspberry Pi's packages name them by; nil if none fits.
  package private(set) var version: String?
  /// The initramfs that `auto_initramfs=1` loads with it, such as "initramfs8"; nil if it is not there.
  package let initramfs: String?

  /// The kernels on `boot`, sorted by name, without their versions.
  static func all(on boot: FileTree) -> [Kernel] {
    boot.names(in: TreePath()).compactMap { file in
      let name = file.description
      guard name.lowercased().hasPrefix("kernel"), name.lowercased().hasSuffix(".img"),
        case .file(let content)? = boot.inode(at: TreePath([file]))?.body
      else { return nil }
      let initramfs = boot.pathIgnoringCase(TreePath().appending(text: "initramfs\(variant(of: name))"))
      return Kernel(
        name: name, size: content.size, format: format(of: content),
        version: nil,
        initramfs: boot.has(initramfs) ? initramfs.names.last?.description : nil)
    }
  }

  /// This kernel, with its version if modules of that are among `versions`.
  func with(versionAmong versions: [String]) -> Kernel {
    var kernel = self
    kernel.version = Kernel.version(ofVariant: Kernel.variant(of: name), among: versions)
    return kernel
  }

  /// What stands between "kernel" and ".img".
  private static func variant(of name: String) -> String { String(name.dropFirst(6).dropLast(4)) }

  /// "8" goes with "…-v8", "_2712" with "…-2712", "7l" with "…-v7l", "" with "…-v6".
  private static func version(ofVariant variant: String, among versions: [String]) -> String? {
    let suffix = variant.hasPrefix("_") ? String(variant.dropFirst()) : "v\(variant.isEmpty ? "6" : variant)"
    let fitting = versions.filter { $0.hasSuffix("-\(suffix)") || $0.hasSuffix("-\(suffix)+") }
    return fitting.last ?? (versions.count == 1 ? versions[0] : nil)
  }

  private static func format(of content: FileContent) -> Format? {
    guard let head = try? content.head(64) else { return nil }
    let span = head.span
    // Documentation/arch/arm64/booting.rst: magic "ARM\x64" at 56. A gzip holds nothing else here.
    if span.le(0, as: UInt16.self) == 0x8B1F { return .arm64Gzip }
    if span.le(56, as: UInt32.self) == 0x644D_5241 { return .arm64 }
    if span.le(36, as: UInt32.self) == 0x016F_2818 { return .arm }
    return nil
  }
}
