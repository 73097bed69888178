import FileTree
import Recipe

import struct SystemPackage.FilePath

@testable import RaspberryPiOS

/// A recipe for the node nog that asks for nothing but a way of booting.
func recipe(
  boot: BootSettings.Source = .tftp, root: RootSettings.Place = .usb, nfs: RootSettings.NFSVersion = .v3,
  _ change: (inout NodeRecipe) -> Void = { _ in }
) throws -> NodeRecipe {
  guard let name = HostName("nog") else { throw NoSuchName() }
  var recipe = NodeRecipe(
    name: name, mac: nil, serial: nil, model: nil, tags: [], fleetSeed: try FleetSeed("starfleet"),
    image: ImageSettings(location: nil), system: SystemSettings(hostname: name, machineID: .derived),
    boot: BootSettings(
      from: boot, configText: [], cmdlineAdd: [], cmdlineRemove: [], diskID: DiskID("aaaaaaaa"), size: .fit),
    root: RootSettings(on: root, diskID: DiskID("c1f95d14"), size: .fit, nfsVersion: nfs),
    server: ServerSettings(
      address: "192.168.7.1", subnet: "192.168.7.0/24", nfsRoot: "/srv/nfs", tftpRoot: "/srv/tftp"),
    users: [], ssh: SSHSettings(enabled: nil, passwordAuthentication: nil, authorizedKeys: [], hostKeys: .firstBoot),
    locale: LocaleSettings(), files: [], output: OutputSettings())
  change(&recipe)
  return recipe
}

struct NoSuchName: Error {}

/// A user of a recipe that says nothing but a name, a password and what `change` adds.
func user(_ name: String, _ change: (inout UserSettings) -> Void = { _ in }) -> UserSettings {
  var user = UserSettings(
    name: name, password: .hash(Secret("$y$j9T$salt$hash")),
    place: RecipePlace(file: "nog.toml", line: 5, column: 1))
  change(&user)
  return user
}

/// An entry of `[[files]]` at line 9 of nog.toml.
func file(
  _ path: String, _ action: FileSettings.Action, mode: UInt16? = nil, owner: String? = nil, group: String? = nil
) -> FileSettings {
  FileSettings(
    path: path, action: action, mode: mode, owner: owner.map { Located($0) }, group: group.map { Located($0) },
    place: RecipePlace(file: "nog.toml", line: 9, column: 1))
}

extension StockTrees {
  /// The trees after `recipe`, and the warnings.
  func applying(
    _ recipe: NodeRecipe, stock: StockLayout = StockLayout(),
    importing: @escaping (FilePath) throws -> FileTree = { _ in throw NoSuchName() }
  ) throws -> (trees: StockTrees, warnings: [Warning]) {
    var trees = self
    let customization = Customization(
      recipe, identity: NodeIdentity(recipe), stock: stock, time: StockTrees.time, importing: importing)
    let warnings = try customization.apply(boot: &trees.boot, root: &trees.root)
    return (trees, warnings)
  }
}

extension RaspberryPiOSError {
  /// What people read: the place first.
  var said: String { (place.map { "\($0): " } ?? "") + description }
}
