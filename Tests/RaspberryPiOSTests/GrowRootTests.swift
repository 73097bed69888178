import SystemPackage
import TestSupport
import Testing

@testable import RaspberryPiOS

/// A disk of this machine's kernel that is only a file, with what sysfs would say of it, and tools that only note that
/// they were called.
private struct PretendedDisk {
  private let folder: TemporaryFolder
  let image: FilePath

  /// A disk of `sectors` with a table as sfdisk reads it; the root is partition `root` at `start` with `size`.
  init(sectors: Int, table: String, root: Int, start: Int, size: Int, others: [Int] = []) async throws {
    folder = try TemporaryFolder()
    image = folder.appending("dev/sda")
    for path in ["dev", "bin", "sys/dev/block", "sys/devices/sda/sda\(root)"]
      + others.map({ "sys/devices/sda/other\($0)" })
    {
      _ = try await Tool.run("mkdir", ["-p", folder.appending(path).string])
    }
    let device = folder.appending("sys/devices/sda")
    try write("\(sectors)\n", to: device.appending("size"))
    try write("\(root)\n", to: device.appending("sda\(root)/partition"))
    try write("\(start)\n", to: device.appending("sda\(root)/start"))
    try write("\(size)\n", to: device.appending("sda\(root)/size"))
    for other in others { try write("\(other)\n", to: device.appending("other\(other)/start")) }
    _ = try await Tool.run("ln", ["-s", "../../devices/sda/sda\(root)", folder.appending("sys/dev/block/8:1").string])
    _ = try await Tool.run("truncate", ["-s", "\(sectors * 512)", image.string])
    try write(table, to: folder.appending("table"))
    let sfdisk = try await Tool.run("sh", ["-c", "sfdisk -q '\(image)' < '\(folder.appending("table"))'"])
    try #require(sfdisk.status == 0, "\(sfdisk.output)")
    try write(GrowRoot.script, to: folder.appending("grow-root"), mode: 0o755)
    try tool("findmnt", "case $2 in MAJ:MIN) echo 8:1 ;; FSTYPE) echo ext4 ;; esac")
    try tool("partx", "echo partx \"$@\" >> \"$LOG\"")
    try tool("resize2fs", "echo resize2fs \"$@\" >> \"$LOG\"")
    try tool("systemctl", "echo systemctl \"$@\" >> \"$LOG\"")
  }

  func tool(_ name: String, _ body: String) throws {
    try write("#!/bin/sh\n\(body)\n", to: folder.appending("bin").appending(name), mode: 0o755)
  }

  /// What a larger disk is after the image was written to it.
  func enlarge(to sectors: Int) async throws {
    _ = try await Tool.run("truncate", ["-s", "\(sectors * 512)", image.string])
    try write("\(sectors)\n", to: folder.appending("sys/devices/sda/size"))
  }

  /// Runs the script: its status and output, what it called, and the table afterwards.
  func grow(without missing: String? = nil) async throws -> (run: Tool.Result, calls: String, table: String) {
    let path = folder.path
    var search = "'\(path)/bin':/usr/sbin:/sbin:$PATH"
    if let missing {
      // A folder with all tools but one in place of the machine's own.
      search = "'\(path)/bin':'\(path)/all'"
      let script = """
        mkdir -p '\(path)/all'; IFS=:; for folder in $PATH:/usr/sbin:/sbin; do
        ln -s "$folder"/* '\(path)/all/' 2> /dev/null; done; rm -f '\(path)'/all/\(missing) '\(path)'/bin/\(missing)
        """
      _ = try await Tool.run("sh", ["-c", script])
    }
    try write("", to: folder.appending("log"))
    let run = try await Tool.run(
      "sh",
      [
        "-c",
        "PATH=\(search) LOG='\(path)/log' GROW_ROOT_SYS='\(path)/sys' "
          + "GROW_ROOT_DEV='\(path)/dev' '\(path)/grow-root'",
      ])
    let calls = try await Tool.run("cat", ["\(path)/log"]).output
    let table = try await Tool.run("sfdisk", ["-d", image.string]).output
    return (run, calls.replacing(path.string, with: "", maxReplacements: 9), table)
  }
}

struct GrowRootTests {
  private let disabled = "systemctl --quiet --no-reload disable pibake-grow-root.service\n"

