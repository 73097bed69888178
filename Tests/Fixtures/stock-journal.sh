#!/bin/bash
# stock-journal.sh bookworm|trixie   starts the stock stand-in of mini as its owner would, with userconf.txt and ssh on
# its FAT and nothing else changed, twice after its first start's own restarts, and writes what its journal has of level
# 4 or worse to stock-journal/DIALECT.txt. To be run anew when a stand-in changes. The reports and consoles stay in
# the folder that it names.
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin MTOOLS_SKIP_CHECK=1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dialect=${1:?bookworm or trixie}
work=$(mktemp -d)
echo "stock-journal: $work" >&2
image=$("$here/build-image.sh" --dialect "$dialect" mini | tail -n 1)
disk=$work/disk.img
cp --sparse=always "$image" "$disk"
truncate --size=+2G "$disk"
offset=$(sfdisk -d "$disk" | sed -n 's/.*img1 : start= *\([0-9]*\),.*/\1/p')
# The user and password of recipes/cluster.toml.
sed -n 's/^password_hash = "\(.*\)"/ben:\1/p' "$here/../../recipes/cluster.toml" > "$work/userconf.txt"
mcopy -i "$disk@@$((offset * 512))" "$work/userconf.txt" ::userconf.txt
: > "$work/ssh"
mcopy -i "$disk@@$((offset * 512))" "$work/ssh" ::ssh

reports=()
for start in 1 2 3; do
  report=$work/start-$start.json
  status=0
  "$here/boot-disk.py" --writable --login ben:changeme --timeout 900 --log "$work/start-$start.log" "$disk" > "$report" || status=$?
  # Bookworm's first start ends in a restart, which QEMU takes for the end.
  if [ $status = 0 ]; then reports+=("$report"); fi
  [ ${#reports[@]} -lt 2 ] || break
done
[ ${#reports[@]} = 2 ] || { echo "stock-journal: $dialect did not start twice" >&2; exit 1; }
# Nothing about ssh is forgiven to a node, whatever the wizard's restarts do to it here.
python3 "$here/boot_journal.py" "${reports[@]}" | grep -Ev '^(sshd|systemd\[#\]: .*ssh\.service)' > "$here/stock-journal/$dialect.txt"
