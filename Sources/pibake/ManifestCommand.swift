import ArgumentParser
import BaseImage
import FileTree
import Storage

/// `pibake manifest IMAGE`
struct ManifestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifest",
    abstract: "Print everything that a partition, folder or archive holds, one JSON object a line.",
    discussion: """
      Lines are sorted by the raw bytes of paths. Keys, in this order, where they apply: path, type, mode, uid, gid, \
      size, mtime, nlink, attr, rdev, target, xattrs, sha256, same. Bytes outside 0x20-0x7E and %, " and \\ are \
      written %XX; xattrs hold base64; same is the first path of the same inode.
      """)

  @OptionGroup var arguments: ImageArguments

  @Flag(help: "IMAGE is a tar archive, even if it does not look like one.")
  var fromTar = false

  func run() throws {
    try Interrupt.watching { progress in
      let tree =
        try fromTar ? arguments.reading.opening(progress).archive(arguments.image) : arguments.tree(progress)
      let manifest = try Manifest(of: tree, progress: progress)
      try manifest.write { (text) throws(IOError) in try Terminal.write(text) }
    }
  }
}