  @Test(.enabled(if: Tool.arePresent("dash"), "dash is not installed"))
  func `the script is POSIX shell`() async throws {
    let folder = try TemporaryFolder()
    try write(GrowRoot.script, to: folder.appending("script"))
    let dash = try await Tool.run("dash", ["-n", folder.appending("script").string])
    #expect(dash.status == 0 && dash.output.isEmpty, "\(dash.output)")
  }

  @Test(.enabled(if: Tool.arePresent("shellcheck"), "shellcheck is not installed"))
  func `shellcheck has nothing to say`() async throws {
    let folder = try TemporaryFolder()
    try write(GrowRoot.script, to: folder.appending("script"))
    let result = try await Tool.run("shellcheck", [folder.appending("script").string])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(.enabled(if: Tool.arePresent("systemd-analyze"), "systemd-analyze is not installed"))
  func `systemd reads the unit`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.appending(GrowRoot.unit.name)
    try write(GrowRoot.unit.text.replacing("/usr/lib/pibake/grow-root", with: "/bin/true"), to: path)
    let result = try await Tool.run("systemd-analyze", ["verify", path.string])
    #expect(!result.output.contains(GrowRoot.unit.name), "\(result.output)")
  }

  @Test(.enabled(if: Tool.arePresent("sfdisk"), "sfdisk is not installed"))
  func `the only partition of a disk grows to its end, and the disk keeps its id`() async throws {
    let disk = try await PretendedDisk(
      sectors: 1_000_000, table: "label: dos\nlabel-id: 0xc1f95d14\nstart=8192, size=100000, type=83\n", root: 1,
      start: 8192, size: 100_000)
    let (run, calls, table) = try await disk.grow()
    #expect(run.status == 0)
    #expect(table.contains("label-id: 0xc1f95d14"))
    // 991808 sectors are left; the end lies on a whole MiB.
    #expect(table.contains("sda1 : start=        8192, size=      991232, type=83"), "\(table)")
    #expect(calls == "partx --update --nr 1 /dev/sda\nresize2fs /dev/sda1\n" + disabled)
    #expect(run.output.contains("100000 sectors before, 991232 now"))
  }

  @Test(.enabled(if: Tool.arePresent("sfdisk"), "sfdisk is not installed"))
  func `the second partition grows and the first stays`() async throws {
    let table = "label: dos\nlabel-id: 0xc1f95d14\nstart=8192, size=40960, type=c\nstart=49152, size=100352, type=83\n"
    let disk = try await PretendedDisk(
      sectors: 400_000, table: table, root: 2, start: 49152, size: 100_352, others: [8192])
    let after = try await disk.grow().table
    #expect(after.contains("sda1 : start=        8192, size=       40960, type=c"), "\(after)")
    #expect(after.contains("sda2 : start=       49152, size=      350208, type=83"), "\(after)")
  }

