#!/bin/sh
# Lends the arm64 tree this machine's own dash as /bin/sh too, once the essential packages are set up: mkinitramfs and
# most of what packages do at their installation are shell scripts. hook-native-out.sh puts the tree's own back.
set -e
root=${1:?}
[ -e "$root/usr/local/.lent" ] || exit 0
# The essential packages may have taken away the loader's path, without which every lent tool is passed over.
mkdir -p "$root/usr/lib64"
[ -e "$root/lib64" ] || ln -s usr/lib64 "$root/lib64"
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
cp "$root/usr/bin/dash" "$root/usr/bin/dash.own"
ldd /usr/bin/dash | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r library; do
  cp -n -L "$library" "$root/usr/lib/x86_64-linux-gnu/"
done
cp -L /usr/bin/dash "$root/usr/bin/dash.lent"
mv "$root/usr/bin/dash.lent" "$root/usr/bin/dash"
# shellcheck disable=SC2016
chroot "$root" /bin/sh -c 'echo "lent tools: $(command -v sed)"'
