#!/bin/bash
# make-ext4.sh TREE OUT BYTES FS UUID STRESS SCRATCH   an ext4 file system from a folder, without a mount.
#
# FS names what the file system is like; tests read every one of them:
#   pios      pi-gen since 2022: mke2fs' defaults without 64bit and huge_file
#   pios2017  pi-gen 2017 .. 2022: also without metadata_csum
#   trixie    pios as e2fsprogs from 1.47.1 on makes it: checksum seed, orphan file
#   modern    64bit, metadata_csum, huge_file: mke2fs' own defaults
#   nocsum64  64bit without checksums
#   inline    small files inside the inode
#   blk1k     1 KiB blocks;  blk16k  16 KiB blocks (rpi-image-gen for a Pi 5; a PC's kernel cannot mount it)
#   ino128    inodes of 128 bytes: no nanoseconds, nothing after 2038, no xattrs inside
#   noextent  block maps instead of extents
#   nofiletype, metabg, nojournal   what the name says
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$1 out=$2 bytes=$3 fs=$4 uuid=$5 stress=$6 scratch=$7

block=4096 inode=256
case $fs in
  pios | blk1k | blk16k | ino128) features='^64bit,^huge_file' ;;
  pios2017) features='^64bit,^huge_file,^metadata_csum' ;;
  trixie) features='^64bit,^huge_file,metadata_csum_seed,orphan_file' ;;
  modern) features='64bit,metadata_csum,huge_file' ;;
  nocsum64) features='64bit,^metadata_csum' ;;
  inline) features='^64bit,^huge_file,inline_data' ;;
  noextent) features='^64bit,^huge_file,^extent' ;;
  nofiletype) features='^64bit,^huge_file,^filetype' ;;
  metabg) features='^64bit,^huge_file,meta_bg,^resize_inode' ;;
  nojournal) features='^64bit,^huge_file,^has_journal' ;;
  *) echo "make-ext4: no file system $fs" >&2; exit 2 ;;
esac
case $fs in
  blk1k) block=1024 ;;
  blk16k) block=16384 ;;
  ino128) inode=128 ;;
esac

rm -f "$out"
truncate -s "$bytes" "$out"
# -F: 16 KiB blocks are more than a page.
mke2fs -q -F -t ext4 -b $block -I $inode -O "$features" -L rootfs -U "$uuid" \
  -E hash_seed="$uuid",root_owner=0:0 -d "$tree" "$out" > "$scratch/mke2fs.log" 2>&1 || { cat "$scratch/mke2fs.log" >&2; exit 1; }

if [ "$stress" = 1 ]; then
  mkdir -p "$scratch/values"
  python3 "$here/ext4-commands.py" "$fs" $block $inode "$scratch/values" > "$scratch/commands"
  debugfs -w -f "$scratch/commands" "$out" > "$scratch/debugfs.log" 2>&1
  # debugfs tells of a failed command and goes on.
  grep -E '^[a-z_]+: ' "$scratch/debugfs.log" | grep -v '^debugfs: ' | sort | uniq -c | head -n 20 >&2 || true
fi

# mke2fs -d writes large directories without an index: -D makes it, and counts are put right. 1 = "has repaired".
status=0
e2fsck -fyD "$out" > "$scratch/e2fsck.log" 2>&1 || status=$?
[ $status -le 1 ] || { cat "$scratch/e2fsck.log" >&2; exit 1; }
e2fsck -fn "$out" > "$scratch/e2fsck.log" 2>&1 || { cat "$scratch/e2fsck.log" >&2; echo "make-ext4: not clean" >&2; exit 1; }
