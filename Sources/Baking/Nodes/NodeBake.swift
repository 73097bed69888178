import Archive
import BaseImage
import Bytes
import DiskImage
import FileTree
import Glibc
import HostFiles
import RaspberryPiOS
import Recipe
import Storage
import SystemPackage
import Unpack

/// The bake of one node: its trees, its disks, its folder.
struct NodeBake {
  private let recipe: NodeRecipe
  private let base: BaseSystem
  private let fleet: Fleet
  private let subvolumes: SubvolumeStore
  private let options: BakeOptions
  /// The folder that receives the node's folder.
  private let place: HeldFolder
  private let progress: Progress
  private let warn: @Sendable ([String]) -> Void
  private let report: @Sendable (BakeEvent) -> Void
  private let identity: NodeIdentity

  init(
    _ recipe: NodeRecipe, stock base: BaseSystem, fleet: Fleet, subvolumes: SubvolumeStore, options: BakeOptions,
    place: HeldFolder, progress: Progress, warn: @escaping @Sendable ([String]) -> Void,
    report: @escaping @Sendable (BakeEvent) -> Void
  ) {
    self.recipe = recipe
    self.base = base
    self.fleet = fleet
    self.subvolumes = subvolumes
    self.options = options
    self.place = place
    self.progress = progress
    self.warn = warn
    self.report = report
    identity = NodeIdentity(recipe)
  }

  /// Bakes the node, whose result has the place `index`.
  ///
  /// - Returns: the node's folder, filled, to be published.
  func run(index: Int) throws -> FinishedNode {
    let begin = ContinuousClock.now
    let format = options.format ?? BakeOptions.Format(recipe.output)
    if [.tree, .btrfs].contains(format) && geteuid() != 0 { throw BakeError.treeNeedsRoot }
    let name = "\(recipe.name)"
    let clock = ContinuousClock()
    var start = clock.now
    report(.began(subject: name, work: "editing"))
    var boot = base.boot
    var root = base.root
    let customization = Customization(recipe, identity: identity, stock: base.layout, time: base.time) {
      try FolderReader($0).subtree()
    }
    var warnings = try customization.apply(boot: &boot, root: &root).map(\.description)
    if format == .tar { warnings += socketsLeftOut(of: root) }
    // At once: they stay true if the node fails.
    warn(warnings)
    let changes =
      try NodeManifest.Entry.all(of: "boot", from: base.boot, to: boot, progress: progress)
      + NodeManifest.Entry.all(of: "root", from: base.root, to: root, progress: progress)
    report(.done(subject: name, result: "\(changes.count) paths changed", time: clock.now - start))

    let folder = try OutputFolder(name, in: place)
    start = clock.now
    var outputs: [NodeManifest.Output] = []
    var written = 0
    switch format {
    case .image:
      (outputs, written) = try writeDisks(boot, root, into: folder)
      if recipe.boot.from == .tftp { outputs.append(try writeBoot(boot, into: folder)) }
    case .tree:
      outputs = [
        try writeBoot(boot, into: folder), try write(root, .full, as: "root", into: folder),
      ]
    case .tar: outputs = [try writeBoot(boot, into: folder), try writeArchive(of: root, into: folder)]
    case .btrfsStream: outputs = try subvolumes.writeStreams(of: recipe, boot, root, into: place.path)
    case .btrfs: outputs = try subvolumes.makeSubvolumes(of: recipe, boot, root, in: place.path)
    }
    try writeManifest(outputs, changes, warnings, into: folder)
    let success = BakeResult.Success(
      folder: folder.target, outputs: outputs.map(\.name),
      size: outputs.reduce(0) { $0 + ($1.fileSize ?? $1.size ?? 0) }, written: written)
    return FinishedNode(
      name: name, index: index, folder: folder,
      // Programs of the node that run as root there must not be reached by this machine's users.
      mode: format == .tree ? 0o700 : 0o755,
      success: success, summary: summary(outputs), start: begin, writing: start)
  }

