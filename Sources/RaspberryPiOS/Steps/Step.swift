/// One of the steps that make a node out of a stock image.
struct Step: Sendable {
  /// What it is about, in a word or two.
  let name: String
  let run: @Sendable (inout NodeSystem) throws(RaspberryPiOSError) -> Void

  init(_ name: String, _ run: @escaping @Sendable (inout NodeSystem) throws(RaspberryPiOSError) -> Void) {
    self.name = name
    self.run = run
  }
}

extension Step {
  /// All of them, in their order: each finds what those before it have written.
  static let all = [
    Step("other systems") { try $0.warnOfOtherSystem() },
    Step("fstab") { try $0.editFstab(Fstab($0.required("etc/fstab"))) },
    // What it appends may name another command line.
    Step("config.txt") { try $0.editConfigText() },
    Step("command lines") { try $0.editCommandLines() },
    Step("autoboot.txt") { try $0.editAutoboot() },
    Step("names of the stock disk") { try $0.mendReferences() },
    Step("initramfs settings") { try $0.editInitramfsSettings() },
    Step("services of the first start") { try $0.disableFirstBootServices() },
    Step("growth") { try $0.arrangeGrowth() },
    Step("firmware partition") { try $0.replaceFirmwarePartition() },
    Step("units of the first start") { try $0.nameFirstBootUnits() },
    Step("host name") { try $0.setHostname() },
    Step("machine id") { try $0.setMachineID() },
    Step("accounts") { try $0.editAccounts() },
    Step("ssh") { try $0.editSSH() },
    Step("host keys") { try $0.setHostKeys() },
    Step("locale") { try $0.editLocale() },
    Step("desktop keyboard") { try $0.setDesktopKeyboard() },
    Step("cloud-init") { try $0.configureCloudInit() },
    Step("files") { try $0.placeFiles() },
    Step("limits of command lines") { try $0.checkCommandLines() },
    Step("what is left out") { $0.reportLeftOut() },
    Step("logins") { try $0.checkLogins() },
    Step("lost capabilities") { $0.reportLostCapabilities() },
  ]
}
