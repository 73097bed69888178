import FileTree
import Recipe

extension NodeSystem {
  /// Gives the desktop's compositors the layout that `setKeymap` has set: they do not read /etc/default/keyboard. These
  /// are the files that raspi-config's update_labwc_keyboard and update_wayfire_keyboard write for all users.
  mutating func setDesktopKeyboard() throws(RaspberryPiOSError) {
    guard recipe.locale.keymap != nil, let keyboard = try root.text(at: "etc/default/keyboard") else { return }
    let settings = ["MODEL", "LAYOUT", "VARIANT", "OPTIONS"].map { key in
      (key: key, value: keyboard.value(of: "XKB\(key)") ?? "")
    }
    for path: TreePath in [
      "etc/xdg/labwc/environment", "etc/xdg/labwc-greeter/environment", "usr/share/labwc/environment",
    ] {
      try edit(path) { file throws(RaspberryPiOSError) in
        for (key, value) in settings {
          file.set("XKB_DEFAULT_\(key)=\(value)") { $0.hasPrefix("XKB_DEFAULT_\(key)=") }
        }
      }
    }
    for path: TreePath in ["etc/wayfire/template.ini", "etc/wayfire/gtemplate.ini", "usr/share/greeter.ini"] {
      try edit(path) { file throws(RaspberryPiOSError) in
        for (key, value) in settings {
          let word = "xkb_\(key.lowercased())"
          for index in file.indices where file[index].hasPrefix(word) { file[index] = "\(word)=\(value)" }
        }
      }
    }
  }
}
