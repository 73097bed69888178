import Bytes
import FileTree
import Recipe

extension NodeSystem {
  /// Keeps cloud-init, where the image has it, from setting back what the files say now. Its seed files stay: an
  /// operator's own user-data still applies, and wins over these settings key by key.
  ///
  /// What the modules of Debian's and Raspberry Pi's cloud.cfg do unasked (cloud-init 25.1):
  /// - growpart, resizefs: grow the root. Off: pibake's unit does, or nobody is to.
  /// - set_hostname, update_hostname: the instance's name at every start. Off (`preserve_hostname`).
  /// - update_etc_hosts: rewrites /etc/hosts where `manage_etc_hosts` is on. Off.
  /// - locale: on Raspberry Pi OS always `raspi-config do_change_locale`, which drops all other locales. Off.
  /// - ssh: deletes host keys and makes others. Off: one keeper of keys (`setHostKeys`).
  /// - users_groups: makes the distribution's default user. Off where the recipe names users; without any, it stays as
  ///   the image's own way in.
  /// - apt_configure: rewrites the sources on Ubuntu. The image's own business, as is the network where the recipe does
  ///   not say it (`editNetwork`): Raspberry Pi OS makes no fallback for it, Ubuntu relies on the one that cloud-init
  ///   writes.
  /// - ssh_authkey_fingerprints, keys_to_console, final_message, install_hotplug, seed_random, scripts_*: print, or do
  ///   what others have asked for.
  /// - bootcmd, write_files, disk_setup, mounts, ca_certs, rsyslog, ssh_import_id, keyboard, set_passwords, ntp,
  ///   timezone, runcmd, packages, phone_home, power_state_change, raspberry_pi and all others: nothing without their
  ///   own key.
  mutating func configureCloudInit() throws(RaspberryPiOSError) {
    guard StockImage.hasCloudInit(root) else { return }
    var text = """
      # Written by pibake, which has set all this in the files themselves.
      preserve_hostname: true
      manage_etc_hosts: false
      locale: false
      growpart:
        mode: "off"
      resize_rootfs: false
      ssh_deletekeys: false
      ssh_genkeytypes: []

      """
    if !recipe.users.isEmpty { text += "users: []\n" }
    var hasSeed = false
    for seed in ["user-data", "network-config"] where try holdsSettings(seed: seed) {
      if seed == "network-config", root.has(NodeSystem.seededNetworkSwitch) {
        warn("the image's network-config is not empty: cloud-init leaves it out, for the recipe says the network")
        continue
      }
      warn("the image's \(seed) is not empty: cloud-init applies it on the first start")
      hasSeed = true
    }
    if topology.bootPartition == nil {
      if !hasSeed {
        try disableWithoutSeed()
      } else {
        text += "datasource:\n  NoCloud:\n    seedfrom: file://\(NodeSystem.seedFolder)/\n"
        try copySeed()
      }
    }
    // Later names win, and the image's own settings are 99_*.cfg.
    try root.write(text, to: "etc/cloud/cloud.cfg.d/99_zz_pibake.cfg", time: time)
  }

  /// Where NoCloud looks without any mount.
  private static let seedFolder: TreePath = "var/lib/cloud/seed/nocloud"

  /// Whether the seed file called `name` holds more than comments.
  private func holdsSettings(seed name: String) throws(RaspberryPiOSError) -> Bool {
    guard let file = try boot.text(at: boot.pathIgnoringCase(TreePath().appending(text: name))) else { return false }
    return file.firstIndex { !$0.trimmed.isEmpty && !$0.trimmed.hasPrefix("#") } != nil
  }

  /// Switches cloud-init off on a node without a boot partition whose seed asks for nothing: it would look for the seed
  /// there, find none, and end degraded. An image that keeps its seed elsewhere is not concerned.
  private mutating func disableWithoutSeed() throws(RaspberryPiOSError) {
    guard boot.has(boot.pathIgnoringCase("user-data")) || boot.has(boot.pathIgnoringCase("meta-data")) else { return }
    try root.write("", to: "etc/cloud/cloud-init.disabled", time: time)
  }

  /// Copies the seed files of a node without a boot partition to its root. Only root may read them: they can hold
  /// password hashes.
  private mutating func copySeed() throws(RaspberryPiOSError) {
    for (name, substitute) in [
      ("user-data", "#cloud-config\n"), ("meta-data", "instance-id: nocloud\n"), ("network-config", nil),
      ("vendor-data", nil),
    ] {
      let bytes = try boot.bytes(at: boot.pathIgnoringCase(TreePath().appending(text: name)))
      guard let seed = bytes ?? substitute.map({ Array($0.utf8) }) else { continue }
      try root.write(seed, to: NodeSystem.seedFolder.appending(text: name), mode: 0o600, time: time)
    }
  }
}
