import Bytes
import DiskImage
import Recipe
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Baking

private let hasTools = Tool.arePresent(
  "sfdisk", "mkfs.vfat", "mcopy", "mke2fs", "blkid", "parted", "findmnt", "e2fsck", "fsck.fat")

/// What a node's disk keeps of the stock disk's names, and what it must not keep.
@Suite("Names of the stock disk", .serialized, .enabled(if: hasTools, "needs sfdisk, parted, mtools, mke2fs and blkid"))
struct StockNamesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Makes `d`: a FAT and an ext4, or what `kind` says, with the labels given, and a data partition between them.
  private func makeDisk(fat: String, root: String, kind: String = "ext4", data: Bool = false) async throws {
    let script = """
      mkdir -p r/etc/default r/sbin r/usr/lib r/srv b
      printf 'console=tty1 root=LABEL=\(root) rootfstype=\(kind) rootwait\\n' > b/cmdline.txt
      printf '[all]\\nkernel=vmlinuz\\ncmdline=cmdline.txt\\n' > b/config.txt
      for f in vmlinuz start4.elf bcm2711-rpi-4-b.dtb; do echo x > b/$f; done
      printf 'LABEL=\(root)\\t/\\t\(kind)\\tdefaults\\t0\\t1\\nLABEL=\(fat)  /boot/firmware  vfat  defaults 0 1\\n' > r/etc/fstab
      \(data ? "printf 'LABEL=PIMSD /srv ext4 defaults 0 2\\n' >> r/etc/fstab" : "")
      printf 'ID=ubuntu\\nPRETTY_NAME="Ubuntu 24.04"\\n' > r/etc/os-release
      printf 'root:x:0:0:root:/root:/bin/bash\\nubuntu:x:1000:1000::/home/ubuntu:/bin/bash\\n' > r/etc/passwd
      printf 'root:*:1::::::\\nubuntu:!:1::::::\\n' > r/etc/shadow
      printf 'root:x:0:\\nubuntu:x:1000:\\n' > r/etc/group; printf 'root:*::\\nubuntu:!::\\n' > r/etc/gshadow
      echo stock > r/etc/hostname; printf '127.0.0.1 localhost\\n127.0.1.1 stock\\n' > r/etc/hosts; : > r/etc/machine-id
      truncate -s 40M p1; mkfs.vfat -F 32 -s 1 -n \(fat) p1 > /dev/null 2>&1; mcopy -i p1 b/* ::
      truncate -s 24M p2; mke2fs -q -F -t \(kind) -L \(root) -d r p2; truncate -s 8M p3; mke2fs -q -F -L PIMSD p3
      truncate -s 96M d
      printf 'label: dos\\nlabel-id: 0xdeadbeef\\n16384,81920,c\\n98304,49152,83\\n147456,16384,83\\n' | sfdisk -q d
      dd if=p1 of=d bs=512 seek=16384 conv=notrunc status=none; dd if=p2 of=d bs=512 seek=98304 conv=notrunc status=none
      dd if=p3 of=d bs=512 seek=147456 conv=notrunc status=none
      \(data ? "" : "sfdisk -q --delete d 3")
      """
    let made = try await Tool.run("bash", ["-c", "set -euo pipefail; cd '\(folder.path)'; \(script)"])
    try #require(made.status == 0, "\(made.output)")
  }

  /// Bakes the node nog out of `d`, and cuts its partitions out as `n1` and `n2`.
  private func bake(_ change: (inout NodeRecipe) -> Void = { _ in }) async throws -> [String] {
    var recipe = NodeRecipe(name: try #require(HostName("nog")), fleetSeed: try FleetSeed("starfleet"))
    recipe.image.location = .path(folder.appending("d"))
    change(&recipe)
    let warnings = WarningLog()
    let policy = warnings.policy()
    let options = BakeOptions(image: nil, output: folder.appending("out"), cache: folder.appending("cache"))
    let results = try Baker(options: options, progress: Progress()) { event in
      if case .warning(let text) = event { policy.warn(text) }
    }.bake([recipe])
    if case .failed(let failure)? = results.first?.outcome { throw failure }
    let cut = try await Tool.run(
      "bash",
      [
        "-c",
        """
        set -euo pipefail; cd '\(folder.path)'; n=out/nog/nog.img
        sfdisk -d $n | sed -n 's/.*start= *\\([0-9]*\\), size= *\\([0-9]*\\),.*/\\1 \\2/p' > t; i=1
        while read s c; do dd if=$n of=n$i bs=512 skip=$s count=$c conv=sparse status=none; i=$((i+1)); done < t
        """,
      ])
    try #require(cut.status == 0, "\(cut.output)")
    return warnings.all
  }

  private func say(_ command: String) async throws -> String {
    let result = try await Tool.run("bash", ["-c", "cd '\(folder.path)'; \(command)"])
    #expect(result.status == 0, "\(command): \(result.output)")
    return result.standardOutput
  }

  @Test func `labels stay, ids are the node's, and Ubuntu's disk bakes with a word on what it is not`() async throws {
    try await makeDisk(fat: "system-boot", root: "writable")
    let warnings = try await bake()
    #expect(try await say("blkid -p -s LABEL -o value n1") == "system-boot\n")
    #expect(try await say("blkid -p -s LABEL -o value n2") == "writable\n")
    // The boot sector has the label as well as the root directory.
    #expect(try await say("dd if=n1 bs=1 skip=71 count=11 status=none") == "system-boot")
    #expect(try await say("blkid -p -s UUID -o value n2") == "20030676-739e-58ee-949b-1f54556be499\n")
    _ = try await say("fsck.fat -n n1 && e2fsck -fn n2")
    let fstab = try await say("debugfs -R 'cat /etc/fstab' n2 2> /dev/null")
    #expect(fstab.contains("PARTUUID=f4928483-02\t/\text4") && fstab.contains("PARTUUID=f4928483-01 /boot/firmware"))
    #expect(
      try await say("mtype -i n1 ::cmdline.txt") == "console=tty1 root=PARTUUID=f4928483-02 rootfstype=ext4 rootwait\n")
    #expect(warnings.contains { $0.contains("may not be Raspberry Pi OS: it is Ubuntu 24.04, without /etc/rpi-issue") })
  }

  @Test(arguments: ["ext3", "ext2"])
  func `a root that was ext3 or ext2 is called ext4`(kind: String) async throws {
    try await makeDisk(fat: "BOOT", root: "rootfs", kind: kind)
    _ = try await bake()
    #expect(try await say("blkid -p -s TYPE -o value n2") == "ext4\n")
    #expect(try await say("mtype -i n1 ::cmdline.txt").contains(" rootfstype=ext4 "))
    let verified = try await say(
      "debugfs -R 'cat /etc/fstab' n2 2> /dev/null > f; findmnt --verify --tab-file f 2>&1 || true")
    #expect(
      try await say("cat f").contains("PARTUUID=f4928483-02\t/\text4") && verified.contains("0 parse errors"),
      "\(verified)")
  }

  @Test func `partitions that are left out are named, and nothing mounts them`() async throws {
    try await makeDisk(fat: "BOOT", root: "rootfs", data: true)
    let warnings = try await bake { $0.image.rootPartition = 2 }
    #expect(
      warnings.contains(
        "nog: partition 3 (\"PIMSD\", ext4, 8 MiB) of the stock image is not on the node: "
          + "/etc/fstab:3 mounted it at /srv, and is a comment now"), "\(warnings)")
    #expect(try await say("debugfs -R 'cat /etc/fstab' n2 2> /dev/null").contains("\n#LABEL=PIMSD /srv ext4"))
    #expect(try await say("strings -n 8 n1 n2 | grep -ic deadbeef || true") == "0\n")
  }

  @Test(arguments: [OutputSettings.Table.mbr, .gpt, .hybrid])
  func `a baked disk has the stock disk's boot code, or a stub`(table: OutputSettings.Table) async throws {
    try await makeDisk(fat: "BOOT", root: "rootfs")
    _ = try await bake { $0.output.table = table }
    #expect(try await say("head -c 5 out/nog/nog.img | xxd -p") == "cd18f4ebfd\n")
    _ = try await say("parted -s d set 1 boot on; rm -rf out cache")
    _ = try await bake { $0.output.table = table }
    #expect(try await say("cmp -n 440 d out/nog/nog.img && echo same") == "same\n")
  }

  @Test func `a root that pibake does not read is called by its name`() async throws {
    try await makeDisk(fat: "BOOT", root: "rootfs")
    for (magic, offset, name) in [
      ("\\x10\\x20\\xf5\\xf2", 1024, "f2fs"), ("XFSB", 0, "xfs"), ("_BHRfS_M", 65600, "btrfs"),
    ] {
      _ = try await say(
        "dd if=/dev/zero of=d bs=512 seek=98304 count=300 conv=notrunc status=none; "
          + "printf '\(magic)' | dd of=d bs=1 seek=$((98304 * 512 + \(offset))) conv=notrunc status=none; rm -rf cache out"
      )
      do {
        _ = try await bake()
        Issue.record("\(name) was taken")
      } catch {
        #expect("\(error)".contains("2: \(name)"), "\(error)")
      }
    }
  }
}
