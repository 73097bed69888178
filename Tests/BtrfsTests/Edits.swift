import FileTree

/// What nodes may do to a base, each with what it is hard on.
enum Edits {
  static let all: [(name: String, edit: @Sendable (inout FileTree) throws -> Void)] = [
    (
      "hostname",
      { tree in
        try tree.put(file("nog\n"), at: "etc/hostname")
        try tree.put(file("127.0.1.1 nog\n"), at: "etc/hosts")
      }
    ),
    (
      "types",
      { tree in
        try tree.remove("etc/deep")
        try tree.put(file("was a directory"), at: "etc/deep")
        try tree.remove("etc/empty")
        try tree.makeDirectory("etc/empty/now/a", like: folder(0o700))
        try tree.put(Inode(mode: 0o777, time: noon, body: .symlink([0x78])), at: "etc/hostname")
        try tree.put(file("was a link"), at: "etc/link", followingLast: false)
        try tree.put(Inode(mode: 0o600, time: noon, body: .fifo), at: "dev/socket")
        let device = Inode.Body.characterDevice(DeviceNumber(major: 1, minor: 3))
        try tree.put(Inode(mode: 0o666, time: noon, body: device), at: "dev/tty")
        try tree.remove("weird")
      }
    ),
    (
      "metadata",
      { tree in
        try tree.modify("bin/ping") { (inode: inout Inode) in
          inode.uid = 12
          inode.xattrs.removeLast()
        }
        try tree.modify("etc/open") { (inode: inout Inode) in inode.xattrs = [] }
        try tree.modify("bin/text") { (inode: inout Inode) in
          inode.xattrs = [list("system.posix_acl_access", user: 7)]
          inode.mode = 0o755
        }
        try tree.modify("home") { (inode: inout Inode) in
          inode.mode = 0o700
          inode.xattrs = []
        }
        try tree.modify("") { (inode: inout Inode) in inode.modified = Timestamp(seconds: 7) }
        try tree.modify("etc/link", followingLast: false) { (inode: inout Inode) in inode.gid = 9 }
      }
    ),
    (
      "content of a file of many names",
      { tree in
        try tree.modify("bin/ping") { (inode: inout Inode) in
          inode.body = .file(FileContent(bytes: Array("new".utf8)))
        }
      }
    ),
    (
      "one name of many replaced",
      { tree in try tree.put(file("alone", mode: 0o4711), at: "bin/ping") }
    ),
    (
      "names come and go",
      { tree in
        try tree.addName("bin/another", of: "bin/ping")
        try tree.addName("etc/deep/third", of: "bin/ping")
        try tree.remove("bin/ping")
        try tree.addName("etc/deep/er/text", of: "bin/text")
        try tree.put(file("pair"), at: "etc/pair1")
        try tree.addName("bin/pair2", of: "etc/pair1")
      }
    ),
    (
      "two files of many names trade one",
      { tree in
        try tree.put(file("other"), at: "etc/other")
        try tree.addName("etc/other2", of: "etc/other")
        try tree.remove("etc/ping2")
        try tree.addName("etc/ping2", of: "etc/other")
        try tree.remove("bin/zping")
        try tree.addName("bin/zping", of: "bin/text")
      }
    ),
    (
      "heirs of an ACL",
      { tree in
        try tree.put(file("plain", mode: 0o640), at: "home/plain")
        var own = file("own", mode: 0o775)
        own.xattrs = [list("system.posix_acl_access", user: 4, mask: 7)]
        try tree.put(own, at: "home/own")
        try tree.makeDirectory("home/ben/inner", like: folder(0o750))
        try tree.put(file("deep", mode: 0o600), at: "home/ben/inner/file")
        try tree.put(Inode(mode: 0o777, time: noon, body: .symlink([0x78])), at: "home/link")
        try tree.put(Inode(mode: 0o600, time: noon, body: .fifo), at: "home/fifo")
      }
    ),
    (
      "copies and moves",
      { tree in
        for (path, copy) in [("bin/noise", "etc/noise"), ("bin/text", "etc/deep/sparse")] as [(TreePath, TreePath)] {
          if let inode = tree.inode(at: path) { try tree.put(inode, at: copy) }
        }
        if let sparse = tree.inode(at: "etc/deep/er/hole") { try tree.put(sparse, at: "bin/hole") }
        try tree.remove("etc/deep/er")
      }
    ),
    (
      "everything goes",
      { tree in for path in ["bin", "etc", "dev", "home", "weird"] as [TreePath] { try tree.remove(path) } }
    ),
  ]
}