  @Test(.enabled(if: Tool.arePresent("sfdisk"), "sfdisk is not installed"))
  func `a record that begins with zeros keeps its id, and every byte but the partition's length`() async throws {
    let disk = try await PretendedDisk(
      sectors: 1_000_000, table: "label: dos\nlabel-id: 0xc1f95d14\nstart=8192, size=100000, type=83\n", root: 1,
      start: 8192, size: 100_000)
    // As a disk is whose maker wrote no boot code, for which libparted makes a new id.
    let dd = ["if=/dev/zero", "of=\(disk.image)", "bs=440", "count=1", "conv=notrunc", "status=none"]
    _ = try await Tool.run("dd", dd)
    let before = try await Tool.run("sh", ["-c", "od -An -v -tx1 -w1 -N512 '\(disk.image)'"]).output.split(
      separator: "\n")
    _ = try await disk.grow()
    let after = try await Tool.run("sh", ["-c", "od -An -v -tx1 -w1 -N512 '\(disk.image)'"]).output.split(
      separator: "\n")
    let changed = before.indices.filter { before[$0] != after[$0] }
    // Bytes 451…453 and 458…461 of the first entry: its last sector's address and its length.
    #expect(
      before.count == 512 && changed.allSatisfy { (451...453).contains($0) || (458...461).contains($0) }, "\(changed)")
    #expect(!changed.isEmpty)
  }

  @Test(.enabled(if: Tool.arePresent("sfdisk"), "sfdisk is not installed"), arguments: ["sfdisk", "partx"])
  func `without the tools the table stays and the journal says so; parted is not asked`(missing: String) async throws {
    let disk = try await PretendedDisk(
      sectors: 1_000_000, table: "label: dos\nlabel-id: 0xc1f95d14\nstart=8192, size=100000, type=83\n", root: 1,
      start: 8192, size: 100_000)
    try disk.tool("parted", "echo parted >> \"$LOG\"")
    let (run, calls, table) = try await disk.grow(without: missing)
    #expect(run.status == 0 && calls.isEmpty)
    #expect(run.output.contains("sfdisk and partx are needed to move the end of partition 1"), "\(run.output)")
    #expect(table.contains("size=      100000"), "\(table)")
  }

  private static let gpt = """
    label: gpt
    label-id: 11111111-2222-5333-8444-555555555555
    first-lba: 34
    start=8192, size=40960, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name="bootfs"
    start=49152, size=100352, uuid=AAAAAAAA-BBBB-5CCC-8DDD-EEEEEEEEEEEE, name="rootfs"

    """

  @Test(
    .enabled(if: Tool.arePresent("sfdisk", "sgdisk"), "sfdisk or sgdisk is not installed"),
    arguments: [false, true])
  func `a GPT on a larger disk grows, its second copy moves to the end`(isHybrid: Bool) async throws {
    let disk = try await PretendedDisk(
      sectors: 200_000, table: Self.gpt, root: 2, start: 49152, size: 100_352, others: [8192])
    if isHybrid { _ = try await Tool.run("sgdisk", ["--hybrid=1:EE", disk.image.string]) }
    let record = try await Tool.run("sfdisk", ["--label-nested", "dos", "--dump", disk.image.string]).standardOutput
    try await disk.enlarge(to: 1_000_000)
    let (run, calls, table) = try await disk.grow()
    #expect(run.status == 0, "\(run.output)")
    // 33 of the 1,000,000 sectors are the second copy's; the end lies on a whole MiB.
    #expect(table.contains("sda2 : start=       49152, size=      950272,"), "\(table) \(run.output)")
    #expect(table.contains("uuid=AAAAAAAA-BBBB-5CCC-8DDD-EEEEEEEEEEEE, name=\"rootfs\""), "\(table)")
    #expect(table.contains("label-id: 11111111-2222-5333-8444-555555555555"))
    #expect(calls.contains("resize2fs /dev/sda2\n" + disabled), "\(calls)")
    let verified = try await Tool.run("sgdisk", ["--verify", disk.image.string])
    #expect(verified.output.contains("No problems found"), "\(verified.output)")
    if isHybrid {
      let now = try await Tool.run("sfdisk", ["--label-nested", "dos", "--dump", disk.image.string])
      #expect(now.standardOutput == record && record.contains("type=ee"))
    }
  }

  @Test(.enabled(if: Tool.arePresent("sfdisk"), "sfdisk is not installed"))
  func `where nothing can grow the table stays, and the start goes on`() async throws {
    let full = "label: dos\nlabel-id: 0xc1f95d14\nstart=8192, size=98304, type=83\n"
    let whole = try await PretendedDisk(sectors: 106_500, table: full, root: 1, start: 8192, size: 98304)
    let result = try await whole.grow()
    #expect(result.run.status == 0 && result.calls == "resize2fs /dev/sda1\n" + disabled)
    #expect(result.table.contains("size=       98304"))

    let two = "label: dos\nstart=8192, size=8192, type=83\nstart=20480, size=8192, type=83\n"
    let first = try await PretendedDisk(
      sectors: 100_000, table: two, root: 1, start: 8192, size: 8192, others: [20480])
    let stopped = try await first.grow()
    #expect(stopped.run.status == 0 && stopped.calls.isEmpty)
    #expect(stopped.run.output == "grow-root: partition 1 is not the last\n")
    #expect(stopped.table.contains("sda1 : start=        8192, size=        8192"))
  }

  @Test(.enabled(if: Tool.arePresent("sfdisk"), "sfdisk is not installed"))
  func `a tool that fails does not fail the start`() async throws {
    let disk = try await PretendedDisk(
      sectors: 1_000_000, table: "label: dos\nstart=8192, size=100000, type=83\n", root: 1, start: 8192, size: 100_000)
    try disk.tool("sfdisk", "exit 1")
    let result = try await disk.grow()
    #expect(result.run.status == 0)
    #expect(result.run.output == "grow-root: sfdisk failed\n")
    #expect(result.calls.isEmpty)
    try disk.tool("findmnt", "exit 1")
    #expect(try await disk.grow().run.status == 0)
  }
}
