#!/bin/bash
# bench.sh PIBAKE [ROW...]   times pibake beside a peer on the same work in the same run: the large stand-in image.
# Rows: walk manifest extract cat bake manual compress-xz compress-zstd ext4 fleet (default: all). As root, for loop mounts.
# Prints a table; leaves results.json and chart.svg in PIBAKE_BENCH_FOLDER (default .build/bench).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
pibake=$(realpath "$1")
shift
rows=("$@")
[ ${#rows[@]} -gt 0 ] || rows=(walk manifest extract cat bake manual compress-xz compress-zstd ext4 fleet)
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
  umount "$work/mnt" 2> /dev/null || true
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
row_ext4() {
  compare ext4 "rm -rf '$work/out' '$work/root.ext4'; truncate -s '$size' '$work/root.ext4'" \
    "mke2fs -q -F -t ext4 -d '$tree' '$work/root.ext4'; sync" "${build[*]} '$work/solo.toml'"
}
compressed() {
  local form=$1 tool=$2
  sed '$a [output]\nimage = { compress = "'"$form"'" }' "$work/solo.toml" > "$work/$form.toml"
  compare "compress-$form" "rm -rf '$work/out'; sync" "$tool -T0 -c '$image' > '$work/packed'; sync" \
    "${build[*]} '$work/$form.toml'"
}
row_compress-xz() { runs=2 compressed xz xz; }
row_compress-zstd() { compressed zstd zstd; }
# Twenty nodes beside one: what the peer would be is twenty times the manual flow.
row_fleet() {
  { sed '/^\[node\]/,/^name/d' "$work/solo.toml"; for n in {01..20}; do printf '[[nodes]]\nname = "n%s"\n' "$n"; done; } \
    > "$work/fleet.toml"
  runs=2 compare fleet "rm -rf '$work/out'; sync" "${build[*]} '$work/solo.toml'" "${build[*]} '$work/fleet.toml'"
}

for row in "${rows[@]}"; do "row_$row"; done
"$here/report.py" "$results"
