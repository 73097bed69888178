#!/bin/bash
# inject-selftest.sh IMAGE PARTITION   puts selftest.service into the image's ext4, enabled, in place.
# By debugfs: no mount, no root. Boot the result with boot-disk.py (without --login).
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# = 2 ] || { echo "usage: inject-selftest.sh IMAGE PARTITION" >&2; exit 2; }
start=$(sfdisk -d "$1" | sed -n "s/.*[^0-9]$2 : start= *\([0-9]*\),.*/\1/p")
[ -n "$start" ] || { echo "inject-selftest: $1: no partition $2" >&2; exit 1; }
device="$1?offset=$((start * 512))"
debugfs -w -f - "$device" > /dev/null 2>&1 <<END
cd /usr/local/sbin
write $here/selftest.sh pibake-selftest
sif pibake-selftest mode 0100755
cd /etc/systemd/system
write $here/selftest.service pibake-selftest.service
cd /etc/systemd/system/multi-user.target.wants
symlink pibake-selftest.service /etc/systemd/system/pibake-selftest.service
END
# debugfs tells nothing by its exit status.
debugfs -R 'ls -p /etc/systemd/system/multi-user.target.wants' "$device" 2> /dev/null | grep -q pibake-selftest \
  || { echo "inject-selftest: $1: partition $2 was not changed" >&2; exit 1; }
