import ArgumentParser
import Baking
import FileTree
import Storage

/// `pibake manifest IMAGE`
struct ManifestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifest", abstract: "Print everything that a partition or folder holds, one JSON object a line.",
    discussion: """
      Lines are sorted by the raw bytes of paths. Keys, in this order, where they apply: path, type, mode, uid, gid, \
      size, mtime, nlink, attr, rdev, target, xattrs, sha256, same. Bytes outside 0x20-0x7E and %, " and \\ are \
      written %XX; xattrs hold base64; same is the first path of the same inode.
      """)

  @OptionGroup var arguments: ImageArguments

  func run() throws {
    try Interrupt.watching { progress in
      let manifest = try Manifest(of: arguments.tree(progress), progress: progress)
      try manifest.write { (text) throws(IOError) in try Terminal.write(text) }
    }
  }
}
