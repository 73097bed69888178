import FileTree
import Recipe

extension NodeSystem {
  /// Gives a node whose root is to fill its disk a unit that grows it on the first start: a machine id that is set
  /// beforehand turns the image's own (rpi-resize, ConditionFirstBoot) off, and `resize` would randomise the disk's id.
  mutating func arrangeGrowth() throws(RaspberryPiOSError) {
    guard topology.hasRootDisk, recipe.root.size == .fit else { return }
    try root.write(GrowRoot.script, to: "usr/lib/pibake/grow-root", mode: 0o755, time: time)
    try root.install(GrowRoot.unit, time: time)
  }
}

/// The unit that grows the root on first start.
enum GrowRoot {
  /// Nothing waits for it and it cannot fail.
  static let unit = OwnUnit(
    name: "pibake-grow-root.service",
    text: """
      [Unit]
      Description=Grow the root file system to the end of its disk
      DefaultDependencies=no
      After=systemd-remount-fs.service systemd-growfs-root.service
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
    finish() { systemctl --quiet disable pibake-grow-root.service; exit 0; }

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
      gpt=1
    else
      # An MBR counts up to 2^32 - 1 sectors.
      [ "$total" -le 4294967295 ] || total=4294967295
      gpt=
    fi
    length=$(((total - start) / 2048 * 2048))
    if [ "$length" -gt "$size" ]; then
      # The kernel is told by partx: the table of a disk in use cannot be read again.
      if command -v sfdisk > /dev/null && command -v partx > /dev/null; then
        echo ",$length" | sfdisk --quiet --no-reread --no-tell-kernel --force -N "$index" "$dev/${disk##*/}" \\
          || leave "sfdisk failed"
        partx --update --nr "$index" "$dev/${disk##*/}" || leave "partx failed"
      elif command -v parted > /dev/null; then
        [ -z "$gpt" ] || parted --script --fix "$dev/${disk##*/}" print > /dev/null || leave "parted failed"
        # Answers to what it asks: whether a partition in use may be changed, and where its end is to be.
        printf 'Yes\\n%ss\\n' "$((start + length - 1))" \\
          | parted ---pretend-input-tty -m "$dev/${disk##*/}" resizepart "$index" || leave "parted failed"
      else
        leave "neither sfdisk and partx nor parted is installed"
      fi
      say "partition $index: $size sectors before, $length now"
    fi

    case $(findmnt -nro FSTYPE /) in
      ext*) resize2fs "$dev/${partition##*/}" && finish ;;
    esac
    /usr/lib/systemd/systemd-growfs / && finish
    leave "neither resize2fs nor systemd-growfs could grow the file system"

    """
}
