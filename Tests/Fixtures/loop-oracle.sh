#!/bin/bash
# loop-oracle.sh [--replay] IMAGE PARTITION > MANIFEST   the kernel's manifest of a partition's ext4 (see oracle-ext4.py).
#
# Mounts read-only, and with noload: the image is not written to. --replay: on a copy, and the journal is replayed.
# Needs root and loop devices; where there are none it says so and exits 77 (which test runners count as "skipped").
# PARTITION 0 is a bare file system.
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() { echo "loop-oracle: skipped: $*" >&2; exit 77; }
die() { echo "loop-oracle: $*" >&2; exit 1; }

replay=0
if [ "${1:-}" = --replay ]; then replay=1; shift; fi
[ $# = 2 ] || die "usage: loop-oracle.sh [--replay] IMAGE PARTITION"
image=$1 partition=$2
[ -r "$image" ] || die "$image: cannot read"
[ "$(id -u)" = 0 ] || skip "mounting needs root"

# Containers often have the driver, but no nodes.
[ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237 2> /dev/null || skip "no /dev/loop-control"
device=$(losetup -f 2> /dev/null) || skip "this kernel gives no loop device"
[ -e "$device" ] || mknod "$device" b 7 "${device#/dev/loop}" 2> /dev/null || skip "$device cannot be made"

offset=0 size=0
if [ "$partition" != 0 ]; then
  read -r offset size < <(sfdisk -d "$image" \
    | sed -n "s/.*[^0-9]$partition : start= *\([0-9]*\), size= *\([0-9]*\),.*/\1 \2/p") || die "$image: no partition $partition"
  offset=$((offset * 512)) size=$((size * 512))
fi

place=$(mktemp -d)
cleanup() {
  mountpoint -q "$place/mnt" && umount "$place/mnt"
  rm -rf "$place"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
mkdir "$place/mnt"
options=loop,ro,noload,offset=$offset
if [ $replay = 1 ]; then
  cp --sparse=always --reflink=auto "$image" "$place/copy"
  image=$place/copy
  options=loop,offset=$offset
fi
if [ "$size" != 0 ]; then options=$options,sizelimit=$size; fi
# atime: reading must not change what is read.
mount -t ext4 -o "$options,noatime,nosuid,nodev" "$image" "$place/mnt" || skip "this kernel cannot mount it"
if [ $replay = 1 ]; then mount -o remount,ro "$place/mnt"; fi
"$here/oracle-ext4.py" "$place/mnt"
