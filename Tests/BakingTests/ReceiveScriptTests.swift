import Btrfs
import Bytes
import FileTree
import Glibc
import Storage
import Synchronization
import struct SystemPackage.FileDescriptor
import struct SystemPackage.FilePath
import struct SystemPackage.FilePermissions
import TestSupport
import Testing

@testable import Baking

/// Whether this machine lets the tests mount a btrfs.
private let canMount =
  geteuid() == 0 && Tool.arePresent("btrfs", "mkfs.btrfs", "setpriv") && access("/dev/loop-control", W_OK) == 0

/// The script that the server runs: what it refuses, and that it may be stopped anywhere.
@Suite(.serialized, .enabled(if: canMount, "a btrfs by loop takes root, btrfs-progs and loop devices"))
final class ReceiveScriptTests {
  private let folder: TemporaryFolder
  private let mount: FilePath
  private let streams: FilePath

  init() async throws {
    folder = try TemporaryFolder()
    mount = folder.appending("mnt")
    streams = folder.appending("streams")
    let disk = folder.appending("disk")
    try await expect("mkdir", mount.string, streams.string)
    try await expect("truncate", "-s", "256M", disk.string)
    try await expect("mkfs.btrfs", "-q", disk.string)
    try await expect("mount", "-o", "loop", disk.string, mount.string)
    try makeStreams()
  }

  deinit { umount2(mount.string, Int32(MNT_DETACH)) }

  private func expect(_ tool: String, _ arguments: String...) async throws {
    let result = try await Tool.run(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.output)")
  }

  private func shell(_ text: String) async throws -> Tool.Result { try await Tool.run("bash", ["-c", text]) }

  private var script: String { streams.appending("receive.sh").string }

  private func receive(_ arguments: String...) async throws -> Tool.Result {
    try await Tool.run(script, [mount.string] + arguments)
  }

  // MARK: streams

  private func subvolume(_ files: [(TreePath, String)]) throws -> Subvolume {
    let time = Timestamp(seconds: 1_700_000_000)
    let empty = Inode(mode: 0o755, time: time, body: .directory(Directory()))
    var root = FileTree(inode: empty)
    for (path, text) in files {
      try root.makeDirectory(path.parent, like: empty)
      try root.put(Inode(mode: 0o644, time: time, body: .file(FileContent(bytes: Array(text.utf8)))), at: path)
    }
    return Subvolume(boot: FileTree(flavor: .fat, inode: empty), root: root, time: time)
  }

  private func write(_ stream: SendStream, as name: String, to file: String) throws {
    let bytes = Mutex<[UInt8]>([])
    try stream.emit(as: try #require(Name(Array(name.utf8)))) { span in
      bytes.withLock { bytes in span.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }
    }
    try write(bytes.withLock { $0 }, to: file, permissions: [.ownerReadWrite, .groupRead, .otherRead])
  }

  private func write(_ bytes: [UInt8], to file: String, permissions: FilePermissions) throws {
    let descriptor = try FileDescriptor.open(
      streams.appending(file), .writeOnly, options: [.create, .truncate], permissions: permissions)
    try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
  }

  private let old = "base-00000000000000aa"
  private let base = "base-00000000000000bb"

  /// A base, two nodes of it, and the script.
  private func makeStreams() throws {
    let common = (0..<40).map { (TreePath(stringLiteral: "usr/f\($0)"), String(repeating: "\($0) ", count: 3000)) }
    let system = try subvolume(common + [("etc/hostname", "raspberrypi\n")])
    let whole = try SendStream(of: system)
    try write(whole, as: base, to: "\(base).btrfs")
    for node in ["nog", "ordo"] {
      let edited = try subvolume(common + [("etc/hostname", "\(node)\n")])
      let stream = try SendStream(of: edited, since: system, sentAs: whole, comparing: .bytes)
      try write(stream, as: node, to: "\(node).btrfs")
    }
    // The same base as what differs from an older one, for a test that moves it in.
    let older = try subvolume(common)
    let oldStream = try SendStream(of: older)
    try write(oldStream, as: old, to: "\(old).hidden")
    let update = try SendStream(
      of: system, since: older, sentAs: oldStream, comparing: .bytes, identity: whole.identity)
    try write(update, as: base, to: "\(base)-since.hidden")
    try write(
      ReceiveScript.text(store: "/nowhere's"), to: "receive.sh",
      permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
  }

  /// What is in the store, without what belongs to the script itself.
  private func store() async throws -> [String] {
    let list = try await shell("cd '\(mount)' && find received run -mindepth 1 -maxdepth 2 2> /dev/null | sort")
    return list.standardOutput.split(separator: "\n").map(String.init).filter { !$0.hasSuffix(".lock") }
  }

  private func isWhole(_ context: String) async throws {
    let list = try await store()
    #expect(
      list.filter { $0.hasPrefix("received/") && $0.split(separator: "/").count == 3 }.count == 3, "\(context): \(list)"
    )
    #expect(!list.contains { $0.contains(".partial") || $0.contains(".old") }, "\(context): \(list)")
    for node in ["nog", "ordo"] {
      let name = try await shell(
        "cat '\(mount)/run/\(node)/root/etc/hostname' '\(mount)/run/\(node)/root/usr/f7' | head -n 1")
      #expect(name.standardOutput == "\(node)\n", "\(context): \(name.output)")
      let touch = try await shell("touch '\(mount)/run/\(node)/mine' && rm '\(mount)/run/\(node)/mine'")
      #expect(touch.status == 0, "\(context): a run snapshot is writable: \(touch.output)")
    }
  }

