#!/bin/bash
# make-fat.sh TREE OUT KIND MIB ID HIDDEN ODD   a FAT file system from a folder, without a mount.
#
# KIND: 32s4 (pi-gen until 2026), 32s1 (since), 16, 12. HIDDEN is the partition's first sector, as mkfs
# on a partition records it. ODD=1 adds files that a reader of FAT gets wrong first (firmware ignores them).
# Copied in sorted order with SOURCE_DATE_EPOCH as the clock, so the same tree gives the same bytes.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC MTOOLS_SKIP_CHECK=1
tree=$1 out=$2 kind=$3 mib=$4 id=$5 hidden=$6 odd=$7

case $kind in
  32s4) options=(-F 32 -s 4) ;;
  32s1) options=(-F 32 -s 1) ;;
  16) options=(-F 16 -s 4) ;;
  12) options=(-F 12 -s 8) ;;
  *) echo "make-fat: no kind $kind" >&2; exit 2 ;;
esac
rm -f "$out"
truncate -s "${mib}M" "$out"
# The label is lower case, as in Raspberry Pi OS; mkfs warns about that.
mkfs.vfat --invariant "${options[@]}" -n bootfs -i "$id" -h "$hidden" "$out" > /dev/null 2>&1

# One call a folder: mcopy -s would walk in the order of the disk.
copy_tree() { # FOLDER PREFIX
  local folder=$1 prefix=$2 sub
  find "$folder" -mindepth 1 -maxdepth 1 -type f -print0 | sort -z \
    | xargs -0r sh -c 'image=$1 to=$2; shift 2; mcopy -i "$image" -Q -m "$@" "::$to/"' sh "$out" "$prefix"
  find "$folder" -mindepth 1 -maxdepth 1 -type d -print0 | sort -z | while IFS= read -r -d '' sub; do
    mmd -i "$out" "::$prefix/${sub##*/}"
    copy_tree "$sub" "$prefix/${sub##*/}"
  done
}
copy_tree "$tree" ""
[ "$odd" = 1 ] || exit 0

# mtools cannot put a name into a folder that has to grow by more than one cluster for it.
longest=255
[ "$kind" != 32s1 ] || longest=180
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 "$(dirname "$0")/tree-fat-odd.py" "$scratch/odd" $longest
find "$scratch/odd" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# Times with an odd second, and the first and last year that FAT knows.
touch -d '2001-02-03 04:05:07' "$scratch/odd/time-odd-second"
touch -d '1980-01-01 00:00:00' "$scratch/odd/time-first"
touch -d '2107-12-31 23:59:58' "$scratch/odd/time-last"
mmd -i "$out" ::/odd
copy_tree "$scratch/odd" /odd
mattrib -i "$out" +h "::/odd/attr-hidden"
mattrib -i "$out" +r "::/odd/attr-readonly"
mattrib -i "$out" +s "::/odd/attr-system"
mattrib -i "$out" -a "::/odd/attr-none"
mattrib -i "$out" -a +h +r +s "::/odd/attr-all-but-a"
mattrib -i "$out" +h "::/odd/folder-hidden"

# Deleted entries, and a file whose clusters lie in pieces: every second small file goes, a large one fills the gaps.
mmd -i "$out" ::/odd/pieces
for number in $(seq -w 24); do
  head -c $((4096 + 10#$number)) /dev/zero | tr '\0' "$number" > "$scratch/small"
  touch -d "@$SOURCE_DATE_EPOCH" "$scratch/small"
  mcopy -i "$out" -m "$scratch/small" "::/odd/pieces/small $number"
done
for number in $(seq -w 1 2 24); do mdel -i "$out" "::/odd/pieces/small $number"; done
python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(3).randbytes(150001))' > "$scratch/large"
touch -d "@$SOURCE_DATE_EPOCH" "$scratch/large"
# mtools goes on after the last cluster it gave; its hint lies in FAT32's FSInfo, which may say "unknown".
case $kind in 32*) printf '\377\377\377\377' | dd of="$out" bs=1 seek=$((512 + 492)) conv=notrunc status=none ;; esac
mcopy -i "$out" -m "$scratch/large" "::/odd/pieces/in pieces"
