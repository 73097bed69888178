#!/bin/bash
# check-fixtures.sh   builds every variant of tiny, has its file systems checked and compares what the oracles see:
# the tree must be the same whatever it lies in. About two minutes; the manifests stay in the cache for other tests.
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
complain() { echo "FAILED: $*"; failed=1; }

# What differs on purpose: the disk's id; what 1 KiB blocks or small inodes cannot hold; inline data, with which
# mke2fs cuts the hole at the end of a file. (grep -v without a match is no failure here.)
comparable() { # MANIFEST NAME
  local not='"path":"/etc/fstab"'
  case $2 in
    *-blk1k) not="$not|\"/srv/stress/(symlinks|xattr|sparse|frag)" ;;
    *-inline) not="$not|\"/srv/stress/sparse" ;;
    *-ino128) not="$not|\"/srv/stress/time" ;;
  esac
  grep -vE "$not" "$1"
}

# What the first start of a dialect goes through, as pibake finds it.
check_first_start() { # IMAGE DIALECT
  local image=$1 dialect=$2 start device shell target
  start=$(sfdisk -d "$image" | sed -n 's/.*img2 : start= *\([0-9]*\),.*/\1/p')
  device="$image?offset=$((start * 512))"
  cat_of() { debugfs -R "cat $1" "$device" 2> /dev/null; }
  has() { # PATH REGEX
    cat_of "$1" | grep -Eq -- "$2" || complain "$dialect: $1 lacks $2"
  }
  lacks() { # PATH REGEX
    if cat_of "$1" | grep -Eq -- "$2"; then complain "$dialect: $1 has $2"; fi
  }
  enabled() { # TARGET UNIT
    debugfs -R "stat /etc/systemd/system/$1.wants/$2" "$device" 2> /dev/null | grep -q "$2" || complain "$dialect: $2 is off"
  }
  [ "$(xxd -l 4 -p "$image")" = fab80010 ] || complain "$dialect: the boot code is not parted's"
  case $dialect in
    bookworm) shell=/bin/bash target=multi-user.target ;;
    trixie) shell=/usr/sbin/nologin target=sysinit.target ;;
  esac
  has /etc/passwd "^pi:.*:$shell\$"
  has /etc/shadow '^pi:!:'
  has /etc/default/useradd '^SHELL=/bin/bash$'
  has /etc/default/raspberrypi-sys-mods '^#FWLOC='
  has /usr/lib/raspberrypi-sys-mods/get_fw_loc NOT_FOUND
  has /usr/lib/systemd/system/sshswitch.service 'After=regenerate_ssh_host_keys.service boot-firmware.mount'
  has /etc/ssh/sshd_config.d/rename_user.conf '^Banner '
  enabled multi-user.target userconfig.service
  enabled multi-user.target sshswitch.service
  enabled $target regenerate_ssh_host_keys.service
  if [ "$dialect" = bookworm ]; then
    has /etc/sudoers.d/010_pi-nopasswd NOPASSWD
    has /usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys 'rm -f /etc/ssh/ssh_host'
    lacks /usr/lib/systemd/system/regenerate_ssh_host_keys.service ConditionFirstBoot
  else
    enabled sysinit.target rpi-resize.service
    has /etc/machine-id '^uninitialized$'
    has /usr/lib/systemd/system/regenerate_ssh_host_keys.service ConditionFirstBoot=yes
    has /usr/lib/systemd/system/sshd-keygen.service ConditionFirstBoot=yes
    has /usr/lib/systemd/system/rpi-resize.service 'Wants=.*systemd-growfs-root.service fstrim.service'
    has /etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg 'seedfrom: file:///boot/firmware'
    has /usr/lib/systemd/system/rpi-resize-swap-file.service rpi-resize-swap-file
    has /etc/xdg/labwc/environment XKB_DEFAULT_LAYOUT
  fi
  echo "ok: first start of $dialect"
}

check() { # OPTION...
  local image name offset size root_offset root_size manifest status
  image=$("$here/build-image.sh" "$@" tiny 2> "$scratch/log") || { complain "$*: $(cat "$scratch/log")"; return; }
  name=$(basename "$image" .img)
  manifest=$(dirname "$image")/$name
  read -r offset size root_offset root_size < <(sfdisk -d "$image" \
    | sed -n 's/.*start= *\([0-9]*\), size= *\([0-9]*\),.*/\1 \2/p' | xargs)
  dd if="$image" of="$scratch/fat" bs=1M skip=$((offset / 2048)) count=$((size / 2048)) conv=sparse status=none
  fsck.fat -n "$scratch/fat" > "$scratch/log" || complain "$name: $(cat "$scratch/log")"
  dd if="$image" of="$scratch/ext4" bs=1M skip=$((root_offset / 2048)) count=$((root_size / 2048)) conv=sparse status=none
  e2fsck -fn "$scratch/ext4" > "$scratch/log" 2>&1 || complain "$name: $(cat "$scratch/log")"
  rm -f "$scratch/fat" "$scratch/ext4"
  "$here/oracle-fat.py" "$image" $((offset * 512)) > "$manifest.fat.jsonl" || complain "$name: FAT oracle"
  status=0
  "$here/loop-oracle.sh" "$image" 2 > "$manifest.ext4.jsonl" 2> "$scratch/log" || status=$?
  case $status in
    0) ;;
    77) cat "$scratch/log"; rm "$manifest.ext4.jsonl"; return ;;
    *) complain "$name: $(cat "$scratch/log")"; return ;;
  esac
  if [ -z "${first:-}" ]; then
    first=$manifest.ext4.jsonl
  elif [[ $name != *trixie-trixie ]]; then
    diff <(comparable "$first" "$name") <(comparable "$manifest.ext4.jsonl" "$name") > "$scratch/log" \
      || complain "$name differs: $(head -n 6 "$scratch/log")"
  fi
  echo "ok: $name $(wc -l < "$manifest.ext4.jsonl") $(wc -l < "$manifest.fat.jsonl")"
}

check
for fs in pios2017 trixie modern nocsum64 inline blk1k blk16k ino128 noextent nofiletype metabg nojournal; do check --fs $fs; done
for fat in 32s1 16 12; do check --fat $fat; done
check --layout 4M
check --dialect trixie --fs trixie
check_first_start "$("$here/build-image.sh" tiny)" bookworm
check_first_start "$("$here/build-image.sh" --dialect trixie --fs trixie tiny)" trixie
exit $failed
