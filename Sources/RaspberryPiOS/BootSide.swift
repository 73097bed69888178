import FileTree

/// What the boot partition alone tells of an image.
package struct BootSide: Sendable {
  /// Without versions, which the root partition tells.
  let kernels: [Kernel]
  let firstBoot: StockImage.FirstBoot

  /// Looks at `boot`, of which a piece of each kernel is read.
  package init(_ boot: FileTree) {
    kernels = Kernel.all(on: boot)
    firstBoot = BootSide.firstBoot(of: boot)
  }

  private static func firstBoot(of boot: FileTree) -> StockImage.FirstBoot {
    let line = StockImage.file(boot.pathIgnoringCase("cmdline.txt"), boot)
      .map { KernelCommandLine($0.lines.isEmpty ? "" : $0[0]) }
    if let line {
      if line.value(of: "init")?.hasSuffix("/firstboot") == true { return .bookworm }
      if line.words.contains("resize") { return .trixie }
      if line.value(of: "systemd.run") != nil { return .imager }
    }
    return boot.has(boot.pathIgnoringCase("user-data")) ? .trixie : .none
  }
}
