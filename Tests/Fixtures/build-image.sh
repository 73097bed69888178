#!/bin/bash
# build-image.sh [OPTION...] PROFILE...   stand-ins for a Raspberry Pi OS image. No mount, no loop device, no network
# (except for the packages of mini and lite, once). The last line on stdout is the image's path, one per profile.
#
#   tiny   synthetic tree, seconds, not bootable
#   mini   smallest arm64 Debian that boots: 12 for bookworm, 13 for trixie
#   lite   the package set and scale of Raspberry Pi OS Lite
#
#   --fs NAME        what the ext4 is like [pios]: see image/make-ext4.sh
#   --fat KIND       32s4 [bookworm's], 32s1 [trixie's], 16, 12
#   --layout 8M|4M   alignment of the partitions [8M]; pi-gen had 4M until 2025-03
#   --dialect NAME   bookworm [default] or trixie (not lite): the release, and what runs at the first start
#   --format NAME    none [default], xz, xz1 (one block), gz, zip, zst, bz2
#   --dirty          with a journal to be replayed (see image/make-dirty.sh)
#   --wizard         as a desktop's first-start wizard leaves tty1: logged in to by a user who is gone
#   --plain          without the odd files of /srv/stress and of the FAT
#   --force          build even if the cache has it
#
# The cache is $PIBAKE_FIXTURES or ~/.cache/pibake/fixtures; images lie there under a digest of this builder.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC PATH=$PATH:/usr/sbin:/sbin MTOOLS_SKIP_CHECK=1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PIBAKE_FIXTURES:-${XDG_CACHE_HOME:-$HOME/.cache}/pibake/fixtures}
# One clock for everything: mke2fs, debugfs, e2fsck, mkfs.vfat and mtools take it.
export SOURCE_DATE_EPOCH=1747094400 E2FSPROGS_FAKE_TIME=1747094400
mib=1048576

say() { printf '[%s] %s\n' "$(date +%T)" "$*" >&2; }
die() { say "$*"; exit 1; }

# set -e ends without a word.
# shellcheck disable=SC2154
trap 'status=$?; [ $status = 0 ] || say "failed ($status)"' EXIT

fs=pios fat='' layout=8M dialect=bookworm format=none dirty=0 stress=1 wizard=0 force=0 profiles=()
while [ $# -gt 0 ]; do
  case $1 in
    --fs) fs=$2; shift ;;
    --fat) fat=$2; shift ;;
    --layout) layout=$2; shift ;;
    --dialect) dialect=$2; shift ;;
    --format) format=$2; shift ;;
    --dirty) dirty=1 ;;
    --wizard) wizard=1 ;;
    --plain) stress=0 ;;
    --force) force=1 ;;
    tiny | mini | lite) profiles+=("$1") ;;
    *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
[ ${#profiles[@]} -gt 0 ] || die "no profile: tiny, mini or lite"
if [ "$dialect" = trixie ]; then default_fat=32s1; else default_fat=32s4; fi
fat=${fat:-$default_fat}
case $layout in 8M) align=8 ;; 4M) align=4 ;; *) die "no layout $layout" ;; esac
case $format in none | xz | xz1 | gz | zip | zst | bz2) ;; *) die "no format $format" ;; esac

# Files that need owners are made as root or in a user namespace.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else unshare --user --map-auto --map-root-user -- "$@"; fi
}

name_of() { # PROFILE: the profile and everything that is not as usual
  local name=$1
  if [ "$dialect" != bookworm ]; then name+=-$dialect; fi
  if [ "$fs" != pios ]; then name+=-$fs; fi
  if [ "$fat" != $default_fat ]; then name+=-fat$fat; fi
  if [ "$layout" != 8M ]; then name+=-$layout; fi
  if [ "$wizard" = 1 ]; then name+=-wizard; fi
  if [ "$stress" = 0 ]; then name+=-plain; fi
  echo "$name"
}