  private func purge() async throws {
    let result = try await shell(
      "cd '\(mount)' && for s in run/* received/*/* received/.p*/*; do [ ! -d $s ] || btrfs -q subvolume delete $s; done; rm -rf run received"
    )
    #expect(result.status == 0, "\(result.output)")
  }

  // MARK: tests

  @Test func `what keeps it from receiving is said, and nothing is made`() async throws {
    let tools = folder.appending("tools").string
    try await expect("mkdir", tools)
    try await expect(
      "bash", "-c", "for t in bash dirname id stat findmnt flock od; do ln -s $(command -v $t) \(tools); done")
    let inner = folder.appending("inner").string
    try await expect("mkdir", inner)
    try await expect("btrfs", "-q", "subvolume", "create", mount.appending("part").string)
    let device = try await shell("findmnt -n -v -o SOURCE '\(mount)'").standardOutput.split(separator: "\n")[0]
    try await expect("mount", "-o", "subvol=part", String(device), inner)
    defer { umount2(inner, Int32(MNT_DETACH)) }
    let cases: [(command: String, message: String)] = [
      ("setpriv --reuid=65534 --clear-groups bash /dev/stdin '\(mount)' < '\(script)'", "only root may receive"),
      ("PATH=\(tools) \(script) '\(mount)'", "btrfs is not installed"),
      (script, "/nowhere's: no such folder"),
      ("\(script) /proc", "not on a btrfs"),
      ("\(script) '\(inner)'", "mount -o subvolid=5 \(device)"),
      ("\(script) '\(mount)' nobody", "no stream of that name"),
      (
        "cd '\(streams)' && cp ordo.btrfs x.btrfs && truncate -s +1G x.btrfs && rm ordo.btrfs; \(script) '\(mount)'",
        "bytes are needed"
      ),
      (
        "cd '\(streams)' && mv x.btrfs ordo.btrfs && truncate -s -1G ordo.btrfs && head -c 700 /dev/zero > z.btrfs && \(script) '\(mount)'",
        "not a btrfs stream"
      ),
      ("cd '\(streams)' && printf 'btrfs-stream\\0' > z.btrfs && \(script) '\(mount)'", "not a stream of pibake"),
      (
        "mkdir '\(folder.path)/none' && cp \(script) '\(folder.path)/none' && '\(folder.path)/none/receive.sh' '\(mount)'",
        "no streams here"
      ),
      ("exec 8> '\(mount)/received/.lock' && flock 8 && \(script) '\(mount)'", "another receive.sh is at work"),
      ("mount -o remount,ro '\(mount)' && \(script) '\(mount)'", "cannot be written"),
    ]
    for (command, message) in cases {
      let result = try await shell(command)
      #expect(result.status == 1 && result.standardError.contains("receive.sh: "), "\(command): \(result.output)")
      #expect(result.standardError.contains(message), "\(message): \(result.output)")
    }
    try await expect("mount", "-o", "remount,rw", mount.string)
    #expect(try await store() == [])
    let help = try await shell("\(script) --help")
    #expect(help.status == 2 && help.standardOutput.contains("[STORE [NODE...]]"), "\(help.output)")
  }

  @Test func `a stream that is cut or altered is refused, leaves nothing, and the whole one is received after it`()
    async throws
  {
    let stream = streams.appending("\(base).btrfs").string
    let keep = streams.appending("keep").string
    try await expect("cp", stream, keep)
    for damage in [
      "truncate -s -10", "truncate -s 60000", "truncate -s 30",
      "printf X | dd conv=notrunc bs=1 seek=90000 status=none of=",
      "printf X | dd conv=notrunc bs=1 seek=30 status=none of=",
    ] {
      try await expect("cp", keep, stream)
      try await expect("bash", "-c", damage.hasSuffix("=") ? "\(damage)'\(stream)'" : "\(damage) '\(stream)'")
      let result = try await receive()
      #expect(result.status != 0 && !result.standardError.isEmpty, "\(damage): \(result.output)")
      #expect(try await store() == [], "\(damage)")
    }
    try await expect("mv", keep, stream)
    let whole = try await receive()
    #expect(whole.status == 0, "\(whole.output)")
    try await isWhole("after the damaged ones")
  }

