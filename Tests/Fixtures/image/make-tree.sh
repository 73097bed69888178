#!/bin/bash
# make-tree.sh WORK PROFILE DIALECT DISKID STRESS WIZARD BLOCKSIZE [ROOTFS.tar]
# Makes WORK/root and WORK/boot and writes the root tree's size in bytes to WORK/bytes. Runs as root or as a
# user namespace's root, since the tree has owners and modes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1 profile=$2 dialect=$3 id=$4 stress=$5 wizard=$6 block=$7 tar=${8:-}
root=$work/root boot=$work/boot
umask 022
mkdir -p "$root" "$boot"
if [ "$profile" = tiny ]; then
  python3 "$here/tree-tiny.py" "$root" "$dialect"
else
  # Devices are written by debugfs, so that a plain user can build too.
  tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' --exclude='./dev/*' -xpf "$tar"
fi
"$here/tree-pios.sh" "$root" "$id" "$dialect" "$wizard"
"$here/tree-boot.sh" "$root" "$boot" "$id" "$profile" "$dialect"
if [ "$stress" = 1 ]; then
  entries=5000
  [ "$profile" = lite ] && entries=20000
  python3 "$here/tree-stress.py" "$root" $entries "$block"
fi
# Whatever is newer than the image's date was made just now.
find "$root" "$boot" -xdev -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch -hcd "@$SOURCE_DATE_EPOCH"
du -xs --block-size=1 "$root" | cut -f1 > "$work/bytes"