build() { # PROFILE NAME OUT
  local profile=$1 name=$2 out=$3 work tar='' id block=4096 boot_mib start root_start bytes
  work=$(mktemp -d "$cache/.work.XXXXXX")
  # shellcheck disable=SC2064
  trap "chmod -R u+w '$work' 2> /dev/null; as_root rm -rf '$work'" EXIT
  if [ "$profile" != tiny ]; then tar=$("$here/rootfs/build-rootfs.sh" "$profile" "$dialect"); fi
  case $fs in blk1k) block=1024 ;; esac
  id=$(printf '%s' "$name" | sha256sum | cut -c1-8)
  say "$name: tree"
  as_root "$here/image/make-tree.sh" "$work" "$profile" "$dialect" "$id" $stress $wizard $block "$tar"

  case $profile-$fat in
    *-12) boot_mib=8 ;;
    *-16) boot_mib=32 ;;
    tiny-32s1) boot_mib=48 ;;  # FAT32 needs 65525 clusters
    tiny-*) boot_mib=160 ;;
    mini-*) boot_mib=256 ;;
    *) boot_mib=512 ;;
  esac
  start=$((align * 2048)) root_start=$((align * 2048 + boot_mib * 2048))
  bytes=$(cat "$work/bytes")
  # pi-gen's margin; tiny a smaller one. Small files take more in large blocks.
  if [ "$fs" = blk16k ]; then bytes=$((bytes * 4 + 64 * mib)); fi
  if [ "$profile" = tiny ]; then bytes=$((bytes + bytes / 5 + 48 * mib)); else bytes=$((bytes + bytes / 5 + 200 * mib)); fi
  local step=$((align * mib))
  bytes=$(((bytes + step - 1) / step * step))

  say "$name: file systems"
  local odd=0
  if [ "$profile" = tiny ]; then odd=$stress; fi
  "$here/image/make-fat.sh" "$work/boot" "$work/boot.fat" "$fat" $boot_mib "$id" $start "$odd"
  as_root "$here/image/make-ext4.sh" "$work/root" "$work/root.ext4" $bytes "$fs" "$id-0000-4000-8000-000000000001" $stress "$work"

  truncate -s $((root_start * 512 + bytes)) "$work/disk"
  # As pi-gen: parted puts its boot code into the MBR, which starts no Pi, but by which parted knows its own.
  local kind=fat32
  case $fat in 16 | 12) kind=fat16 ;; esac
  parted --script --align none "$work/disk" unit s mklabel msdos \
    mkpart primary $kind $start $((root_start - 1)) mkpart primary ext4 $root_start $((root_start + bytes / 512 - 1)) 2> >(grep -v udevadm >&2)
  sfdisk -q --no-reread --no-tell-kernel --disk-id "$work/disk" "0x$id"
  if [ "$fat" = 12 ]; then sfdisk -q --no-reread --no-tell-kernel --part-type "$work/disk" 1 1; fi
  dd if="$work/boot.fat" of="$work/disk" bs=1M seek=$((start / 2048)) conv=notrunc,sparse status=none
  dd if="$work/root.ext4" of="$work/disk" bs=1M seek=$((root_start / 2048)) conv=notrunc,sparse status=none
  mv "$work/disk" "$out"
  as_root rm -rf "$work"
  trap - EXIT
}

# Whoever comes second waits for the first and finds its work; each result appears whole, by a rename.
make() { # PATH COMMAND...: run the command with a temporary name in place of @, unless PATH is there
  local path=$1 began=$SECONDS
  shift
  (
    exec 8> "$path.lock"
    flock 8
    if [ $force = 0 ] && [ -s "$path" ]; then exit 0; fi
    "${@/#@/$path.part}"
    mv "$path.part" "$path"
    say "$(basename "$path"): made in $((SECONDS - began)) s"
  )
}

# What determines an image: the builder and its packages. An older builder's images go after some days.
# shellcheck disable=SC2016
digest=$(cd "$here" && find build-image.sh image rootfs -type f -print0 | sort -z \
  | xargs -0 sh -c 'for file; do stat -c "%n %a" "$file"; cat "$file"; done' sh | sha256sum | cut -c1-12)
folder=$cache/images-$digest
mkdir -p "$folder"
find "$cache" -maxdepth 1 -name 'images-*' ! -path "$folder" -mtime +3 -exec rm -rf {} +

for profile in "${profiles[@]}"; do
  if [ "$profile" = lite ] && [ "$dialect" != bookworm ]; then die "lite has the dialect bookworm only"; fi
  name=$(name_of "$profile")
  image=$folder/$name.img
  make "$image" build "$profile" "$name" @
  if [ $dirty = 1 ]; then
    make "$folder/$name-dirty.img" "$here/image/make-dirty.sh" "$image" @
    image=$folder/$name-dirty.img
  fi
  case $format in
    none) packed=$image ;;
    xz1) packed=${image%.img}.1block.img.xz ;;
    zip) packed=${image%.img}.zip ;;
    *) packed=$image.$format ;;
  esac
  if [ "$format" != none ]; then make "$packed" "$here/image/pack.sh" "$image" "$format" @; fi
  echo "$packed"
done
