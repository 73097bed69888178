import FileTree
import Recipe

extension NodeSystem {
  /// Keeps cloud-init, where the image has it, from setting back what the files say now. Its seed files stay: an
  /// operator's own user-data still applies.
  mutating func tameCloudInit() throws(RaspberryPiOSError) {
    guard StockImage.hasCloudInit(root) else { return }
    var text = "# Written by pibake, which has set all this in the files themselves.\npreserve_hostname: true\n"
    text += "growpart:\n  mode: \"off\"\nresize_rootfs: false\n"
    if recipe.ssh.hostKeys != .firstBoot { text += "ssh_deletekeys: false\nssh_genkeytypes: []\n" }
    if !recipe.users.isEmpty { text += "users: []\n" }
    // Later names win, and the image's own settings are 99_*.cfg.
    try root.write(text, to: "etc/cloud/cloud.cfg.d/99_zz_pibake.cfg", time: time)
    for seed: TreePath in ["user-data", "network-config"] {
      guard let file = try boot.text(at: boot.pathIgnoringCase(seed)) else { continue }
      let isEmpty = file.firstIndex { !$0.trimmed.isEmpty && !$0.trimmed.hasPrefix("#") } == nil
      if !isEmpty { warn("the image's \(seed) is not empty: cloud-init applies it on the first start") }
    }
  }
}
