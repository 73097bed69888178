#!/bin/bash
# growth.sh PIBAKE   how the cost of a bake grows: with the entries of the image, and with the number of nodes. As root.
# PIBAKE_BENCH_ENTRIES and PIBAKE_BENCH_NODES are the steps; nodes go to a btrfs of their own, where they share extents.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
pibake=$(realpath "$1")
read -ra entries <<< "${PIBAKE_BENCH_ENTRIES:-10000 50000 100000 500000}"
read -ra nodes <<< "${PIBAKE_BENCH_NODES:-1 10 100 1000}"
[ "$(id -u)" = 0 ] || { echo 'growth: needs root, to mount a btrfs' >&2; exit 2; }
results=${PIBAKE_BENCH_FOLDER:-.build/bench}
mkdir -p "$results"
work=$(mktemp -d "$(realpath "$results")/growth.XXXXXX")
trap 'umount "$work/btrfs" 2> /dev/null || true; rm -rf "$work"' EXIT
stock=$(Tests/Fixtures/build-image.sh tiny | tail -n 1)

cat > "$work/solo.toml" << RECIPE
extends = "$PWD/recipes/cluster.toml"
[node]
name = "solo"
[boot]
from = "disk"
[root]
on = "disk"
RECIPE

# timed COMMAND...: seconds, CPU seconds and MiB of one run.
timed() {
  /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" > /dev/null 2> "$work/log" || { cat "$work/log" >&2; return 1; }
  awk '{ printf "%.2f s | %.2f s | %.0f MiB", $1, $2 + $3, $4 / 1024 }' "$work/time"
}

# A disk with the boot partition of the stand-in, and a root of that many entries, most of them small files.
grown() {
  local count=$1 image=$work/$1.img start
  start=$(($(partx -rgo START --nr 2 "$stock") * 512))
  "$pibake" extract --cache "$work/cache" "$stock" / --to "$work/tree" > /dev/null
  python3 - "$work/tree/usr/share/growth" "$count" << 'PYTHON'
import os, sys
folder, count = sys.argv[1], int(sys.argv[2])
made = 0
while made < count:
    path = f"{folder}/{made // 10000:03}/{made // 100:05}"
    os.makedirs(path)
    made += 1
    for index in range(min(99, count - made)):
        name = f"{path}/entry-{made:07}"
        if index % 10 == 9:
            os.symlink("../" * (index % 4) + "usr/lib/entry", name)
        else:
            with open(name, "wb") as file:
                file.write(b"%07d" % made * (index % 500))
        made += 1
PYTHON
  head -c "$start" "$stock" > "$image"
  truncate -s $((count * 8192 + (512 << 20))) "$work/root.ext4"
  mke2fs -q -F -t ext4 -O ^orphan_file -N $((count + 65536)) -d "$work/tree" "$work/root.ext4"
  dd if="$work/root.ext4" of="$image" bs=1M oflag=seek_bytes seek="$start" conv=notrunc,sparse status=none
  truncate -s $((start + $(stat -c %s "$work/root.ext4"))) "$image"
  echo ', +' | sfdisk -q --no-reread -N 2 "$image" > /dev/null
  rm -rf "$work/tree" "$work/root.ext4"
}

echo '| entries | read all metadata | CPU | memory | bake a disk, warm | CPU | memory |'
echo '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |'
for count in "${entries[@]}"; do
  grown "$count"
  # A file that was written a moment ago is not trusted to stay as it is: its digest would not be kept.
  sleep 3
  build=("$pibake" build --quiet --image "$work/$count.img" --cache "$work/cache" --output "$work/out" "$work/solo.toml")
  timed "${build[@]}" > /dev/null
  names=$("$pibake" ls -R --cache "$work/cache" "$work/$count.img" / | wc -l)
  walk=$(timed "$pibake" ls -R --cache "$work/cache" "$work/$count.img" /)
  rm -rf "$work/out"
  sync
  echo "| $names | $walk | $(timed "${build[@]}") |"
  rm -rf "$work/$count.img" "$work/out" "$work/cache/digests"
done

truncate -s 20G "$work/btrfs.img"
mkfs.btrfs -q -f "$work/btrfs.img" > /dev/null
mkdir "$work/btrfs"
mount -o loop "$work/btrfs.img" "$work/btrfs"
echo
echo '| nodes | bake their disks | CPU | memory | on the disk |'
echo '| ---: | ---: | ---: | ---: | ---: |'
for count in "${nodes[@]}"; do
  { echo "extends = \"$PWD/recipes/cluster.toml\""; printf '[boot]\nfrom = "disk"\n[root]\non = "disk"\n'
    for number in $(seq -w "$count"); do printf '[[nodes]]\nname = "n%s"\n' "$number"; done; } > "$work/fleet.toml"
  before=$(df --output=used -B 1M "$work/btrfs" | tail -n 1)
  line=$(timed "$pibake" build --quiet --image "$stock" --cache "$work/cache" --output "$work/btrfs/out" "$work/fleet.toml")
  sync
  echo "| $count | $line | $(($(df --output=used -B 1M "$work/btrfs" | tail -n 1) - before)) MiB |"
  rm -rf "$work/btrfs/out"
  sync
done
