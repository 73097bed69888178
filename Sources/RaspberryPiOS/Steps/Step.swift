import FileTree
import Recipe

/// One of the steps that make a node out of a stock image.
struct Step: Sendable {
  /// What it is about, in a word or two.
  let name: String
  /// Whether the others can do without it.
  let isWish: Bool
  let run: @Sendable (inout NodeSystem) throws(RaspberryPiOSError) -> Void

  init(
    _ name: String, isWish: Bool = false,
    _ run: @escaping @Sendable (inout NodeSystem) throws(RaspberryPiOSError) -> Void
  ) {
    self.name = name
    self.isWish = isWish
    self.run = run
  }
}

extension Step {
  /// All of them, in their order: each finds what those before it have written.
  static let all = [
    Step("other systems") { (system) throws(RaspberryPiOSError) in try system.warnOfOtherSystem() },
    Step("fstab") { (system) throws(RaspberryPiOSError) in try system.editFstab(Fstab(system.required("etc/fstab"))) },
    // [boot] config_txt stays last.
    Step("interfaces", isWish: true) { (system) throws(RaspberryPiOSError) in
      try system.editInterfaces(system.recipe.interfaces)
    },
    // What it appends may name another command line.
    Step("config.txt") { (system) throws(RaspberryPiOSError) in try system.editConfigText() },
    Step("command lines") { (system) throws(RaspberryPiOSError) in try system.editCommandLines() },
    Step("serial console") { (system) throws(RaspberryPiOSError) in
      try system.editSerialConsole(system.recipe.interfaces)
    },
    Step("autoboot.txt") { (system) throws(RaspberryPiOSError) in try system.editAutoboot() },
    Step("names of the stock disk") { (system) throws(RaspberryPiOSError) in try system.mendReferences() },
    Step("initramfs settings") { (system) throws(RaspberryPiOSError) in try system.editInitramfsSettings() },
    Step("services of the first start") { (system) throws(RaspberryPiOSError) in try system.disableFirstBootServices()
    },
    Step("growth") { (system) throws(RaspberryPiOSError) in try system.arrangeGrowth() },
    Step("firmware partition") { (system) throws(RaspberryPiOSError) in try system.replaceFirmwarePartition() },
    Step("units of the first start") { (system) throws(RaspberryPiOSError) in try system.nameFirstBootUnits() },
    Step("host name") { (system) throws(RaspberryPiOSError) in try system.setHostname() },
    Step("machine id") { (system) throws(RaspberryPiOSError) in try system.setMachineID() },
    Step("accounts") { (system) throws(RaspberryPiOSError) in try system.editAccounts() },
    Step("ssh") { (system) throws(RaspberryPiOSError) in try system.editSSH() },
    Step("host keys") { (system) throws(RaspberryPiOSError) in try system.setHostKeys() },
    Step("locale", isWish: true) { (system) throws(RaspberryPiOSError) in try system.editLocale() },
    Step("desktop keyboard") { (system) throws(RaspberryPiOSError) in try system.setDesktopKeyboard() },
    Step("certificates", isWish: true) { (system) throws(RaspberryPiOSError) in
      try system.editCACertificates(system.recipe.caCertificates)
    },
    Step("time", isWish: true) { (system) throws(RaspberryPiOSError) in try system.editTime(system.recipe.time) },
    Step("hosts", isWish: true) { (system) throws(RaspberryPiOSError) in try system.editHosts(system.recipe.hosts) },
    Step("kernel parameters", isWish: true) { (system) throws(RaspberryPiOSError) in
      try system.editSysctl(system.recipe.sysctl)
    },
    Step("kernel modules", isWish: true) { (system) throws(RaspberryPiOSError) in
      try system.editModules(system.recipe.modules)
    },
    Step("message of the day", isWish: true) { (system) throws(RaspberryPiOSError) in
      try system.editMotd(system.recipe.motd)
    },
    Step("mounts", isWish: true) { (system) throws(RaspberryPiOSError) in try system.editMounts(system.recipe.mounts) },
    Step("networks", isWish: true) { (system) throws(RaspberryPiOSError) in
      try system.editNetwork(system.recipe.network)
    },
    Step("cloud-init") { (system) throws(RaspberryPiOSError) in try system.configureCloudInit() },
    Step("files") { (system) throws(RaspberryPiOSError) in try system.placeFiles() },
    Step("first start", isWish: true) { (system) throws(RaspberryPiOSError) in
      try system.arrangeFirstStart(system.recipe.firstStart)
    },
    // Units may come with the files.
    Step("services") { system in system.problems += system.editServices(system.recipe.services) },
    Step("limits of command lines") { (system) throws(RaspberryPiOSError) in try system.checkCommandLines() },
    Step("what is left out") { system in system.reportLeftOut() },
    Step("logins") { (system) throws(RaspberryPiOSError) in try system.checkLogins() },
    Step("lost capabilities") { system in system.reportLostCapabilities() },
  ]
}
