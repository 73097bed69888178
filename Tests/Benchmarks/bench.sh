#!/bin/bash
# bench.sh PIBAKE [ROW...]   times pibake beside a peer on the same work in the same run: the large stand-in image.
# Rows: decode walk manifest extract cat bake manual virt-customize ext4 compress-xz compress-zstd fleet-xz clone stream
# (default: all). As root, for loop mounts. growth.sh beside it tells how costs grow.
# Prints a table; leaves results.json and chart.svg in PIBAKE_BENCH_FOLDER (default .build/bench).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
pibake=$(realpath "$1")
shift
rows=("$@")
[ ${#rows[@]} -gt 0 ] || rows=(decode walk manifest extract cat bake manual virt-customize ext4 compress-xz compress-zstd fleet-xz clone stream)
[ "$(id -u)" = 0 ] || { echo 'bench: needs root, for the peers that mount' >&2; exit 2; }
here=Tests/Benchmarks
results=${PIBAKE_BENCH_FOLDER:-.build/bench}
runs=${PIBAKE_BENCH_RUNS:-5}
mkdir -p "$results"
results=$(realpath "$results")

image=$(Tests/Fixtures/build-image.sh lite | tail -n 1)
packed=$(Tests/Fixtures/build-image.sh --format xz lite | tail -n 1)
work=$(mktemp -d "$results/work.XXXXXX")
finish() {
  umount "$work/mnt" "$work/btrfs" 2> /dev/null || true
  rm -rf "$work"
}
trap finish EXIT

# What mounts and e2fsck want to know: where the root lies.
offset=$(($(partx -rgo START --nr 2 "$image") * 512))
size=$(($(partx -rgo SECTORS --nr 2 "$image") * 512))
mkdir "$work/mnt"
mount -o "ro,noload,loop,offset=$offset,sizelimit=$size" "$image" "$work/mnt"
tree=$work/mnt
cat > "$work/solo.toml" << RECIPE
extends = "$PWD/recipes/cluster.toml"
[node]
name = "solo"
[boot]
from = "disk"
[root]
on = "disk"
RECIPE
build=("$pibake" build --quiet --image "$image" --cache "$work/cache" --output "$work/out")
# The image's digest is known from here on, as it is to whoever bakes a second time.
"${build[@]}" "$work/solo.toml" > /dev/null

# compare ROW PREPARE PEER PIBAKE: times both, several times each, and measures the memory of one run of each.
compare() {
  local row=$1 prepare=$2 peer=$3 ours=$4
  hyperfine --style none --warmup 1 --runs "$runs" --prepare "$prepare" --export-json "$results/$row.json" \
    -n peer "$peer" -n pibake "$ours" > /dev/null
  for side in peer pibake; do
    eval "$prepare"
    local command=$peer
    [ $side = peer ] || command=$ours
    /usr/bin/time -f %M -o "$results/$row.$side.kib" bash -c "$command" > /dev/null
  done
  echo "bench: $row done" >&2
}

# once ROW PREPARE PEER PIBAKE: times both a single time: what takes minutes varies little.
once() {
  local row=$1 prepare=$2 times=()
  for command in "$3" "$4"; do
    eval "$prepare"
    times+=("$(/usr/bin/time -f '%e %U %S %M' bash -c "$command" 2>&1 > /dev/null | tail -n 1)")
  done
  python3 - "$results/$row" "${times[@]}" << 'PYTHON'
import json, sys
results = []
for name, line in zip(("peer", "pibake"), sys.argv[2:]):
    wall, user, system, memory = line.split()
    results.append({"command": name, "median": float(wall), "user": float(user), "system": float(system)})
    open(f"{sys.argv[1]}.{name}.kib", "w").write(memory)
json.dump({"results": results}, open(f"{sys.argv[1]}.json", "w"))
PYTHON
  echo "bench: $row done" >&2
}
# Unpacking is one step of a cold build, which says how long it took: decoding, both digests, the sparse file, its sync.
row_decode() {
  local times=() file=$results/decode
  hyperfine --style none --warmup 1 --runs "$runs" --export-json "$file.peer.json" --prepare "rm -f '$work/copy.img'; sync" \
    -n peer "xz -T0 -dc '$packed' > '$work/copy.img'" > /dev/null
  rm -f "$work/copy.img"
  /usr/bin/time -f %M -o "$file.peer.kib" xz -T0 -dc "$packed" > /dev/null
  for ((run = 0; run < runs; run++)); do
    rm -rf "$work/cold" "$work/out"
    sync
    /usr/bin/time -f %M -o "$file.pibake.kib" "$pibake" build --image "$packed" --cache "$work/cold" --output "$work/out" \
      "$work/solo.toml" 2> "$work/log" > /dev/null
    times+=("$(sed -n 's/^lite.*(\([0-9.]*\) s)$/\1/p' "$work/log")")
  done
  rm -rf "$work/cold"
  python3 - "$file" "${times[@]}" << 'PYTHON'
import json, statistics, sys
peer = json.load(open(f"{sys.argv[1]}.peer.json"))["results"]
times = [float(time) for time in sys.argv[2:]]
ours = {"command": "pibake", "median": statistics.median(times), "times": times, "user": None, "system": None}
json.dump({"results": peer + [ours]}, open(f"{sys.argv[1]}.json", "w"))
PYTHON
  rm "$file.peer.json"
  echo 'bench: decode done' >&2
}
row_walk() { compare walk true "e2fsck -fn '$image?offset=$offset'" "$pibake ls -R '$image' /"; }
row_manifest() {
  compare manifest true "find '$tree' -xdev -type f -print0 | xargs -0 -n 2000 -P $(nproc) sha256sum" \
    "$pibake manifest '$image'"
}
row_extract() {
  compare extract "rm -rf '$work/copy'; sync" "mkdir '$work/copy'; cp -a '$tree/.' '$work/copy'" \
    "mkdir '$work/copy'; $pibake extract '$image' / --to '$work/copy'"
}
row_cat() {
  compare cat "rm -rf '$work/cat'; mkdir '$work/cat'" \
    "xz -T0 -dc '$packed' > '$work/cat/image'; debugfs -R 'cat /etc/fstab' '$work/cat/image?offset=$offset'" \
    "$pibake cat --cache '$work/cat' '$packed' /etc/fstab"
}
row_bake() {
  compare bake "rm -rf '$work/out' '$work/copy.img'; sync" "cp --sparse=always '$image' '$work/copy.img'; sync" \
    "${build[*]} '$work/solo.toml'"
}
row_manual() { compare manual "rm -rf '$work/out' '$work/copy.img'; sync" "$here/manual.sh '$image' '$work/copy.img'" \
  "${build[*]} '$work/solo.toml'"; }
# What needs no loop mount instead: a machine of libguestfs, emulated where it does not start with KVM.
row_virt-customize() {
  if ! command -v virt-customize > /dev/null; then
    echo 'bench: virt-customize is skipped: apt-get install --no-install-recommends guestfs-tools libguestfs-tools linux-image-amd64' >&2
    return
  fi
  export LIBGUESTFS_BACKEND=direct
  if ! timeout 120 guestfish -a /dev/null run 2> /dev/null; then
    export LIBGUESTFS_BACKEND_SETTINGS=force_tcg
    if ! timeout 300 guestfish -a /dev/null run; then
      echo 'bench: virt-customize is skipped: the appliance of libguestfs does not start' >&2
      return
    fi
  fi
  local peer=(virt-customize --quiet --no-network --format raw -a "'$work/copy.img'" --hostname solo
    --edit "'/etc/fstab:s/(PARTUUID=)[0-9a-f]*/\${1}c1f95d14/'"
    --link /lib/systemd/system/ssh.service:/etc/systemd/system/multi-user.target.wants/ssh.service)
  once virt-customize "rm -rf '$work/out' '$work/copy.img'; sync" \
    "cp --sparse=always '$image' '$work/copy.img'; ${peer[*]}; sync" "${build[*]} '$work/solo.toml'"
}
row_ext4() {
  compare ext4 "rm -rf '$work/out' '$work/root.ext4'; truncate -s '$size' '$work/root.ext4'" \
    "mke2fs -q -F -t ext4 -d '$tree' '$work/root.ext4'; sync" "${build[*]} '$work/solo.toml'"
}
# Nothing compressed before.
compressed() {
  local form=$1 tool=$2
  sed '$a [output]\nimage = { compress = "'"$form"'" }' "$work/solo.toml" > "$work/$form.toml"
  once "compress-$form" "rm -rf '$work/out' '$work/cache/chunks'; sync" "$tool -T0 -c '$image' > '$work/packed'; sync" \
    "${build[*]} '$work/$form.toml'"
}
row_compress-xz() { compressed xz xz; }
row_compress-zstd() { compressed zstd zstd; }
# fleet COUNT FILE [LINE]: a recipe of that many nodes.
fleet() {
  { sed '/^\[node\]/,/^name/d' "$work/solo.toml"; echo "${3:-}"
    for number in $(seq -w "$1"); do printf '[[nodes]]\nname = "n%s"\n' "$number"; done; } > "$2"
}
# Twenty nodes beside one, nothing compressed before.
row_fleet-xz() {
  local form='[output]
image = { compress = "xz" }'
  fleet 1 "$work/one.toml" "$form"
  fleet 20 "$work/twenty.toml" "$form"
  once fleet-xz "rm -rf '$work/out' '$work/cache/chunks'; sync" \
    "${build[*]} '$work/one.toml'" "${build[*]} '$work/twenty.toml'"
}
# On a btrfs, which shares extents: what 21 nodes cost more than one is what twenty further nodes cost.
row_clone() {
  mounted_btrfs
  fleet 1 "$work/one.toml"
  fleet 21 "$work/fleet.toml"
  local build=("$pibake" build --quiet --image "$image" --cache "$work/cache" --output "$work/btrfs/out")
  compare clone "rm -rf '$work/btrfs/out'; sync" "${build[*]} '$work/one.toml'" "${build[*]} '$work/fleet.toml'"
}
# The base's stream from the warm cache beside btrfs send of the subvolume that was received from it.
row_stream() {
  mounted_btrfs
  local build=("$pibake" build --quiet --image "$image" --cache "$work/cache" --format btrfs-stream --output "$work/streams")
  rm -rf "$work/streams"
  "${build[@]}" "$work/solo.toml" > /dev/null
  btrfs receive -q -f "$work"/streams/server/store/base-*.btrfs "$work/btrfs"
  compare stream "rm -rf '$work/streams' '$work/sent'; sync" "btrfs send -q -f '$work/sent' '$work'/btrfs/base-*; sync" \
    "${build[*]} '$work/solo.toml'; sync"
}
mounted_btrfs() {
  mountpoint -q "$work/btrfs" && return
  truncate -s 24G "$work/btrfs.img"
  mkfs.btrfs -q -f "$work/btrfs.img" > /dev/null
  mkdir -p "$work/btrfs"
  mount -o loop "$work/btrfs.img" "$work/btrfs"
}

for row in "${rows[@]}"; do "row_$row"; done
"$here/report.py" "$results"
