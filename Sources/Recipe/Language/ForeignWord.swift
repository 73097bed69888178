/// Words of other tools and common guesses, each with the key of the recipe language that means the same.
enum ForeignWord {
  /// What to write instead of `word`; nil if it is of no language that is known here.
  static func meaning(of word: String) -> String? { meanings[word.lowercased()] }

  private static let meanings = [
    // What people write.
    "wifi": "[wlan] is the table for wireless networks", "wireless": "[wlan] is the table for wireless networks",
    "network": "[ethernet] and [wlan] are the tables for networks",
    "eth0": "[ethernet] is the table for cabled networks",
    "host": "the host name is [system] hostname", "host_name": "the host name is [system] hostname",
    "account": "[user] is the table for an account", "accounts": "[[users]] are the accounts",
    "username": "the user's name is [user] name", "groups_add": "groups adds to the release's default groups",
    "passwd": "write password_hash or password_file", "pass": "write password_hash or password_file",
    "psk": "write password, which takes a passphrase or 64 hex digits",
    "passphrase": "write password", "ssid_hidden": "write hidden = true",
    "keyboard": "the keyboard layout is [locale] keymap", "language": "the language is [locale] lang",
    "time_zone": "write [locale] timezone", "tz": "write [locale] timezone", "zone": "write [locale] timezone",
    "partuuid": "write [root] disk_id, the first eight digits of the PARTUUID",
    "disk": "[root] on and [boot] from say where the node's files are", "file": "[[files]] are the files to add",
    "write_files": "[[files]] are the files to add", "run": "runcmd has the commands of the first start",
    "hostname_override": "the host name is [system] hostname", "dhcp4": "write method = \"auto\"",
    "ip": "write address", "ip_address": "write address",
    "netmask": "write address with its prefix length, as in \"192.168.7.2/24\"",
    "nameserver": "write dns", "nameservers": "write dns", "router": "write gateway", "routers": "write gateway",
    // rpi-preseed.toml, custom.toml and Imager.
    "config_version": "recipe_version is the version here", "password_encrypted": "write password_hash",
    "ssh_import_id": "pibake asks no server for keys: write them into authorized_keys",
    "encrypted_password": "write password_hash", "keyboard_layout": "the keyboard layout is [locale] keymap",
    // cloud-init.
    "ssh_authorized_keys": "write authorized_keys", "lock_passwd": "an account without a password is for keys alone",
    "sudo": "write passwordless_sudo = true, or groups = [\"sudo\"]",
    "ssh_pwauth": "write [ssh] password_authentication",
    "chpasswd": "write password_hash of [user]", "bootcmd": "runcmd has the commands of the first start",
    "package_update": "[packages] lists what is installed", "fqdn": "the host name is [system] hostname",
    // sdm.
    "plugin": "pibake has no plugins: [[files]] and runcmd do what most are for",
    "wpa": "[wlan] is the table for wireless networks",
  ]
}
