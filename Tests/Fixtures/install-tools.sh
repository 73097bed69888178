#!/bin/bash
# install-tools.sh [build|boot|all]   what the fixtures need, by apt (Debian 12 or newer; Ubuntu works alike).
#   build: images and oracles;  boot: QEMU;  all (default): these, and what the tests hold pibake against.
#   Quick if everything is there.
set -euo pipefail
build="mmdebstrap debian-archive-keyring qemu-user-static arch-test uidmap e2fsprogs dosfstools mtools fdisk parted util-linux
  device-tree-compiler xz-utils zstd zip gzip bzip2 cpio kmod python3 perl-base acl mount"
boot="qemu-system-arm fdisk mtools python3"
tests="gdisk libarchive-tools lz4 p7zip-full tar btrfs-progs squashfs-tools openssl openssh-client perl-base dash
  shellcheck systemd sudo locales uuid-runtime bmap-tools xxd
  hyperfine time android-sdk-libsparse-utils strace
  gir1.2-nm-1.0 python3-gi netplan.io wpasupplicant dhcpcd-base iproute2 python3-jsonschema procps ca-certificates"
case ${1:-all} in
  build) wanted=$build ;;
  boot) wanted=$boot ;;
  all) wanted="$build $boot $tests" ;;
  *) echo "usage: install-tools.sh [build|boot|all]" >&2; exit 2 ;;
esac

missing=()
for package in $wanted; do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" != installed ]; then missing+=("$package"); fi
done
# A keyring that was installed before Debian 13 came lacks its keys: the newest of this release has them.
if [ "${1:-all}" != boot ] && [ ! -e /usr/share/keyrings/debian-archive-trixie-stable.gpg ]; then missing+=(debian-archive-keyring); fi
[ ${#missing[@]} -gt 0 ] || exit 0

sudo=()
if [ "$(id -u)" != 0 ]; then sudo=(sudo); fi
echo "install-tools: ${missing[*]}" >&2
# Another apt may be at work: wait for it.
"${sudo[@]}" apt-get update -q -o DPkg::Lock::Timeout=300
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"
