#!/bin/bash
# Makes the inputs that fuzzing starts from: make-seeds.sh FOLDER. One folder for each target, made by other people's tools.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"/{ext4,fat,table,container,recipe}
folder=$(cd "$1" && pwd)
[ ! -e "$folder/done" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH=$PATH:/usr/sbin:/sbin

# A small tree with some of everything that needs no privilege.
tree=$work/tree
mkdir -p "$tree/etc/deep/er" "$tree/many"
echo node > "$tree/etc/hostname"
ln -s hostname "$tree/etc/short"
ln -s "$(printf 'x%.0s' {1..80})" "$tree/etc/long"
ln "$tree/etc/hostname" "$tree/etc/deep/er/second"
truncate -s 100K "$tree/etc/hole"
printf 'end' >> "$tree/etc/hole"
mkfifo "$tree/etc/pipe"
for number in {1..40}; do : > "$tree/many/a-name-of-some-length-$number"; done

pack() { "$here/pack-disk.py" "$@"; }
disk() {
  rm -f "$work/disk"
  truncate -s "$1" "$work/disk"
}

ext4() {
  local name=$1
  shift
  disk 512K
  mke2fs -q -F -t ext4 -b 1024 -N 96 -m 0 -d "$tree" "$@" "$work/disk" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  debugfs -w -R "ea_set /etc/hostname user.note value" "$work/disk" > /dev/null 2>&1
  pack 1 "$work/disk" > "$folder/ext4/$name"
  pack 0 "$work/disk" > "$folder/ext4/$name-unverified"
}
ext4 plain -O '^has_journal'
ext4 nocsum -O '^has_journal,^metadata_csum,uninit_bg'
ext4 ext2 -O none,filetype,ext_attr,dir_index
ext4 ext3inodes -O '^has_journal,^extents,^64bit,^metadata_csum' -I 128
ext4 inline -O '^has_journal,inline_data,ea_inode'
ext4 meta -O '^has_journal,meta_bg,^resize_inode,64bit'
ext4 big -O '^has_journal,bigalloc' -C 4096
ext4 seed -O '^has_journal,metadata_csum_seed,^resize_inode,^flex_bg' -g 256
disk 3M
mke2fs -q -F -t ext4 -b 1024 -N 64 -m 0 -d "$tree/etc" -J size=1 "$work/disk" 2> /dev/null
printf 'jo -c\njw -b 700 /dev/zero\njc\n' > "$work/journal"
debugfs -w -f "$work/journal" "$work/disk" > /dev/null 2>&1
pack 0 "$work/disk" > "$folder/ext4/journal"

fat() {
  local name=$1 size=$2
  shift 2
  disk "$size"
  mkfs.fat -n SEED "$@" "$work/disk" > /dev/null
  MTOOLS_SKIP_CHECK=1 mcopy -s -i "$work/disk" "$tree/etc/hostname" "$tree/many" :: > /dev/null
  pack 0 "$work/disk" > "$folder/fat/$name"
}
fat fat12 128K -F 12 -s 1
fat fat12wide 512K -F 12 -s 4 -S 2048
fat fat16 4200K -F 16 -s 1
fat fat32 34000K -F 32 -s 1

table() {
  local name=$1
  disk 4M
  cat > "$work/script"
  sfdisk -q "$work/disk" < "$work/script" > /dev/null
  pack 1 "$work/disk" > "$folder/table/$name"
  pack 0 "$work/disk" > "$folder/table/$name-unverified"
}
table mbr <<< $'label: dos\nlabel-id: 0x1234abcd\nstart=64,size=100,type=c\nstart=200,size=300,type=83'
table logical <<< $'label: dos\nstart=64,size=100,type=c\nstart=256,size=4000,type=5\nstart=300,size=100,type=83\nstart=500,size=50,type=83'
table gpt <<< $'label: gpt\nsize=1M,type=U\nsize=1M,name="root"'
pack 0 "$work/disk" > "$folder/table/last"

head -c 60000 "$work/disk" > "$work/small"
head -c 3000 "$here/make-seeds.sh" >> "$work/small"
containers=$folder/container
cp "$work/small" "$containers/raw"
head -c 40000 "$work/small" > "$work/disk.img"
# With the smallest of windows and dictionaries: larger ones cost time for every input, and teach nothing.
while read -r format options; do
  command -v "$format" > /dev/null || continue
  # shellcheck disable=SC2086
  "$format" -c $options "$work/small" > "$containers/$format"
  cat "$containers/$format" "$containers/$format" > "$containers/$format-twice"
done <<< $'xz --lzma2=dict=64KiB\ngzip\nbzip2 -1\nzstd\nlz4 -B4'
xz -c --lzma2=dict=64KiB --block-size=16KiB "$work/small" > "$containers/xz-blocks"
xz -c -C sha256 --x86 --lzma2=dict=4KiB --block-size=20KiB "$work/small" > "$containers/xz-filters"
(cd "$work" && 7z a -bd -tzip "$containers/archive.zip" disk.img > /dev/null)
(cd "$work" && tar -cf "$containers/tar" disk.img && tar -czf "$containers/tar.gz" disk.img)
gzip -c "$containers/xz-blocks" > "$containers/xz.gz"
# A disk in Android's sparse format: 4 blocks, of which one is stored, one filled, and two are left out.
{
  printf '\x3a\xff\x26\xed\x01\x00\x00\x00\x1c\x00\x0c\x00\x00\x10\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00'
  printf '\xc1\xca\x00\x00\x01\x00\x00\x00\x0c\x10\x00\x00'
  head -c 4096 "$work/small"
  printf '\xc2\xca\x00\x00\x01\x00\x00\x00\x10\x00\x00\x00abcd'
  printf '\xc3\xca\x00\x00\x02\x00\x00\x00\x0c\x00\x00\x00'
} > "$containers/sparse"
gzip -c "$containers/sparse" > "$containers/sparse.gz"

cp "$here"/../../recipes/*.toml "$folder/recipe/"
# Every word that recipes know.
grep -ohE '"[a-z][a-z0-9_-]+"' "$here"/../../Sources/Recipe/*/*.swift | sort -u > "$folder/recipe.dict"
touch "$folder/done"
