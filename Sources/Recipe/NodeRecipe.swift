import SystemPackage

/// Everything that a recipe wishes for one node, checked: no value here can be of a wrong form.
package struct NodeRecipe: Sendable {
  /// The node's name, which also names its output folder.
  package var name: HostName
  /// The hardware address of its Ethernet port.
  package var mac: MACAddress?
  /// The last eight hexadecimal digits of its serial number, lower case.
  package var serial: String?
  /// The board, as the operator names it ("pi4", "pi5").
  package var model: String?
  /// Words by which operators group nodes.
  package var tags: [String]
  /// The seed from which a fleet's identities are derived. Whoever knows it can derive them too.
  package var fleetSeed: String?
  /// The stock image.
  package var image: ImageSettings
  package var system: SystemSettings
  package var boot: BootSettings
  package var root: RootSettings
  /// The server that nodes boot from; nil when the recipe has none.
  package var server: ServerSettings?
  package var users: [UserSettings]
  package var ssh: SSHSettings
  package var locale: LocaleSettings
  /// Files to add, replace or remove, in the order of the recipe.
  package var files: [FileSettings]
  package var output: OutputSettings
}

/// `[image]`: where the stock image comes from.
package struct ImageSettings: Sendable {
  package enum Location: Sendable, Hashable {
    /// A file of this machine.
    case path(FilePath)
    /// An http, https or file URL.
    case url(String)
  }
  /// nil when the recipe names none: the command line must then.
  package var location: Location?
  /// The SHA-256 of the bytes as downloaded, 64 lower-case hexadecimal digits.
  package var sha256: String?
  /// The SHA-256 of the disk image inside.
  package var extractSHA256: String?
  /// The number of the boot partition, from 1; nil: found by type and content.
  package var bootPartition: Int?
  /// The number of the root partition, from 1; nil: found by type and content.
  package var rootPartition: Int?
}

/// `[system]`
package struct SystemSettings: Sendable {
  package enum MachineID: Sendable, Hashable {
    /// Computed from the fleet seed and the node's name.
    case derived
    /// Left to the first start of the node.
    case firstBoot
    /// 32 lower-case hexadecimal digits.
    case given(String)
  }
  /// The host name; the node's name where the recipe says nothing.
  package var hostname: HostName
  package var machineID: MachineID
}

/// `[boot]`: where the firmware finds its files.
package struct BootSettings: Sendable {
  package enum Source: String, Sendable, CaseIterable {
    /// On the same disk as the root.
    case disk
    /// On an SD card of its own.
    case card
    /// Over the network.
    case tftp
  }
  package var from: Source
  /// Lines appended to config.txt after `[all]`.
  package var configText: [String]
  /// Kernel parameters to append to cmdline.txt, one word each.
  package var cmdlineAdd: [String]
  /// Kernel parameters to take away: a whole word, or a key that stands before `=`.
  package var cmdlineRemove: [String]
  /// The MBR signature of a card; nil: derived.
  package var diskID: DiskID?
  /// The size of a card's image; nil: fit.
  package var size: DiskSize
}

/// `[root]`: where the root file system is.
package struct RootSettings: Sendable {
  package enum Place: String, Sendable, CaseIterable {
    /// On the same disk as /boot.
    case disk
    /// On a USB disk of its own.
    case usb
    /// On the server.
    case nfs
  }
  package enum NFSVersion: String, Sendable, CaseIterable {
    case v3 = "3"
    case v4_1 = "4.1"
  }
  package var on: Place
  /// The MBR signature of the disk that holds the root; nil: derived.
  package var diskID: DiskID?
  package var size: DiskSize
  package var nfsVersion: NFSVersion
}

/// The size of a disk image.
package enum DiskSize: Sendable, Hashable {
  /// As large as its content wants; the node grows it on its first start.
  case fit
  /// This many bytes.
  case bytes(Int)
}

/// `[server]`: the PXE server, as its nodes see it.
package struct ServerSettings: Sendable {
  /// The IPv4 address in dotted form.
  package var address: String?
  /// The subnet in CIDR form.
  package var subnet: String?
  /// The folder under which each node has its root.
  package var nfsRoot: String
  /// The folder under which each node has its boot files.
  package var tftpRoot: String
}

/// `[user]` or one of `[[users]]`
package struct UserSettings: Sendable {
  package enum Password: Sendable {
    /// Clear text, from the recipe or a file beside it.
    case clear(Secret)
    /// A crypt(5) string.
    case hash(Secret)
  }
  /// A name that useradd accepts.
  package var name: String
  /// nil: the account has no password, only keys.
  package var password: Password?
  /// nil: the groups that the image gives its first user.
  package var groups: [String]?
  package var authorizedKeys: [String]
  /// nil: as the image has it.
  package var passwordlessSudo: Bool?
  package var shell: String?
  package var uid: UInt32?
}

/// A text that no message may show: its description is not its content.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The text itself, for the one place that needs it.
  package let exposed: String

  package init(_ text: String) { exposed = text }

  package var description: String { "(secret)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// `[ssh]`
package struct SSHSettings: Sendable {
  package enum HostKeys: Sendable, Hashable {
    /// Computed from the fleet seed, which must then be set, and the node's name.
    case derived
    /// Made by the node on its first start.
    case firstBoot
    /// The `ssh_host_*` files of this folder.
    case folder(FilePath)
  }
  /// nil: as the image has it.
  package var enabled: Bool?
  /// nil: as the image has it.
  package var passwordAuthentication: Bool?
  /// Keys for the first user.
  package var authorizedKeys: [String]
  package var hostKeys: HostKeys
}

/// `[locale]`
package struct LocaleSettings: Sendable {
  /// A name of the zone database, such as "Europe/Vienna".
  package var timezone: String?
  /// An XKB layout, such as "de".
  package var keymap: String?
  /// A locale, such as "de_AT.UTF-8".
  package var lang: String?
}

/// One of `[[files]]`: what is to stand at a path of the root.
package struct FileSettings: Sendable {
  package enum Action: Sendable {
    /// A file with this text.
    case content(String)
    /// A copy of a file or folder of this machine.
    case source(FilePath)
    /// A symbolic link to this target.
    case symlink(String)
    /// A folder.
    case directory
    /// Nothing: what is there goes, a folder with all that it holds.
    case remove
  }
  /// An absolute path without `.` and `..`.
  package var path: String
  package var action: Action
  /// The permission bits, at most 0o7777; nil: those of the file replaced, of the source, or 0644 and 0755.
  package var mode: UInt16?
  /// A user name of the image, or a number; nil: root.
  package var owner: String?
  /// A group name of the image, or a number; nil: root.
  package var group: String?
  /// Where the recipe says so, for errors that only the image can tell.
  package var place: RecipePlace
}

/// `[output]`
package struct OutputSettings: Sendable {
  /// The folder that receives one folder a node.
  package var folder: FilePath?
}

/// A place in a recipe file.
package struct RecipePlace: Sendable, Hashable, CustomStringConvertible {
  package var file: String
  /// From 1.
  package var line: Int
  /// From 1, in characters.
  package var column: Int

  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  package var description: String { "\(file):\(line):\(column)" }
}
