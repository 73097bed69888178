import Bytes
import FileTree
import Testing

@testable import RaspberryPiOS
import Recipe

struct KernelCommandLineTests {
  @Test func `quotes keep blanks inside a word`() {
    let line = KernelCommandLine("a  dyndbg=\"file x +p\"\tb=1 b=2\nrest")
    #expect(line.words == ["a", "dyndbg=\"file x +p\"", "b=1", "b=2"])
    #expect(line.value(of: "b") == "2")
    #expect(line.value(of: "a") == nil)
  }

  @Test func `a word is replaced in its place and its doubles go`() {
    var line = KernelCommandLine("root=/dev/sda1 quiet root=/dev/sda2 ro")
    line.replace(["root"], with: ["root=/dev/nfs", "rw"])
    #expect(line.description == "root=/dev/nfs rw quiet ro")
    line.replace(["missing"], with: ["missing=1"])
    #expect(line.description == "root=/dev/nfs rw quiet ro missing=1")
  }

  @Test func `removing takes whole words or keys, never parts`() {
    var line = KernelCommandLine("console=tty1 consoleblank=0 console=serial0,115200 quiet")
    line.remove("console")
    #expect(line.description == "consoleblank=0 quiet")
    line.remove("consoleblank=1")
    line.remove("quiet")
    #expect(line.description == "consoleblank=0")
  }

  @Test func `the recipe's words are taken and added once`() throws {
    let node = try StockTrees(.bookworm).applying(
      recipe {
        $0.boot.cmdlineRemove = ["quiet", "console=serial0,115200"]
        $0.boot.cmdlineAdd = ["cgroup_memory=1", "rootwait"]
      }
    ).trees
    #expect(
      try node.boot.string("cmdline.txt")
        == "console=tty1 root=PARTUUID=c1f95d14-01 rootfstype=ext4 fsck.repair=yes rootwait cgroup_memory=1\n")
  }

  @Test func `a line that the kernel would cut is refused`() throws {
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.boot.cmdlineAdd = [String(repeating: "x", count: 1960)] })
    }
    #expect(error?.kind == .usage)
  }
}

struct ConfigTextTests {
  @Test func `lines come after [all], and what was there stays byte for byte`() throws {
    var stock = try StockTrees(.bookworm)
    try stock.putBoot("config.txt", "# latin: \u{e9}\r\n[pi4]\r\narm_boost=1")
    let node = try stock.applying(
      recipe { $0.boot.configText = ["dtparam=i2c=on", "[pi5]", "usb_max_current_enable=1"] }
    ).trees
    #expect(
      try node.boot.string("config.txt")
        == "# latin: \u{e9}\r\n[pi4]\r\narm_boost=1\n[all]\ndtparam=i2c=on\n[pi5]\nusb_max_current_enable=1\n")
  }

  @Test func `bytes that are not UTF-8 stay`() {
    var file = TextFile([0x61, 0xE9, 0x0A, 0x62])
    file.append("c")
    #expect(file.bytes == [0x61, 0xE9, 0x0A, 0x62, 0x0A, 0x63, 0x0A])
  }

  @Test func `a line longer than the firmware reads is refused`() throws {
    let long = "dtoverlay=" + String(repeating: "x", count: 89)
    let error = #expect(throws: RaspberryPiOSError.self) {
      try StockTrees(.bookworm).applying(recipe { $0.boot.configText = [long] })
    }
    #expect(error?.said == "[boot] config_txt has a line of 99 bytes; the firmware reads 98")
  }
}

struct FstabTests {
  @Test func `columns stay where the device is longer or shorter`() {
    var fstab = Fstab("LABEL=RASPIROOT      /     ext4 rw 0 1\nUUID=AB-CD\t/boot\tvfat rw 0 2\n")
    fstab.setDevice("PARTUUID=1-2", at: "/")
    fstab.setDevice("PARTUUID=1-1", at: "/boot")
    #expect(fstab.description == "PARTUUID=1-2         /     ext4 rw 0 1\nPARTUUID=1-1\t/boot\tvfat rw 0 2\n")
    fstab.setDevice("PARTUUID=c1f95d14-0000000002", at: "/")
    #expect(fstab.device(at: "/") == "PARTUUID=c1f95d14-0000000002")
    #expect(fstab.description.hasPrefix("PARTUUID=c1f95d14-0000000002 /     ext4"))
  }

