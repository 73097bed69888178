import ArgumentParser
import BaseImage
import Bytes
import FileTree
import Storage
import SystemPackage
import Unpack

/// `pibake inspect IMAGE`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what an image is: container, partitions, file systems, release, kernels, first start.")

  @Argument(help: "An image (.img, or one in .xz, .zip, .gz, .zst or .bz2).")
  var image: FilePath

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  @OptionGroup var reading: ReadingOptions

  func run() throws {
    let description = try Interrupt.watching {
      try ImageDescription(of: reading.opening($0).disk(image, access: .scattered))
    }
    guard json else { return try Terminal.write(lines: description.lines) }
    let text = try description.json()
    try Terminal.write(text.span)
  }
}

extension ImageDescription {
  /// The description as a person reads it.
  fileprivate var lines: [String] {
    var lines = ["image        \(name)", "container    \(container), \(ByteCount(size))"]
    if let sha256 { lines.append("sha256       \(sha256)") }
    var facts = [hybridMBR ? "\(table) with a hybrid MBR, which is not used" : table, "disk id \(diskID)"]
    if sectorSize != 512 { facts.append("sectors of \(sectorSize) bytes") }
    lines.append("table        " + facts.joined(separator: ", "))
    for partition in partitions { lines += partition.lines }
    guard let system else { return lines + ["system       not described: \(systemProblem ?? "")"] }
    return lines + system.lines
  }
}

extension ImageDescription.PartitionDescription {
  fileprivate var lines: [String] {
    var facts = ["type \(type)", ByteCount(size).description, "at sector \(offset / 512)"]
    if let name { facts.append("name \(Array(name.utf8).escaped)") }
    if !partuuid.isEmpty { facts.append("PARTUUID \(partuuid)") }
    var lines = ["partition \(number)  \(content): " + facts.joined(separator: ", ")]
    var inner: [String] = []
    if let label { inner.append("label \(Array(label.utf8).escaped)") }
    if let uuid { inner.append("UUID \(uuid)") }
    if let blockSize { inner.append("\(blockSize)-byte \(content == "ext4" ? "blocks" : "clusters")") }
    if let free { inner.append("\(ByteCount(free)) free") }
    if !inner.isEmpty { lines.append("             " + inner.joined(separator: ", ")) }
    if let features { lines.append("             " + features.joined(separator: " ")) }
    if let problem { lines.append("             cannot be read: \(problem)") }
    return lines
  }
}

extension ImageDescription.SystemDescription {
  fileprivate var lines: [String] {
    var lines = ["system       \(release ?? "unknown")" + (date.map { ", image of \($0)" } ?? "")]
    lines += kernels.map { kernel in
      let facts = [kernel.format, kernel.version, kernel.initramfs.map { "with \($0)" }].compactMap(\.self)
      return "kernel       \(kernel.name)" + (facts.isEmpty ? "" : ": " + facts.joined(separator: ", "))
    }
    if !modules.isEmpty { lines.append("modules      " + modules.joined(separator: ", ")) }
    lines.append("boot         mounted at \(bootMountPoint ?? "nowhere")")
    lines.append("first start  \(firstBoot) dialect\(cloudInit ? ", cloud-init" : "")")
    lines.append("user 1000    \(firstUser ?? "none")\(asksForUser ? ", renamed on first start" : "")")
    let ssh = sshEnabled.map { $0 ? "enabled" : "disabled" } ?? "not installed"
    lines.append("ssh          \(ssh), \(hostKeys.isEmpty ? "no" : "\(hostKeys.count)") host keys")
    return lines
  }
}
