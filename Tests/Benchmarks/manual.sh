#!/bin/bash
# manual.sh IMAGE COPY   what operators do today for one node: copy, loop-mount as root, edit, unmount.
set -euo pipefail
image=$1 copy=$2
cp --sparse=always "$image" "$copy"
# By its offset: not every kernel finds partitions on loop devices.
offset=$(($(partx -rgo START --nr 2 "$copy") * 512))
mnt=$(mktemp -d)
mount -o "loop,offset=$offset" "$copy" "$mnt"
echo solo > "$mnt/etc/hostname"
sed -i 's/^127\.0\.1\.1.*/127.0.1.1\tsolo/' "$mnt/etc/hosts"
sed -i 's/\(PARTUUID=\)[0-9a-f]*/\1c1f95d14/' "$mnt/etc/fstab"
ln -sf /lib/systemd/system/ssh.service "$mnt/etc/systemd/system/multi-user.target.wants/ssh.service"
umount "$mnt"
rmdir "$mnt"
sync "$copy"
