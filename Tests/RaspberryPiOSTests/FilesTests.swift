import Bytes
import FileTree
import Testing

import struct SystemPackage.FilePath

@testable import RaspberryPiOS
import Recipe

struct FilesTests {
  /// What `[[files]]` alone change in the root.
  private func changed(
    _ stock: StockTrees, by files: [FileSettings], importing tree: FileTree? = nil
  ) throws -> [String: String] {
    let plain = try stock.applying(recipe()).trees
    let node = try stock.applying(recipe { $0.files = files }) { _ in
      guard let tree else { throw NoSuchName() }
      return tree
    }.trees
    return try changes(from: plain.root, to: node.root)
  }

  /// A tree that holds `name` alone, as it is taken in.
  private func folder(_ name: String) throws -> FileTree {
    let folder = Inode(mode: 0o700, uid: 501, gid: 20, time: StockTrees.stockTime, body: .directory(Directory()))
    var tree = FileTree(inode: folder)
    let top = TreePath().appending(text: name)
    try tree.put(folder, at: top, makingFolders: StockTrees.stockTime)
    try tree.write("one", to: top.appending(text: "one"), mode: 0o664, time: StockTrees.stockTime)
    try tree.write(
      "run", to: top.appending(text: "sub").appending(text: "run.sh"), mode: 0o755, time: StockTrees.stockTime)
    try tree.link(top.appending(text: "link"), to: "one", time: StockTrees.stockTime)
    let one = try #require(tree.find(top.appending(text: "one")))
    let id = try #require(tree.find(top))
    var directory = try #require(tree.directory(id))
    directory[try #require(Name(Array("two".utf8)))] = one
    tree[id]?.body = .directory(directory)
    return tree
  }

  @Test func `contents, links and folders, in folders that are made`() throws {
    let changed = try changed(
      StockTrees(.bookworm),
      by: [
        file("/opt/app/app.conf", .content("a=1\n"), mode: 0o600, owner: "pi", group: "video"),
        file("/opt/app/current", .symlink("app.conf")),
        file("/var/data", .directory, mode: 0o2775, group: "44"),
        file("/bin/tool", .content("#!/bin/sh\n"), mode: 0o755),
      ])
    #expect(
      changed == [
        "/opt": "folder 755 0:0", "/opt/app": "folder 755 0:0", "/opt/app/app.conf": "file 600 1000:44\na=1\n",
        "/opt/app/current": "link -> app.conf", "/var/data": "folder 2775 0:44",
        "/usr/bin/tool": "file 755 0:0\n#!/bin/sh\n",
      ])
  }

