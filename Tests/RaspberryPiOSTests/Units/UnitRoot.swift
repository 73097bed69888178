import FileTree
import Recipe

@testable import RaspberryPiOS

/// A root that holds units and little else, in the shape of a Debian: /lib is a link to usr/lib.
struct UnitRoot: Sendable {
  var tree: FileTree
  /// The vendor's folder as systemctl of the release spells it in links.
  let spelling: String

  static let install = "[Install]\nWantedBy=multi-user.target\n"
  private static let time = StockTrees.stockTime

  /// A root whose links spell the vendor's folder `spelling`.
  init(spelling: String = "/usr/lib/systemd/system") throws {
    self.spelling = spelling
    tree = FileTree(inode: Inode(mode: 0o755, time: UnitRoot.time, body: .directory(Directory())))
    for name in ["multi-user.target", "basic.target"] { try vendor(name, "[Unit]\n") }
    try vendor("seed.service", "[Install]\nWantedBy=basic.target\n")
    try link("lib", "usr/lib")
    try link("etc/systemd/system/basic.target.wants/seed.service", "\(spelling)/seed.service")
    try file("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    try file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
  }

  /// Puts a unit into the vendor's folder.
  mutating func vendor(_ name: String, _ text: String) throws { try file("usr/lib/systemd/system/\(name)", text) }

  /// Puts a unit into the administrator's folder.
  mutating func own(_ name: String, _ text: String) throws { try file("etc/systemd/system/\(name)", text) }

  mutating func file(_ path: String, _ text: String) throws { try file(path, Array(text.utf8)) }

  mutating func file(_ path: String, _ bytes: [UInt8]) throws {
    let inode = Inode(mode: 0o644, time: UnitRoot.time, body: .file(FileContent(bytes: bytes)))
    try tree.put(inode, at: place(path), followingLast: false, makingFolders: UnitRoot.time)
  }

  mutating func folder(_ path: String) throws {
    let inode = Inode(mode: 0o755, time: UnitRoot.time, body: .directory(Directory()))
    try tree.makeDirectory(place(path), like: inode)
  }

  mutating func link(_ path: String, _ target: String) throws {
    try tree.link(place(path), to: target, time: UnitRoot.time)
  }

  private func place(_ path: String) throws -> TreePath {
    guard let place = TreePath(path) else { throw NoSuchName() }
    return place
  }
}

/// One of the lists of `[services]`.
enum ServiceWish: String, Sendable { case enable, disable, mask }

extension NodeSystem {
  /// A node that is nothing but this root.
  init(root: FileTree) throws {
    let wishes = try RaspberryPiOSTests.recipe()
    let identity = NodeIdentity(wishes)
    self.init(
      boot: FileTree(flavor: .fat, inode: Inode(mode: 0o755, time: StockTrees.time, body: .directory(Directory()))),
      root: root, recipe: wishes, identity: identity, topology: try Topology(wishes, identity: identity),
      bootMountPoint: "boot/firmware", release: 12, stock: StockLayout(),
      references: StockReferences(StockLayout(), boot: nil, root: nil, disks: []), time: StockTrees.time,
      importing: { _ in throw NoSuchName() })
  }

  /// Does one wish for one unit, which stands at line 7 of nog.toml.
  mutating func wish(_ wish: ServiceWish, _ name: String) -> [RaspberryPiOSError] {
    let units = [ServiceSettings.Unit(name, place: RecipePlace(file: "nog.toml", line: 7, column: 12))]
    switch wish {
    case .enable: return editServices(ServiceSettings(enable: units))
    case .disable: return editServices(ServiceSettings(disable: units))
    case .mask: return editServices(ServiceSettings(mask: units))
    }
  }
}
