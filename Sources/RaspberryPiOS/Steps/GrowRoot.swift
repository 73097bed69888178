import FileTree
import Recipe

extension NodeSystem {
  /// Gives a node whose root is to fill its disk a unit that grows it on the first start: a machine id that is set
  /// beforehand turns the image's own (rpi-resize, ConditionFirstBoot) off, and `resize` would randomise the disk's id.
  mutating func arrangeGrowth() throws(RaspberryPiOSError) {
    guard topology.hasRootDisk, recipe.root.size == .fit else { return }
    let missing = GrowRoot.programs.filter { name in
      !["usr/sbin", "usr/bin", "sbin", "bin"].contains { (folder: TreePath) in root.has(folder.appending(text: name)) }
    }
    if !missing.isEmpty {
      warn(
        "the image has no \(missing.joined(separator: ", no ")) (packages fdisk and util-linux): "
          + "the root cannot grow to the end of its disk and keeps the size of the image")
    }
    try root.write(GrowRoot.script, to: "usr/lib/pibake/grow-root", mode: 0o755, time: time)
    try root.install(GrowRoot.unit, time: time)
  }
}

/// The unit that grows the root on first start.
enum GrowRoot {
  /// What the script calls to move the end of the partition. Never parted: it takes an MBR that begins with a zero for
  /// one without an owner, and gives the disk a new id.
  static let programs = ["findmnt", "sfdisk", "partx"]

  /// It cannot fail. What takes its size from the free space of the root waits for it.
  static let unit = OwnUnit(
    name: "pibake-grow-root.service",
    text: """
      [Unit]
      Description=Grow the root file system to the end of its disk
      DefaultDependencies=no
      After=systemd-remount-fs.service systemd-growfs-root.service
      Before=rpi-resize-swap-file.service dphys-swapfile.service
      Conflicts=shutdown.target
      Before=shutdown.target
      ConditionPathIsReadWrite=/

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=-/usr/lib/pibake/grow-root

      [Install]
      WantedBy=sysinit.target

      """)

  /// Finds root's partition, moves its end to the end of the disk while it is mounted, and grows the file system.
  ///
  /// sysfs counts in 512 bytes whatever the disk's sectors are, and so does a table that pibake writes. GROW_ROOT_SYS and
  /// GROW_ROOT_DEV are there for tests, which have no disk to grow.
  static let script = """
    #!/bin/sh
    # Grows the root partition and its file system to the end of their disk.
    # Written by pibake. Runs on the first start, and again on the next until it has succeeded; never fails a start.
    set -u

    say() { echo "grow-root: $*"; }
    leave() { say "$*"; exit 0; }
    # A reload in the middle of the start would run all generators once more, rpi-swap's among them.
    finish() { systemctl --quiet --no-reload disable pibake-grow-root.service; exit 0; }

    number=$(findmnt -nro MAJ:MIN /) || leave "cannot tell what / is"
    sys=${GROW_ROOT_SYS:-/sys}
    dev=${GROW_ROOT_DEV:-/dev}
    partition=$(readlink -f "$sys/dev/block/$number") || leave "no $number in $sys"
    [ -r "$partition/partition" ] || leave "/ is not on a partition"
    disk=${partition%/*}
    index=$(cat "$partition/partition")
    start=$(cat "$partition/start")
    size=$(cat "$partition/size")
    total=$(cat "$disk/size")

    for other in "$disk"/*/start; do
      [ "$(cat "$other")" -le "$start" ] || leave "partition $index is not the last"
    done

    # The end lies on a whole MiB.
    if [ "$(dd "if=$dev/${disk##*/}" bs=8 skip=64 count=1 2> /dev/null | tr -d '\\0')" = "EFI PART" ]; then
      # The second copy of a GPT takes the last 33 sectors; sfdisk moves it there.
      total=$((total - 33))
    else
      # An MBR counts up to 2^32 - 1 sectors.
      [ "$total" -le 4294967295 ] || total=4294967295
    fi
    length=$(((total - start) / 2048 * 2048))
    if [ "$length" -gt "$size" ]; then
      if ! command -v sfdisk > /dev/null || ! command -v partx > /dev/null; then
        leave "sfdisk and partx are needed to move the end of partition $index, and one is not installed"
      fi
      # sfdisk writes an MBR's one sector, or the second copy of a GPT before the first: a power cut leaves a table that
      # boots. The kernel is told by partx: the table of a disk in use cannot be read again.
      echo ",$length" | sfdisk --quiet --no-reread --no-tell-kernel --force -N "$index" "$dev/${disk##*/}" \\
        || leave "sfdisk failed"
      partx --update --nr "$index" "$dev/${disk##*/}" || leave "partx failed"
      say "partition $index: $size sectors before, $length now"
    fi

    case $(findmnt -nro FSTYPE /) in
      ext*) resize2fs "$dev/${partition##*/}" && finish ;;
    esac
    /usr/lib/systemd/systemd-growfs / && finish
    leave "neither resize2fs nor systemd-growfs could grow the file system"

    """
}
