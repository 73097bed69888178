#!/bin/sh
# Lends the arm64 tree this machine's own plain tools, first in PATH, while it is built: emulated xz,
# tar, cp, sed and grep are most of dpkg's time. Nothing that prints or records an architecture (dpkg,
# apt, ldconfig, systemctl) is replaced. py3compile does nothing: an emulated Python a package takes minutes, and
# Python compiles what it uses.
# hook-native-out.sh takes them away again.
set -e
root=${1:?}
libs=usr/lib/x86_64-linux-gnu
mkdir -p "$root/usr/lib64" "$root/$libs" "$root/usr/local/bin"
[ -e "$root/lib64" ] || ln -s usr/lib64 "$root/lib64"
cp -L /lib64/ld-linux-x86-64.so.2 "$root/usr/lib64/"
for tool in dpkg-deb xz gzip zstd tar cpio cp mv rm ln mkdir rmdir chmod touch cat cut tr sed grep sort uniq \
  head tail wc awk readlink realpath basename dirname find xargs getopt depmod modprobe mktemp sha256sum md5sum; do
  program=$(PATH=/usr/bin:/bin:/usr/sbin:/sbin command -v "$tool") || continue
  program=$(readlink -f "$program")
  cp "$program" "$root/usr/local/bin/$tool"
  echo "$tool" >> "$root/usr/local/.lent"
  ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r library; do
    cp -n -L "$library" "$root/$libs/"
  done
done
printf '#!/bin/sh\n' > "$root/usr/local/bin/py3compile"
chmod 755 "$root/usr/local/bin/py3compile"
echo py3compile >> "$root/usr/local/.lent"