  /// Calls that change something, in the order of the script: of each the first is stopped before it, then after it.
  @Test func `stopped before or after any step, the next run ends as one alone would`() async throws {
    let stubs = folder.appending("stubs").string
    let count = folder.appending("count").string
    try await expect("mkdir", stubs)
    for tool in ["btrfs", "mkdir", "mv", "sync"] {
      let text = """
        #!/bin/bash
        real=$(PATH=${PATH#*:} command -v \(tool))
        case "$1 $2" in "subvolume list"|"subvolume show") exec $real "$@" ;; esac
        step=$(($(cat \(count)) + 1)); echo $step > \(count)
        [ $step -ne ${STOP%-*} ] || [ ${STOP#*-} = after ] || { kill -9 $PPID; exit 1; }
        $real "$@"; status=$?
        [ $step -ne ${STOP%-*} ] || kill -9 $PPID
        exit $status
        """
      let path = folder.appending("stubs/\(tool)").string
      try await expect("bash", "-c", "cat > \(path) <<'END'\n\(text)\nEND\nchmod +x \(path)")
    }
    var steps = 0
    for step in 1...40 {
      for side in ["before", "after"] {
        let command = "echo 0 > \(count); PATH=\(stubs):$PATH STOP=\(step)-\(side) \(script) '\(mount)'"
        let stopped = try await shell(command)
        if stopped.status == 0 {
          // No step of that number is left.
          #expect(steps >= 12, "\(steps) steps were stopped")
          try await isWhole("undisturbed")
          return
        }
        let next = try await receive()
        #expect(next.status == 0, "after \(step) \(side): \(next.output)")
        try await isWhole("after \(step) \(side)")
        try await purge()
      }
      steps += 1
    }
    Issue.record("the script has more steps than this test stops")
  }

  @Test func `run again it changes nothing`() async throws {
    #expect(try await receive().status == 0)
    try await isWhole("once")
    // Generations count what the kernel writes, the times of a lock too.
    let list = "btrfs subvolume list -u -R '\(mount)' | sed 's/ gen [0-9]* / /'"
    let before = try await shell(list).output
    let again = try await receive()
    #expect(again.status == 0 && again.output.contains("nog: runs already"), "\(again.output)")
    #expect(try await shell(list).output == before)
  }

  @Test func `a base that is here whole and as an update is received once, as it can be`() async throws {
    let update = "cd '\(streams)' && mv \(base)-since.hidden \(base)-since-00000000000000aa.btrfs"
    #expect(try await shell(update).status == 0)
    let whole = try await receive()
    #expect(whole.status == 0, "the older one is not there: \(whole.output)")
    try await isWhole("the whole one")
    try await purge()
    // With the older one there, the update alone is enough.
    #expect(try await shell("cd '\(streams)' && mv \(old).hidden \(old).btrfs").status == 0)
    #expect(try await receive(old).status == 0)
    let truncated = try await shell("cd '\(streams)' && truncate -s 1000 \(base).btrfs; \(script) '\(mount)'")
    #expect(truncated.status == 0 && truncated.output.contains("\(base): received\n"), "\(truncated.output)")
    let host = try await shell("cat '\(mount)/run/nog/root/etc/hostname'")
    #expect(host.standardOutput == "nog\n")
  }

  @Test func `a base that was made writable is set aside and received anew, and no node is made on it`() async throws {
    #expect(try await receive("nog").status == 0)
    let command = """
      b=$(ls -d '\(mount)'/received/*/\(base)); btrfs property set -f $b ro false; echo x > $b/root/usr/f7
      btrfs property set $b ro true
      """
    #expect(try await shell(command).status == 0)
    let again = try await receive()
    #expect(again.status == 0, "\(again.output)")
    #expect(again.standardOutput.contains("\(base): was made writable after it was received"), "\(again.output)")
    #expect(again.standardOutput.contains("ordo: received\n"), "\(again.output)")
    #expect(try await store().filter { $0.hasSuffix(".changed-1") }.count == 1)
    let file = try await shell("head -c 6 '\(mount)/run/ordo/root/usr/f7'")
    #expect(file.standardOutput == "7 7 7 ", "ordo is of the base as it was sent: \(file.output)")
    let quiet = try await receive()
    #expect(quiet.status == 0 && !quiet.output.contains("writable"), "\(quiet.output)")
  }

  @Test(.enabled(if: Tool.arePresent("python3"), "python3 is missing"))
  func `a base that is writable and still has its UUID is named, and nothing is made of it`() async throws {
    #expect(try await receive("nog").status == 0)
    // The kernel's own call keeps the UUID, as older btrfs tools did.
    let command = """
      python3 - '\(mount)'/received/*/\(base) <<'P'
      import fcntl, os, struct, sys
      fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x4008941A, struct.pack("Q", 0))
      P
      """
    #expect(try await shell(command).status == 0)
    let refused = try await receive()
    #expect(
      refused.status == 1 && refused.standardError.contains("/\(base): is writable, and no longer surely"),
      "\(refused.output)")
    #expect(try await store().contains { $0.hasSuffix("/ordo") } == false)
    #expect(try await shell("btrfs property set '\(mount)'/received/*/\(base) ro true").status == 0)
    #expect(try await receive().status == 0)
    try await isWhole("after it is read-only again")
  }
}
