import ArgumentParser
import BaseImage
import FileTree
import Glibc
import HostFiles
import Storage
import SystemPackage

/// `pibake extract IMAGE PATH... --to DIR`
struct ExtractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract", abstract: "Copy files and folders of a partition into a folder of this machine.",
    discussion: """
      Everything keeps its path: /etc/hostname becomes DIR/etc/hostname, and / all of the partition. Paths may hold *, \
      ?, [a-z] and **; quote them. Links are copied as links.

      As root, all metadata are kept: owners, modes, times, devices, extended attributes, ACLs, capabilities, hard \
      links and holes. Without root, modes and times; what could not be kept is said at the end.

      Files that are there already are not touched without --force; folders are filled. What appears in DIR is whole: \
      an interrupt or an error leaves nothing.
      """)

  @OptionGroup var arguments: ImageArguments

  @Argument(help: "Paths in the partition.")
  var paths: [PathArgument]

  @Option(name: [.customLong("to"), .customShort("C")], help: "The folder to fill; made if it is not there.")
  var target: FilePath

  @Flag(name: .shortAndLong, help: "Replace files that are there already.")
  var force = false

  @Flag(help: "Keep no owners and devices, as without root.")
  var noOwner = false

  func run() throws {
    try Interrupt.watching { progress in
      let selection = try self.selection(progress)
      // Before the first file is there: nothing wrong may be.
      try selection.tree.verifyContents()
      let losses = Losses()
      let writer = FolderWriter(fidelity(of: selection.tree), losses: losses, progress: progress)
      try Extraction(selection, into: target, by: writer, replacing: force).run()
      for sentence in losses.sentences { Terminal.say("warning: \(sentence)") }
    }
  }

  /// What of the tree's owners and devices this user can make.
  private func fidelity(of tree: FileTree) -> FolderWriter.Fidelity {
    tree.flavor == .fat ? .plain : geteuid() == 0 && !noOwner ? .full : .own
  }

  /// What is asked for. A few files are read where they are in a compressed image; for more of it, it is decoded.
  private func selection(_ progress: Progress) throws -> TreeSelection {
    let selection = try arguments.look(progress) { tree in
      let selection = try self.selection(of: tree)
      var (names, bytes) = (0, 0)
      for entry in TreeWalk(selection.tree) {
        names += 1
        if case .file(let content)? = selection.tree[entry.id]?.body { bytes += content.size }
        if names > 1000 || bytes > 64 << 20 { return TreeSelection?.none }
      }
      return selection
    }
    return try selection ?? self.selection(of: arguments.tree(progress))
  }

  private func selection(of tree: FileTree) throws -> TreeSelection {
    try TreeSelection(paths.flatMap { try $0.matches(in: tree) }, of: tree)
  }
}

extension FileTree {
  /// Throws if what a file holds is known to be wrong, or is not there.
  fileprivate func verifyContents() throws {
    for id in ids { if case .file(let content)? = self[id]?.body { try content.verify() } }
  }
}