  @Test func `a file replaced keeps its mode, a link is replaced itself, a folder keeps what is not named`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/secret", "old", mode: 0o600)
    try stock.link("etc/resolv.conf", "../run/resolv.conf")
    try stock.folder("srv/x", mode: 0o750, uid: 7, gid: 8)
    let changed = try changed(
      stock,
      by: [
        file("/etc/secret", .content("new")), file("/etc/resolv.conf", .content("nameserver 9.9.9.9\n")),
        file("/srv/x", .directory, owner: "pi"), file("/etc/default", .remove), file("/no/such", .remove),
      ])
    #expect(
      changed.filter { !$0.key.hasPrefix("/etc/default") } == [
        "/etc/secret": "file 600 0:0\nnew", "/etc/resolv.conf": "file 644 0:0\nnameserver 9.9.9.9\n",
        "/srv/x": "folder 750 1000:8",
      ])
    #expect(changed["/etc/default/keyboard"] == "gone")
  }

  @Test func `owners are those of the node, not of the stock image`() throws {
    let node = try StockTrees(.bookworm).applying(
      recipe {
        $0.users = [user("ben"), user("jake")]
        $0.files = [file("/srv/x", .content(""), owner: "jake", group: "ben")]
      }
    ).trees
    #expect(try listing(node.root)["/srv/x"] == "file 644 1001:1000\n")
  }

  @Test func `a folder of this machine with its links, hard ones too`() throws {
    let changed = try changed(
      StockTrees(.bookworm), by: [file("/srv/www", .source("site"), owner: "pi")], importing: folder("site"))
    #expect(
      changed == [
        "/srv": "folder 755 0:0", "/srv/www": "folder 700 1000:0", "/srv/www/one": "file 664 1000:0\none",
        "/srv/www/two": "file 664 1000:0\none", "/srv/www/link": "link -> one", "/srv/www/sub": "folder 755 1000:0",
        "/srv/www/sub/run.sh": "file 755 1000:0\nrun",
      ])
    let node = try StockTrees(.bookworm).applying(recipe { $0.files = [file("/srv/www", .source("site"))] }) { _ in
      try self.folder("site")
    }.trees
    #expect(node.root.find("srv/www/one") == node.root.find("srv/www/two"))
    #expect(node.root.inode(at: "srv/www/one")?.modified == StockTrees.time)
  }

  @Test func `a file of this machine with its mode, or the recipe's`() throws {
    var tree = FileTree(inode: Inode(mode: 0o755, time: StockTrees.stockTime, body: .directory(Directory())))
    try tree.write("x", to: "tool", mode: 0o775, time: StockTrees.stockTime)
    let changed = try changed(
      StockTrees(.bookworm),
      by: [file("/opt/a", .source("tool")), file("/opt/b", .source("tool"), mode: 0o700, owner: "33")], importing: tree)
    #expect(changed == ["/opt": "folder 755 0:0", "/opt/a": "file 775 0:0\nx", "/opt/b": "file 700 33:0\nx"])
  }

  @Test func `what lies under the mount point goes to the boot partition`() throws {
    let stock = try StockTrees(.bookworm)
    let node = try stock.applying(
      recipe {
        $0.files = [
          file("/boot/firmware/Overlays/x.dtbo", .content("x")), file("/boot/firmware/overlays/site", .source("site")),
          file("/boot/firmware/initramfs8", .remove), file("/boot/note", .content("on the root\n")),
        ]
      }
    ) { _ in
      var tree = try self.folder("site")
      try tree.remove("site/link")
      return tree
    }.trees
    #expect(
      try changes(from: stock.boot, to: node.boot).filter { $0.key != "/cmdline.txt" } == [
        "/Overlays": "folder 755 0:0", "/Overlays/x.dtbo": "file 644 0:0\nx", "/Overlays/site": "folder 755 0:0",
        "/Overlays/site/one": "file 644 0:0\none", "/Overlays/site/two": "file 644 0:0\none",
        "/Overlays/site/sub": "folder 755 0:0", "/Overlays/site/sub/run.sh": "file 644 0:0\nrun", "/initramfs8": "gone",
      ])
    #expect(try node.root.string("boot/note") == "on the root\n")
    #expect(node.boot.inode(at: "Overlays/x.dtbo")?.attributes == .archive)
  }

  @Test func `what lies in a home is its user's, with the folders that lead there`() throws {
    let stock = try StockTrees(.bookworm)
    let node = try stock.applying(
      recipe {
        $0.users = [user("ben"), user("jake")]
        $0.files = [
          file("/home/jake/.config/app/a.conf", .content("a")), file("/home/ben/link", .symlink("x")),
          file("/home/ben/secret", .content("s"), mode: 0o600, owner: "root"),
          file("/home/ben/shared", .directory, group: "video"), file("/usr/sbin/tool", .content("t")),
        ]
      }
    ).trees
    let all = try listing(node.root)
    #expect(all["/home/jake/.config"] == "folder 755 1001:1001")
    #expect(all["/home/jake/.config/app"] == "folder 755 1001:1001")
    #expect(all["/home/jake/.config/app/a.conf"] == "file 644 1001:1001\na")
    #expect(all["/home/ben/secret"] == "file 600 0:0\ns")
    #expect(all["/home/ben/shared"] == "folder 755 1000:44")
    #expect(node.root.inode(at: "home/ben/link", followingLast: false)?.uid == 1000)
    #expect(all["/usr/sbin/tool"] == "file 644 0:0\nt")
  }

  @Test func `a source that is a link is what it leads to`() throws {
    func tree(_ name: String, _ body: Inode.Body) throws -> FileTree {
      var tree = FileTree(inode: Inode(mode: 0o755, time: StockTrees.stockTime, body: .directory(Directory())))
      let inode = Inode(mode: 0o640, time: StockTrees.stockTime, body: body)
      try tree.put(inode, at: TreePath().appending(text: name), makingFolders: StockTrees.stockTime)
      return tree
    }
    let node = try StockTrees(.bookworm).applying(recipe { $0.files = [file("/opt/a", .source("in/a"))] }) { path in
      switch path {
      case "in/a": try tree("a", .symlink(Array("../b".utf8)))
      case "in/../b": try tree("b", .symlink(Array("/srv/c".utf8)))
      case "/srv/c": try tree("c", .file(FileContent(bytes: Array("text".utf8))))
      default: throw NoSuchName()
      }
    }.trees
    #expect(try listing(node.root)["/opt/a"] == "file 640 0:0\ntext")
    #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.files = [file("/opt/a", .source("a"))] }) { _ in
        try tree("a", .symlink(Array("a".utf8)))
      }
    }
  }

  @Test(arguments: [
    (Inode.Body.fifo, "a FIFO"), (.socket, "a socket"), (.blockDevice(DeviceNumber(major: 7, minor: 0)), "a device"),
    (.characterDevice(DeviceNumber(major: 1, minor: 5)), "a device"),
  ])
  func `a source that is neither file nor folder is refused`(body: Inode.Body, word: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.files = [file("/opt/a", .source("in/a"))] }) { _ in
        var tree = FileTree(inode: Inode(mode: 0o755, time: StockTrees.stockTime, body: .directory(Directory())))
        try tree.put(
          Inode(mode: 0o640, time: StockTrees.stockTime, body: body), at: "a", makingFolders: StockTrees.stockTime)
        return tree
      }
    }
    #expect(error.map { "\($0)" }?.contains("source in/a is \(word): expected a file or folder") == true)
  }

  @Test(arguments: [
    ("/boot/config.txt", "/boot/firmware"), ("/boot/overlays/x.dtbo", "/boot/firmware"),
    ("/boot/kernel8.img", "/boot/firmware"), ("/boot/firmware/config.txt", "/boot"),
    ("/boot/firmware/new/x", "/boot"),
  ])
  func `a path under the mount point of another release is refused with the right one`(
    path: String, mountPoint: String
  ) throws {
    var stock = try StockTrees(.bookworm)
    try stock.put("etc/fstab", Stock.fstab.replacing("/boot/firmware", with: mountPoint))
    let wished = stock
    let error = #expect(throws: RaspberryPiOSError.self) {
      try wished.applying(recipe { $0.files = [file(path, .content("x"))] })
    }
    let name = path.replacing("/boot/firmware", with: "").replacing("/boot", with: "")
    #expect(error?.hint == "write \(mountPoint)\(name)")
    #expect(error?.said.hasPrefix("nog.toml:9:1: the image mounts its boot partition at \(mountPoint)") == true)
  }

  @Test func `capabilities that NFS drops are named`() throws {
    var stock = try StockTrees(.bookworm)
    for name in ["ping", "a", "b", "c"] {
      let path = TreePath("usr/bin").appending(text: name)
      try stock.put(path, "\u{7f}ELF", mode: 0o755)
      let id = try #require(stock.root.find(path))
      stock.root[id]?.xattrs = [ExtendedAttribute(name: Array("security.capability".utf8), value: [1, 0, 0, 2])]
    }
    let warnings = try stock.applying(recipe(boot: .tftp, root: .nfs)).warnings.map(\.description)
    #expect(
      warnings.contains(
        "a root over NFS carries no file capabilities: /usr/bin/a, /usr/bin/b, /usr/bin/c and 1 more will work for root only"
      ))
    #expect(try !stock.applying(recipe()).warnings.contains { $0.description.contains("capabilities") })
  }

  @Test(arguments: [
    (file("/etc/hostname/x", .content("")), "nog.toml:9:1: /etc/hostname: not a directory in the image"),
    (file("/etc", .content("")), "nog.toml:9:1: /etc: a directory in the image"),
    (file("/x", .content(""), owner: "pii"), "nog.toml:9:1: the image has no user \"pii\""),
    (file("/x", .content(""), group: "vidoe"), "nog.toml:9:1: the image has no group \"vidoe\""),
    (
      file("/boot/firmware/x", .symlink("y")),
      "nog.toml:9:1: /boot/firmware/x: the boot partition is FAT, which has no symbolic links"
    ),
    (file("/../x", .content("")), "nog.toml:9:1: \"/../x\" is not a path below /"),
  ])
  func `errors name the recipe's place`(settings: FileSettings, message: String) throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.files = [settings] })
    }
    #expect(error?.said == message)
    #expect(error?.kind == .usage)
  }

  @Test func `a failure leaves both trees as they were`() throws {
    let stock = try StockTrees(.bookworm)
    var trees = stock
    let wishes = try recipe { $0.files = [file("/etc", .content(""))] }
    let customization = Customization(wishes, identity: NodeIdentity(wishes), time: StockTrees.time) { _ in
      throw NoSuchName()
    }
    #expect(throws: RaspberryPiOSError.self) { try customization.apply(boot: &trees.boot, root: &trees.root) }
    #expect(try changes(from: stock.boot, to: trees.boot) == [:])
    #expect(try changes(from: stock.root, to: trees.root) == [:])
  }

  @Test func `an edit keeps attributes, and the other names of a file keep their content`() throws {
    var stock = try StockTrees(.bookworm)
    let acl = ExtendedAttribute(name: Array("system.posix_acl_access".utf8), value: [2, 0, 0, 0])
    let id = try #require(stock.root.find("etc/fstab"))
    stock.root[id]?.xattrs = [acl]
    let etc = try #require(stock.root.find("etc"))
    var directory = try #require(stock.root.directory(etc))
    directory[try #require(Name(Array("fstab.copy".utf8)))] = id
    stock.root[etc]?.body = .directory(directory)
    let node = try stock.applying(recipe()).trees
    #expect(node.root.inode(at: "etc/fstab")?.xattrs == [acl])
    #expect(node.root.inode(at: "etc/fstab")?.modified == StockTrees.time)
    #expect(try node.root.string("etc/fstab.copy") == Stock.fstab)
  }
}
