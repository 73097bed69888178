import Testing

private let identities: [Wrong] = [
  Wrong(
    #"[locale]\#ntimezone="Vienna!"\#nkeymap=""\#nlang="de-AT""#,
    #"3:10: error: [locale] timezone = "Vienna!": expected a time zone such as "Europe/Vienna""#,
    #"4:8: error: [locale] keymap = "": expected keyboard layouts such as "de", "us(intl)" or "us,ru""#,
    #"5:6: error: [locale] lang = "de-AT": expected a locale such as "de_AT.UTF-8"; did you mean "de_AT.UTF-8"?"#),
  Wrong(
    #"[server]\#naddress="192.168.07.1"\#nsubnet="192.168.7.1/24"\#ntftp_root="srv"\#ndhcp="no"\#nstore="/a b"\#ninterface="""#,
    #"3:9: error: [server] address = "192.168.07.1": expected an IPv4 address"#,
    #"4:8: error: [server] subnet = "192.168.7.1/24": expected an IPv4 subnet such as "192.168.7.0/24""#,
    #"5:11: error: [server] tftp_root = "srv": expected an absolute path without blanks, '.' and '..'"#,
    #"6:6: error: [server] dhcp = "no": expected "proxy", "server" or "none""#,
    #"7:7: error: [server] store = "/a b": expected an absolute path without blanks, '.' and '..'"#,
    #"8:11: error: [server] interface = "": expected the name of a network interface"#),
  Wrong(
    #"[server]\#naddress="192.168.8.1"\#nsubnet="192.168.7.0/24""#,
    #"3:9: error: [server] address is not in the subnet 192.168.7.0/24"#),
  Wrong(
    #"[system]\#nmachine_id="xyz"\#nhostname="a.b""#,
    #"3:12: error: [system] machine_id = "xyz": expected "derived", "first-boot" or 32 hex digits, not all zero"#,
    #"4:10: error: [system] hostname = "a.b": expected a host name: letters, digits and inner hyphens, at most 63"#),
]

private let disks: [Wrong] = [
  Wrong(
    #"[root]\#non = "usbb""#,
    #"3:6: error: [root] on = "usbb": expected "disk", "usb" or "nfs""#),
  Wrong(
    #"[root]\#non = 3"#,
    #"3:6: error: [root] on: expected a string, found an integer"#),
  Wrong(
    #"[root]\#ndisk_id="00000000"\#nsize="8Gib""#,
    #"3:9: error: [root] disk_id = "00000000": expected eight hex digits, not all zero"#,
    #"4:6: error: [root] size = "8Gib": expected "fit" or a size such as "8GiB", a multiple of 512 bytes, at most 16TiB"#
  ),
  Wrong(
    #"[root]\#nsize="2TiB""#,
    #"3:6: error: [root] size: an MBR counts to less than 2TiB, [output] image = { table = "gpt" } further"#),
  Wrong(#"[root]\#nsize="2TiB"\#n[output]\#nimage = { table = "gpt" }"#),
  Wrong(
    #"[output]\#nimage = { table = "GPT", tabel = "gpt" }"#,
    #"3:19: error: [output.image] table = "GPT": expected "mbr", "gpt" or "hybrid""#,
    #"3:26: error: unknown key 'tabel' in [output.image]; did you mean 'table'?"#),
  Wrong(
    #"[root]\#ndisk_id="c1f95d14"\#n[output]\#nimage = { table = "gpt" }"#,
    #"3:9: warning: [root] disk_id is the signature of an MBR: a disk with [output] image.table = "gpt" has none"#),
  Wrong(
    #"[boot]\#nsize="64MiB"\#ndisk_id="12345678""#,
    #"3:6: warning: [boot] size is of a card: with [boot] from = "disk" there is none"#,
    #"4:9: warning: [boot] disk_id is of a card: with [boot] from = "disk" there is none"#),
  Wrong(
    #"[root]\#nsize = 8"#,
    #"3:8: error: [root] size: expected a string, found an integer"#),
  Wrong(
    #"[root]\#nnfs_version="4""#,
    #"3:13: error: [root] nfs_version = "4": expected "3" or "4.1""#),
  Wrong(
    #"[root]\#non = "usb""#,
    #"3:6: error: [root] on = "usb" needs [boot] from = "card" or "tftp""#),
  Wrong(
    #"[boot]\#nfrom = "tftp""#,
    #"1:8: error: [boot] from = "tftp" needs [node] mac or serial, by which the firmware asks for its files"#,
    #"3:8: error: [boot] from = "tftp" needs [root] on = "usb" or "nfs""#),
  Wrong(
    #"[boot]\#nfrom = "card""#,
    #"3:8: error: [boot] from = "card" needs [root] on = "usb" or "nfs""#),
  Wrong(
    #"[boot]\#nfrom = "tftp"\#n[root]\#non = "usb""#,
    #"1:8: error: [boot] from = "tftp" needs [node] mac or serial, by which the firmware asks for its files"#),
  Wrong(
    #"[boot]\#nfrom = "card"\#n[root]\#non = "nfs""#,
    #"5:6: error: [root] on = "nfs" needs [server] address"#),
  Wrong(
    #"[boot]\#nfrom = "card"\#ndisk_id="c1f95d14"\#n[root]\#non = "usb"\#ndisk_id="C1F95D14""#,
    #"4:9: error: [boot] disk_id = "c1f95d14" is the root disk's too"#),
  Wrong(
    #"[image]\#nurl = "https://x/y""#,
    #"3:7: error: [image] url needs sha256, that of the file as downloaded"#),
  Wrong(
    #"[image]\#nurl = "ftp://x/y""#,
    #"3:7: error: [image] url = "ftp://x/y": expected an http, https or file URL"#,
    #"3:7: error: [image] url needs sha256, that of the file as downloaded"#),
  Wrong(
    #"[image]\#nurl = "ftp://me:hidden@x/y?hidden#hidden"\#nsha256 = "\#(String(repeating: "ab", count: 32))""#,
    #"3:7: error: [image] url = "ftp://x/y": expected an http, https or file URL"#),
  Wrong(
    #"[image]\#nurl = "https://me:hid/den@x/ y"\#nsha256 = "\#(String(repeating: "ab", count: 32))""#,
    #"3:7: error: [image] url = "https://…": expected an http, https or file URL"#),
  Wrong(
    #"[image]\#npath="a"\#nurl = "https://x/y"\#nsha256="00""#,
    #"4:1: error: [image] path and url cannot both be given"#,
    #"5:8: error: [image] sha256 = "00": expected the 64 hex digits of a SHA-256"#),
  Wrong(
    #"[image]\#nboot_partition=0\#nroot_partition=2"#,
    #"3:16: error: [image] boot_partition = 0: expected a number from 1 to 128"#),
  Wrong(
    #"[image]\#nboot_partition=2\#nroot_partition=2"#,
    #"4:16: error: [image] root_partition = 2 is the boot partition too"#),
]

@Suite struct `Values of tables` {
  @Test(arguments: identities) func `that name machines and places are checked`(_ wrong: Wrong) throws {
    try wrong.check()
  }

  @Test(arguments: disks) func `that say what lies where are checked, also against each other`(_ wrong: Wrong) throws {
    try wrong.check()
  }
}
