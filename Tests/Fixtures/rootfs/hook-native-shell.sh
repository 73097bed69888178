#!/bin/sh
# Lends the arm64 tree this machine's own dash as /bin/sh and perl too, once the essential packages are set up: mkinitramfs and
# most of what packages do at their installation are scripts of the two (a unit that is enabled is three emulated perls).
# hook-native-out.sh puts the tree's own back.
set -e
root=${1:?}
libs=usr/lib/x86_64-linux-gnu
[ -e "$root/usr/local/.lent" ] || exit 0
# The essential packages may have taken away the loader's path, without which every lent tool is passed over.
mkdir -p "$root/usr/lib64"
[ -e "$root/lib64" ] || ln -s usr/lib64 "$root/lib64"
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
# Perl's modules, of which the essential ones suffice.
cp -a "/$libs/perl-base" "$root/$libs/"
for tool in dash perl; do
  cp -p "$root/usr/bin/$tool" "$root/usr/bin/$tool.own"
  ldd "/usr/bin/$tool" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r library; do
    cp -n -L "$library" "$root/$libs/"
  done
  cp -L "/usr/bin/$tool" "$root/usr/bin/$tool.lent"
  mv "$root/usr/bin/$tool.lent" "$root/usr/bin/$tool"
done
# shellcheck disable=SC2016
chroot "$root" /bin/sh -c 'echo "lent tools: $(command -v sed) $(perl -MFile::Temp -e "print \$^V")"'
