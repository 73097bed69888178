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
    // What cannot be read tells as little as what is not there.
    let files = (try? FirmwareConfiguration(boot))?.commandLines(on: boot).found ?? []
    for file in files {
      guard let bytes = (try? boot.bytes(at: file)) ?? nil else { continue }
      let line = CommandLineFile(bytes).line
      if line.value(of: "init")?.hasSuffix("/firstboot") == true { return .initScript }
      if line.words.contains("resize") { return .resizeWord }
      if line.value(of: "systemd.run") != nil { return .systemdRun }
    }
    return boot.has(boot.pathIgnoringCase("user-data")) ? .resizeWord : .none
  }
}
