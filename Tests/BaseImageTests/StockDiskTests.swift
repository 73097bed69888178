import Bytes
import DiskImage
import FileTree
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import BaseImage

private let hasTools = Tool.arePresent("sfdisk", "sgdisk", "mkfs.vfat", "mcopy", "mke2fs")

@Suite("Which partition is meant", .enabled(if: hasTools, "needs sfdisk, sgdisk, mtools and mke2fs"))
struct StockDiskTests {
  private let folder: TemporaryFolder
  private let log = WarningLog()

  init() throws { folder = try TemporaryFolder() }

  /// Parts of disks: each makes a file of 4 MiB with the name that it is given.
  private static let parts = """
    mkdir -p etc-root/etc etc-root/sbin etc-root/usr/lib; echo x > etc-root/etc/fstab; echo x > etc-root/etc/os-release
    ln -sfn /usr/lib/systemd etc-root/sbin/init; mkdir -p data-root/etc; echo x > data-root/etc/fstab
    echo x > x
    fat() {
      n=$1; label=$2; shift 2; truncate -s 4M $n; mkfs.vfat -n $label $n >/dev/null
      for f in "$@"; do mcopy -i $n x ::/$f; done
    }
    ext() { truncate -s 4M $1; mke2fs -q -F -L $2 ${3:+-d $3} $1; }
    # An MBR of the types and files that are named in pairs.
    disk() {
      truncate -s 64M d; { echo 'label: dos'; echo 'label-id: 0x1234abcd'; start=2048
      for p in "$@"; do echo "$start,8192,${p%%:*}"; start=$((start + 8192)); done; } | sfdisk -q d
      start=2048
      for p in "$@"; do
        dd if=${p##*:} of=d bs=512 seek=$start conv=notrunc status=none; start=$((start + 8192))
      done
    }
    fat boot BOOTFS config.txt cmdline.txt kernel8.img start4.elf; fat data DATA picture.jpg; fat auto AUTO autoboot.txt
    fat half HALF config.txt; ext root rootfs etc-root; ext store store data-root; ext empty empty
    """

  private func disk(_ script: String) async throws -> StockDisk {
    let made = try await Tool.run("bash", ["-c", "set -euo pipefail; cd '\(folder.path)'; \(Self.parts)\n\(script)"])
    try #require(made.status == 0, "\(made.output)")
    let opening = TreeOpening(cache: folder.appending("cache"), progress: Progress(), policy: log.policy())
    return try opening.disk(folder.appending("d"))
  }

  private func numbers(_ disk: StockDisk) throws -> [Int] {
    [try disk.volume(.boot).partition.number, try disk.volume(.root).partition.number]
  }

  private func failure(_ body: () throws -> Void) -> ImageError? {
    do {
      try body()
      return nil
    } catch {
      return error as? ImageError
    }
  }

  @Test(arguments: [
    ("disk c:boot 83:root", [1, 2]), ("disk 83:root c:boot", [2, 1]), ("disk c:data c:boot 83:empty 83:root", [2, 4]),
    ("disk c:auto c:boot 83:store 83:root", [2, 4]), ("disk c:half 83:boot 83:root 83:store", [2, 3]),
    // What they hold is the same: the types decide.
    ("disk 1b:boot c:boot 83:root 82:root", [2, 3]),
    // Nothing speaks for any of them, but there is only one of each.
    ("disk c:data 83:empty", [1, 2]),
    ("disk c:data 83:data 83:empty 82:empty", [1, 3]),
  ])
  func `boot and root are told by what they hold`(script: String, expected: [Int]) async throws {
    #expect(try await numbers(disk(script)) == expected)
  }