  @Test func `a slash after a mount point and comments do not matter`() {
    var fstab = Fstab("# x /boot/firmware vfat\n10.0.0.1:/tftp /boot/firmware/ nfs defaults 0 0\n")
    #expect(fstab.bootMountPoint == "/boot/firmware")
    fstab.remove("/boot/firmware")
    #expect(fstab.description == "# x /boot/firmware vfat\n")
  }
}

struct NodeIdentityTests {
  private func identity(_ name: String, _ seed: String?) throws -> NodeIdentity {
    NodeIdentity(node: try #require(HostName(name)), fleetSeed: try seed.map { try FleetSeed($0) })
  }

  @Test func `the same seed and name give the same identity, any other another`() throws {
    let nog = try identity("nog", "starfleet")
    let same = try identity("nog", "starfleet")
    #expect(nog.disk == same.disk && nog.card == same.card && nog.machineID == same.machineID)
    #expect(nog.rootUUID == same.rootUUID && nog.privateBytes(for: "x") == same.privateBytes(for: "x"))
    for other in [try identity("jake", "starfleet"), try identity("nog", "cardassia"), try identity("nog", nil)] {
      #expect(nog.disk != other.disk)
      #expect(nog.machineID != other.machineID)
      #expect(nog.rootUUID != other.rootUUID)
      #expect(nog.privateBytes(for: "x") != other.privateBytes(for: "x"))
    }
    #expect(nog.disk.signature != nog.card.signature)
    #expect(nog.machineID.utf8.count == 32)
  }

  @Test func `without a seed private bytes are random, and ids follow from the hardware too`() throws {
    let name = try #require(HostName("nog"))
    let (one, same) = (NodeIdentity(node: name, fleetSeed: nil), NodeIdentity(node: name, fleetSeed: nil))
    #expect(one.machineID == same.machineID && one.privateBytes(for: "x") != same.privateBytes(for: "x"))
    #expect(one.privateBytes(for: "x") != one.privateBytes(for: "x"))
    let other = NodeIdentity(node: name, fleetSeed: nil, hardware: "dc:a6:32:01:02:03 ")
    #expect(one.machineID != other.machineID && one.disk != other.disk && one.rootUUID != other.rootUUID)
  }

  /// The values are those of Python's hashlib.scrypt, hmac and uuid.uuid5.
  @Test func `identities stay what they are`() throws {
    let nog = try identity("nog", "starfleet")
    #expect(nog.disk.description == "f4928483")
    #expect(nog.card.description == "f788b0f3")
    #expect(nog.machineID == "bc7d6f84045154b1a3d5bd43251f27d7")
    #expect(nog.rootUUID.description == "20030676-739e-58ee-949b-1f54556be499")
    #expect(nog.privateBytes(for: "x").hex.hasPrefix("a97632e8b3fe1b67"))
  }

  @Test func `a GPT has GUIDs of its own, which stay too`() throws {
    let name = try #require(HostName("nog"))
    let seed = try FleetSeed("starfleet")
    let nodes = [OutputSettings.Table.gpt, .hybrid].map { NodeIdentity(node: name, fleetSeed: seed, table: $0) }
    for nog in nodes {
      #expect(nog.disk.description == "8c57ee74-4515-56f5-9f37-260ad2f1961b")
      #expect(nog.disk.partitionUUID(1) == "ecc68328-8e03-50a1-8862-ab576d81c980")
      #expect(nog.disk.signature.description == "f4928483")
      let all = [1, 2].flatMap { [nog.disk.partitionUUID($0), nog.card.partitionUUID($0)] }
      #expect(Set(all + ["\(nog.disk)", "\(nog.card)", "\(nog.rootUUID)"]).count == 7)
    }
  }

  @Test func `signatures given replace derived ones`() throws {
    let id = try #require(DiskID("c1f95d14"))
    let nog = NodeIdentity(node: try #require(HostName("nog")), fleetSeed: nil, diskID: id)
    #expect(nog.disk.signature == id)
    #expect(nog.card.signature != id)
  }
}
