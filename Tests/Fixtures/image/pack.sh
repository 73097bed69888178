#!/bin/bash
# pack.sh IMAGE FORMAT OUT   one image in a container: xz (many blocks, as pi-gen's), xz1 (one block), gz, zip, zst, bz2.
set -euo pipefail
image=$1 format=$2 out=$3
case $format in
  # --block-size: even a small image gets several blocks, as the real ones have.
  xz) xz -6 -T0 --block-size=24MiB -kc "$image" > "$out" ;;
  xz1) xz -6 -T1 -kc "$image" > "$out" ;;
  gz) gzip -6 -nc "$image" > "$out" ;;
  zip)
    # zip looks at the file name's ending, so it gets a folder of its own.
    folder=$(mktemp -d "$out.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
    (cd "$(dirname "$image")" && zip -q -6 -X "$folder/out.zip" "$(basename "$image")")
    mv "$folder/out.zip" "$out" ;;
  zst) zstd -q -f -10 -T0 "$image" -o "$out" ;;
  bz2) bzip2 -9 -kc "$image" > "$out" ;;
  *) echo "pack: no format $format" >&2; exit 2 ;;
esac