  @Test func `two systems on one disk are listed`() async throws {
    let disk = try await disk("disk c:boot c:boot 83:root 83:root")
    let boot = failure { _ = try disk.volume(.boot) }
    #expect(
      boot?.description.hasSuffix(
        """
        several partitions could be boot: 1: FAT "BOOTFS" with config.txt, cmdline.txt, kernel8.img, start4.elf; \
        2: FAT "BOOTFS" with config.txt, cmdline.txt, kernel8.img, start4.elf
        """) == true, "\(boot?.description ?? "")")
    #expect(boot?.hint?.contains("--partition") == true)
    let root = failure { _ = try disk.volume(.root) }
    #expect(
      root?.description.hasSuffix(
        """
        several partitions could be root: 3: ext4 "rootfs" with /etc/fstab, /etc/os-release, /sbin/init; \
        4: ext4 "rootfs" with /etc/fstab, /etc/os-release, /sbin/init
        """) == true, "\(root?.description ?? "")")
    #expect(root?.kind == .usage)
    #expect(try disk.volume(.number(4)).partition.number == 4)
    #expect(ImageDescription(of: disk).systemProblem?.contains("several partitions") == true)
  }

  @Test func `labels and PARTUUIDs are names of partitions`() async throws {
    let disk = try await disk("disk c:boot 83:root 83:store 83:store")
    #expect(try disk.volume(.name("BOOTFS")).partition.number == 1)
    #expect(try disk.volume(.name("rootfs")).partition.number == 2)
    #expect(try disk.volume(.name("1234ABCD-02")).partition.number == 2)
    #expect(try disk.volume(.name("PARTUUID=1234abcd-02")).partition.number == 2)
    #expect(try disk.volume(.name("LABEL=rootfs")).partition.number == 2)
    let uuid = try #require(ImageDescription(of: disk).partitions[0].uuid)
    #expect(try disk.volume(.name("UUID=\(uuid)")).partition.number == 1)
    #expect(failure { _ = try disk.volume(.name("LABEL=1234abcd-02")) } != nil)
    #expect(failure { _ = try disk.volume(.name("LABEL=")) } != nil)
    #expect(failure { _ = try disk.volume(.name("store")) }?.description.contains("3: ext4 \"store\" with") == true)
    let missing = failure { _ = try disk.volume(.name("rootsf")) }
    #expect(missing?.description.contains("no partition rootsf; found 1: FAT \"BOOTFS\"") == true)
    #expect(StockDisk.Selector("2") == .number(2) && StockDisk.Selector("two") == .name("two"))
    #expect(StockDisk.Selector("") == nil && StockDisk.Selector("0") == nil && StockDisk.Selector("-1") == nil)
  }

  @Test func `names in a GPT`() async throws {
    let disk = try await disk(
      """
      truncate -s 64M d; sgdisk -n 1:2048:+4M -c 1:first -n 2:0:+4M -c 2:größe d >/dev/null
      dd if=root of=d bs=1M seek=5 conv=notrunc status=none
      """
    )
    #expect(try disk.volume(.name("größe")).partition.number == 2)
    #expect(ImageDescription(of: disk).partitions.map(\.name) == ["first", "größe"])
  }

  @Test(arguments: [("root", "etc"), ("boot", "config.txt")])
  func `a bare file system is what is meant`(part: String, name: String) async throws {
    let disk = try await disk("cp \(part) d")
    #expect(disk.table.kind == .none)
    for selector in [StockDisk.Selector.root, .boot] {
      let tree = try disk.tree(of: disk.volumeToShow(selector))
      #expect(tree.directory(tree.root)?.contains { $0.name.bytes == Array(name.utf8) } == true)
    }
    let wrong = failure { _ = try disk.volume(part == "root" ? .boot : .root) }
    #expect(wrong?.description.contains("found the whole disk: ") == true)
  }

  @Test func `a partition that is cut off matters only to who opens it`() async throws {
    let disk = try await disk("disk c:boot 83:root 83:store; truncate -s 11M d")
    #expect(try disk.tree(of: disk.volume(.boot)).ids.count == 5)
    let last = try disk.volume(.number(3))
    let message =
      "the image is cut short: the file system of partition 3 ends at byte 13631488, the image at 11534336: "
      + "2097152 bytes are missing"
    #expect(failure { _ = try disk.tree(of: last) }?.description.hasSuffix(message) == true)
    let description = ImageDescription(of: disk)
    #expect(description.partitions.map(\.problem) == [nil, nil, message])
    #expect(description.partitions[2].content == "ext4")
  }

  @Test func `an image that ends in the unused end of its last partition is read, with a warning`() async throws {
    // The partitions have 4 MiB, the file systems in the last of them 2.
    let script = """
      rm boot store; truncate -s 2M boot store; mkfs.vfat -n SHORT boot > log; mcopy -i boot x ::/config.txt
      mke2fs -q -F -L store -d etc-root store
      """
    for last in ["c:boot", "83:store"] {
      let number = 3
      let whole = try await disk("\(script)\ndisk 83:root 83:root \(last)\ntruncate -s $((11 * 1024 * 1024)) d")
      let volume = try whole.volume(.number(number))
      #expect(try whole.tree(of: volume).ids.count > 1)
      #expect(
        log.all.contains { $0.contains("partition 3 ends 2097152 bytes after the image; its file system is whole") })
      let part = try await disk("truncate -s $((11 * 1024 * 1024 - 4096)) d")
      let error = failure { _ = try part.tree(of: part.volume(.number(number))) }
      #expect(
        error?.description.hasSuffix(
          "the file system of partition 3 ends at byte 11534336, the image at 11530240: 4096 bytes are missing")
          == true,
        "\(String(describing: error))")
    }
  }
  @Test func `a GPT image that is cut within its last partition is read as far as the file system goes`() async throws {
    // Partition 2 has 8 MiB, the file system in it 4; the table's second copy is gone with the end.
    let script = """
      truncate -s 64M d; sgdisk -n 1:2048:+4M -n 2:0:+8M d >/dev/null
      dd if=boot of=d bs=1M seek=1 conv=notrunc status=none; dd if=root of=d bs=1M seek=5 conv=notrunc status=none
      """
    let whole = try await disk("\(script)\ntruncate -s 9M d")
    #expect(try whole.tree(of: whole.volume(.number(2))).ids.count > 1)
    #expect(log.all.contains { $0.contains("the GPT at the end is damaged or not there") })
    #expect(
      log.all.contains { $0.contains("partition 2 ends 4194304 bytes after the image; its file system is whole") })
    let part = try await disk("truncate -s $((9 * 1024 * 1024 - 4096)) d")
    let error = failure { _ = try part.tree(of: part.volume(.number(2))) }
    #expect(error?.description.hasSuffix("4096 bytes are missing") == true, "\(String(describing: error))")
    #expect(try part.tree(of: part.volume(.number(1))).ids.count == 5)
  }
}
