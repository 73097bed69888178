#!/bin/bash
# make-dirty.sh IMAGE OUT   the image as a pulled plug leaves it: changes that lie in the journal only.
#
# Without a mount: the changes are made to a copy with debugfs, and each block that differs there is
# written to the journal of an untouched copy (journal-commands.py). A reader that replays the journal
# sees /etc/hostname "dirty-host" and 201 files in /srv/dirty; one that does not sees the old state.
# The image says "needs_recovery"; nothing else tells that the old state is stale.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image=$1 out=$2
scratch=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
start=$(sfdisk -d "$image" | sed -n 's/.*[^0-9]2 : start= *\([0-9]*\),.*/\1/p')
dd if="$image" of="$scratch/old" bs=1M skip=$((start / 2048)) conv=sparse status=none
cp --sparse=always "$scratch/old" "$scratch/new"

echo dirty-host > "$scratch/hostname"
{
  printf 'rm /etc/hostname\nwrite %s /etc/hostname\nmkdir /srv/dirty\ncd /srv/dirty\n' "$scratch/hostname"
  for number in $(seq -w 200); do
    echo "only in the journal: $number" > "$scratch/file-$number"
    echo "write $scratch/file-$number file-$number"
  done
  # A block that begins with the journal's own magic number is escaped there.
  printf '\xc0\x3b\x39\x98 is the magic of a journal block\n' > "$scratch/escaped"
  echo "write $scratch/escaped escaped"
} > "$scratch/commands"
debugfs -w -f "$scratch/commands" "$scratch/new" > "$scratch/log" 2>&1
status=0
e2fsck -fp "$scratch/new" > "$scratch/log" 2>&1 || status=$?
[ $status -le 1 ] || { cat "$scratch/log" >&2; exit 1; }

block=$(debugfs -R 'bmap /etc/fstab 0' "$scratch/old" 2> /dev/null)
python3 "$here/journal-commands.py" "$scratch/old" "$scratch/new" "$scratch" "$block" > "$scratch/commands"
debugfs -w -f "$scratch/commands" "$scratch/old" > "$scratch/log" 2>&1
dumpe2fs -h "$scratch/old" 2> /dev/null | grep -q needs_recovery || { cat "$scratch/log" >&2; echo "make-dirty: no journal written" >&2; exit 1; }

# Proof on a copy: replayed, it is the changed file system.
cp --sparse=always "$scratch/old" "$scratch/proof"
status=0
e2fsck -fy "$scratch/proof" > "$scratch/log" 2>&1 || status=$?
[ $status -le 1 ] || { cat "$scratch/log" >&2; exit 1; }
[ "$(debugfs -R 'cat /etc/hostname' "$scratch/proof" 2> /dev/null)" = dirty-host ] || { cat "$scratch/log" >&2; echo "make-dirty: replay shows no change" >&2; exit 1; }
cmp -s <(debugfs -R 'cat /etc/fstab' "$scratch/proof" 2> /dev/null) <(debugfs -R 'cat /etc/fstab' "$scratch/new" 2> /dev/null) \
  || { echo "make-dirty: the revoked block was replayed" >&2; exit 1; }

cp --sparse=always "$image" "$scratch/disk"
dd if="$scratch/old" of="$scratch/disk" bs=1M seek=$((start / 2048)) conv=notrunc,sparse status=none
# conv=sparse skips zero blocks; where old data became zero they must be written: none here, journals only fill.
mv "$scratch/disk" "$out"
