#!/bin/bash
# inject-password.sh IMAGE PARTITION USER PASSWORD   gives an existing user a password, in place, by debugfs.
# For a base image, in which nobody can log in: boot-disk.py --login needs somebody.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
[ $# = 4 ] || { echo "usage: inject-password.sh IMAGE PARTITION USER PASSWORD" >&2; exit 2; }
start=$(sfdisk -d "$1" | sed -n "s/.*[^0-9]$2 : start= *\([0-9]*\),.*/\1/p")
[ -n "$start" ] || { echo "inject-password: $1: no partition $2" >&2; exit 1; }
device="$1?offset=$((start * 512))"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck disable=SC2016
hash=$(perl -e 'print crypt($ARGV[0], q($6$fixture$))' "$4")
debugfs -R 'cat /etc/shadow' "$device" 2> /dev/null \
  | awk -F: -v OFS=: -v user="$3" -v hash="$hash" '$1 == user { $2 = hash; found = 1 } { print } END { exit !found }' > "$scratch/shadow" \
  || { echo "inject-password: $1: no user $3" >&2; exit 1; }
debugfs -w -f - "$device" > /dev/null 2>&1 <<END
cd /etc
rm shadow
write $scratch/shadow shadow
sif shadow mode 0100640
sif shadow gid 42
END
now=$(debugfs -R 'cat /etc/shadow' "$device" 2> /dev/null)
[ "$now" = "$(cat "$scratch/shadow")" ] || { echo "inject-password: $1: /etc/shadow was not changed" >&2; exit 1; }