  private func writeDisks(
    _ boot: FileTree, _ root: FileTree, into folder: OutputFolder
  ) throws -> (outputs: [NodeManifest.Output], written: Int) {
    let clock = ContinuousClock()
    let start = clock.now
    report(.began(subject: "\(recipe.name)", work: "laying out"))
    let disks = try NodeDisks(
      recipe: recipe, identity: identity, boot: boot, root: root, labels: base.labels, bootCode: base.bootCode,
      bootSize: base.bootSize, sectorsPerCluster: base.sectorsPerCluster, roots: base.roots
    ).outputs()
    report(.done(subject: "\(recipe.name)", result: "laid out", time: clock.now - start))
    let writing = DiskWriting(
      folder: folder.held, settings: recipe.output, fleet: fleet, digests: base.digests, progress: progress)
    var outputs: [NodeManifest.Output] = []
    var bytes = 0
    for disk in disks {
      report(.began(subject: disk.name, work: "writing"))
      let written = try writing.write(disk, of: "\(recipe.name)")
      outputs += NodeManifest.Output.all(disk, written)
      bytes += written.written
    }
    return (outputs, bytes)
  }

  private func writeBoot(_ tree: FileTree, into folder: OutputFolder) throws -> NodeManifest.Output {
    var output = try write(base.bootFiles.adopted(tree), .plain, as: "boot", into: folder)
    output.serverFolders = recipe.tftpFolders
    try base.bootFiles.note(tree, in: folder.held.folder("boot"))
    return output
  }

  private func write(
    _ tree: FileTree, _ fidelity: FolderWriter.Fidelity, as name: String, into folder: OutputFolder
  ) throws -> NodeManifest.Output {
    report(.began(subject: "\(recipe.name)/\(name)", work: "writing"))
    try folder.held.makeFolder(name)
    let inner = try FolderHandle(folder.held.folder(name))
    try FolderWriter(fidelity, progress: progress).write(tree, into: inner)
    var output = NodeManifest.Output(name: "\(name)/", size: nil, sha256: nil, partitions: nil)
    output.namesSHA256 = try FolderNames(inner).digest.description
    return output
  }

  private func writeArchive(of tree: FileTree, into folder: OutputFolder) throws -> NodeManifest.Output {
    let name = "\(recipe.name)-root.tar"
    report(.began(subject: name, work: "writing"))
    let (size, digest) = try Baking.writeArchive(tree, as: name, in: folder.held, progress: progress)
    return NodeManifest.Output(name: name, size: size, sha256: digest.description, partitions: nil)
  }

  private func socketsLeftOut(of tree: FileTree) -> [String] {
    TarWriter.leftOut(of: tree).map { "\($0.escaped): a socket, which tar cannot hold, is left out" }
  }

  private func writeManifest(
    _ outputs: [NodeManifest.Output], _ changes: [NodeManifest.Entry], _ warnings: [String], into folder: OutputFolder
  ) throws {
    let image = base.stock.image
    let manifest = NodeManifest(
      node: "\(recipe.name)",
      identity: NodeManifest.Identity(
        hostname: "\(recipe.system.hostname)",
        machineID: recipe.system.machineID == .derived ? identity.machineID : nil,
        mac: recipe.mac?.description, serial: recipe.serial, diskID: "\(identity.disk)",
        cardID: recipe.boot.from == .card ? "\(identity.card)" : nil),
      image: NodeManifest.Image(
        name: FilePath(base.stock.name).lastComponent?.string ?? base.stock.name,
        sha256: image.inputDigest?.description, extractSHA256: image.imageDigest?.description,
        warnings: base.warnings),
      outputs: outputs, changes: changes, warnings: warnings)
    try folder.held.writeFile(NodeFolderProof.manifest, try manifest.text())
  }

  private func summary(_ outputs: [NodeManifest.Output]) -> String {
    outputs.map { output in
      (output.fileSize ?? output.size).map { "\(output.name) \(ByteCount($0))" } ?? output.name
    }.joined(separator: ", ")
  }
}

extension NodeManifest.Output {
  /// What is listed of a disk: the image, and its block map.
  static func all(_ disk: DiskOutput, _ written: WrittenDisk) -> [Self] {
    var image = Self(
      name: written.name, size: disk.size, sha256: written.sha256?.description,
      partitions: disk.volumes.map {
        NodeManifest.Partition(
          number: $0.number, offset: $0.offset, size: $0.size, type: $0.type, uuid: $0.uuid,
          partuuid: $0.partitionUUID)
      })
    image.table = disk.table?.rawValue
    image.blocksSHA256 = written.blocks.description
    if written.sha256 != nil { image.fileSize = written.size }
    let map = written.blockMap.map { Self(name: $0, size: nil, sha256: nil, partitions: nil) }
    return [image] + (map.map { [$0] } ?? [])
  }
}
