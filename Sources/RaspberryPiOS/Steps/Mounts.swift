import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Adds the file systems of `[mounts]` to fstab, makes their mount points, and sets the swap space. `editFstab` comes
  /// before it.
  mutating func editMounts(_ settings: MountSettings) throws(RaspberryPiOSError) {
    let mounts = settings.mounts + (try settings.tmpfs.map(NodeSystem.mount))
    if !mounts.isEmpty {
      guard var fstab = try root.text(at: "etc/fstab").map(Fstab.init) else {
        throw .unsupported("the image has no /etc/fstab")
      }
      var places: [TreePath: RecipePlace?] = [:]
      for mount in mounts {
        let path = try mountPoint(of: mount)
        if let other = places.updateValue(mount.place, forKey: path) {
          let earlier = other.map { ", and at \($0)" } ?? ""
          throw .recipe("[[mounts]] mount two file systems at \(mount.mountPoint)\(earlier)", place: mount.place)
        }
        try add(mount, at: path, to: &fstab)
      }
      try root.write(fstab.bytes, to: "etc/fstab", time: time)
    }
    if let swap = settings.swap { try setSwap(swap, place: settings.swapPlace) }
  }

  private mutating func add(
    _ mount: MountSettings.Mount, at path: TreePath, to fstab: inout Fstab
  ) throws(RaspberryPiOSError) {
    let mountPoint = String(decoding: path.bytes, as: UTF8.self)
    let fields = [
      mount.what, mountPoint, mount.type, mount.options.isEmpty ? "defaults" : mount.options.joined(separator: ","),
      "\(mount.dump)", "\(mount.pass)",
    ]
    guard fields.allSatisfy(NodeSystem.isFstabField) else {
      throw .recipe("[[mounts]] \(mount.mountPoint): a field is empty, or has a line break", place: mount.place)
    }
    let isThere = fstab.has(fields)
    if !isThere, let entry = fstab.entries.first(where: { $0.isMounted(at: Fstab.escaped(mountPoint)) }) {
      throw .recipe(
        "[[mounts]] \(mount.mountPoint): \(entry.place) of the image mounts \(entry.device) there", place: mount.place)
    }
    fstab.append(fields)
    if mount.makesFolder { try makeMountPoint(path, mount) }
    warnOfMissingProgram(mount)
    warnOfMissingDisk(mount)
  }

  /// Whether fstab(5) can hold `text` as a field.
  private static func isFstabField(_ text: String) -> Bool {
    !text.isEmpty && !text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\t" }
  }

  /// Where `mount` is mounted.
  ///
  /// - Throws: `.recipe` for what is no path, and for the mount points that other tables decide.
  private func mountPoint(of mount: MountSettings.Mount) throws(RaspberryPiOSError) -> TreePath {
    guard mount.mountPoint.hasPrefix("/"), let path = TreePath(mount.mountPoint) else {
      throw .recipe(
        "[[mounts]] where = \"\(mount.mountPoint.printable)\": expected an absolute path without \"..\"",
        place: mount.place)
    }
    if path.names.isEmpty {
      throw .recipe("[[mounts]] where = \"/\": [root] says what the root is", place: mount.place)
    }
    // A node that boots over the network may mount the server's folder there.
    if path == bootMountPoint, topology.bootPartition != nil {
      throw .recipe(
        "[[mounts]] where = \"\(mount.mountPoint)\": [boot] says where the boot files are", place: mount.place)
    }
    return path
  }

  private mutating func makeMountPoint(
    _ path: TreePath, _ mount: MountSettings.Mount
  ) throws(RaspberryPiOSError) {
    // Other file systems cover these folders on the node, and systemd makes the mount points in them.
    let foreign: [TreePath] = ["proc", "sys", "dev", "run", bootMountPoint]
    guard !foreign.contains(where: { path.names.starts(with: $0.names) }) else { return }
    switch root.inode(at: path)?.body {
    case .directory?: return
    case nil: break
    default: throw .recipe("[[mounts]] \(mount.mountPoint) is a file in the image", place: mount.place)
    }
    let folder = Inode(mode: 0o755, time: time, body: .directory(Directory()))
    do { try root.makeDirectory(path, like: folder) } catch {
      throw .recipe("[[mounts]] \(error)", place: mount.place, hint: error.hint)
    }
  }

  /// Some types are mounted by a program that images leave out.
  private mutating func warnOfMissingProgram(_ mount: MountSettings.Mount) {
    let packages = ["nfs": "nfs-common", "nfs4": "nfs-common", "cifs": "cifs-utils"]
    guard let package = packages[mount.type] else { return }
    let program = "mount.\(mount.type)"
    let folders: [TreePath] = ["usr/sbin", "sbin", "usr/bin"]
    guard !folders.contains(where: { root.has($0.appending(text: program)) }) else { return }
    warn(
      "[[mounts]] \(mount.mountPoint): the image has no \(program) (package \(package)), so that it cannot be mounted",
      at: mount.place)
  }

  /// Without the option nofail, systemd waits 90 seconds for a disk that fstab names, and then goes into emergency mode.
  private mutating func warnOfMissingDisk(_ mount: MountSettings.Mount) {
    let isDisk = ["/dev/", "UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="].contains { mount.what.hasPrefix($0) }
    let options = mount.options.flatMap { $0.split(separator: ",") }
    guard isDisk, !options.contains(where: { ["nofail", "noauto", "x-systemd.automount"].contains($0) }) else { return }
    warn(
      "[[mounts]] \(mount.mountPoint): without the option nofail, a start without \(mount.what) ends in emergency mode",
      at: mount.place)
  }

  private static func mount(_ tmpfs: MountSettings.Tmpfs) throws(RaspberryPiOSError) -> MountSettings.Mount {
    var options = ["nosuid", "nodev"]
    if let size = tmpfs.size {
      let digits = size.prefix { ("0"..."9").contains($0) }
      guard !digits.isEmpty, ["", "k", "m", "g", "%"].contains(size.dropFirst(digits.count).lowercased()) else {
        throw .recipe(
          "[[mounts]] tmpfs \(tmpfs.mountPoint): size = \"\(size.printable)\": expected a size such as \"64M\" or \"10%\"",
          place: tmpfs.place)
      }
      options.append("size=\(size)")
    }
    if let mode = tmpfs.mode { options.append("mode=\(String(mode, radix: 8))") }
    return MountSettings.Mount(
      what: "tmpfs", mountPoint: tmpfs.mountPoint, type: "tmpfs", options: options, place: tmpfs.place)
  }
}
