import Bytes
import FileTree
import TestSupport
import Testing

@testable import Ext4

@Suite(.enabled(if: Tool.arePresent("e2fsck", "losetup", "mount"), "e2fsprogs or mount is not installed"))
struct WriterKernelTests {
  /// Fills, splits, shrinks and grows what the writer made.
  static let use = """
    [ "$(id -u)" = 0 ] || { echo "mounting needs root"; exit 77; }
    [ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237 || exit 77
    device=$(losetup -f) || exit 77
    [ -e "$device" ] || mknod "$device" b 7 "${device#/dev/loop}" || exit 77
    place=$(mktemp -d)
    trap 'mountpoint -q $place && umount $place; rmdir $place' EXIT
    mount -t ext4 -o loop "$1" $place || exit 77
    set -e
    cd $place
    seq -f big/new-%g 3000 | xargs touch
    seq -f big/entry-%g 0 2 2000 | xargs rm
    mkdir -p many && (cd many && seq -f folder-%g 500 | xargs mkdir)
    dd if=/dev/urandom of=random bs=1M count=20 status=none
    for i in $(seq 0 2 98); do dd if=/dev/zero of=sparse bs=4k count=1 seek=$i conv=notrunc status=none; done
    echo more >> etc/hostname
    mv etc/hostname big/
    sync
    cd /
    umount $place
    """

  @Test func `the kernel works in it, and leaves it clean`() async throws {
    var tree = WriterTests.variety
    tree.addFolder("big", of: (0..<3000).map { Array("entry-\($0)".utf8) })
    tree.add("sparse", WriterContentTests.sparse(500 * 8192, (0..<500).map { ($0 * 8192 + 4096, 4096) }))
    let image = try WrittenImage(tree, .test(.bytes(200 << 20)))
    let result = try await Tool.run("/bin/bash", ["-c", Self.use, "use", image.name])
    if result.status == 77 { try Test.cancel("\(result.output)") }
    #expect(result.status == 0, "\(result.output)")
    // It may remark that an extent tree could be smaller now; an error would be status 4.
    let check = try await Tool.run("e2fsck", ["-fn", image.name])
    #expect(check.status == 0, "\(check.output)")
  }
}
