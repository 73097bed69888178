#!/bin/bash
# build-rootfs.sh mini|lite   the slow half of an image: arm64 packages -> one tar of the root tree.
#
# The tar is kept in the cache under a digest of everything that determines it (package list, hooks,
# this file), so it is made once. The last line on stdout is its path.
#
# Root is needed for one thing: to register the arm64 handler of binfmt_misc, once per boot. As a
# plain user mmdebstrap works in a user namespace (needs uidmap and a range in /etc/subuid).
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PIBAKE_FIXTURES:-${XDG_CACHE_HOME:-$HOME/.cache}/pibake/fixtures}
suite=bookworm
components="main contrib non-free non-free-firmware"
export SOURCE_DATE_EPOCH=1747094400

say() { printf '[%s] rootfs: %s\n' "$(date +%T)" "$*" >&2; }
die() { say "$*"; exit 1; }

profile=${1:-}
case $profile in
  mini) variant=minbase ;;
  lite) variant=important ;;
  *) die "usage: build-rootfs.sh mini|lite" ;;
esac

digest=$(cd "$here" && cat build-rootfs.sh hook-*.sh ./*-"$profile".txt | sha256sum | cut -c1-16)
tar=$cache/$profile-$digest.rootfs.tar
log=$cache/$profile-$digest.rootfs.log
mkdir -p "$cache"
# Two builds of the same tar at once: the second waits here and finds the first one's work.
exec 9> "$cache/.lock-$profile-rootfs"
flock 9
if [ -s "$tar" ]; then
  touch "$tar"
  echo "$tar"
  exit 0
fi

# Where this machine's own apt gets the suite from; never a host of our choice.
mirror_of() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' \
    | awk -v name="$1" '$2 == name { print $1; exit }'
}
mirror=$(mirror_of $suite)
security=$(mirror_of $suite-security)
[ -n "$mirror" ] || die "apt on this machine knows no suite $suite"

can_run_arm64() {
  [ "$(uname -m)" = aarch64 ] || arch-test arm64 > /dev/null 2>&1
}
if ! can_run_arm64; then
  [ "$(id -u)" = 0 ] || die "this machine does not run arm64 programs; run once as root, or register binfmt"
  [ -e /proc/sys/fs/binfmt_misc/register ] \
    || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  # Debian's entry carries the flag F: the tree needs no copy of QEMU inside.
  cat /usr/lib/binfmt.d/qemu-aarch64.conf > /proc/sys/fs/binfmt_misc/register
  can_run_arm64 || die "arm64 programs do not run even with the handler registered"
fi

words_of() { sed 's/#.*//' "$1" | tr -s ' \n' ',' | sed 's/^,//; s/,$//'; }
options=()
if [ -e "$here/exclude-$profile.txt" ]; then
  while read -r glob; do options+=(--dpkgopt="path-exclude=$glob"); done \
    < <(grep -v '^#' "$here/exclude-$profile.txt")
  options+=(--dpkgopt='path-include=/usr/share/doc/*/copyright')
fi
[ "$profile" = lite ] && options+=(--aptopt='APT::Install-Recommends "true"')
if [ "$(uname -m)" = x86_64 ]; then
  # apt sets its own PATH for dpkg, hence DPkg::Path.
  options+=(--extract-hook="sh '$here/hook-native-in.sh' \"\$1\""
    --aptopt='DPkg::Path "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"')
fi
sources=("deb $mirror $suite $components" "deb $mirror $suite-updates $components")
[ -n "$security" ] && sources+=("deb $security $suite-security $components")
mode=root
[ "$(id -u)" = 0 ] || mode=unshare

say "$profile: packages, several minutes (log: $log)"
began=$SECONDS
part=$tar.part.$$
trap 'rm -f "$part"' EXIT
INITRD=No nice mmdebstrap --mode=$mode --format=tar --architectures=arm64 --variant=$variant \
  --include="$(words_of "$here/packages-$profile.txt")" "${options[@]}" \
  --dpkgopt=force-unsafe-io --dpkgopt=force-confold \
  --aptopt='APT::Sandbox::User "root"' --aptopt='Acquire::Retries "5"' \
  --setup-hook="sh '$here/hook-setup.sh' \"\$1\"" \
  --essential-hook="sh '$here/hook-essential.sh' \"\$1\"" \
  --customize-hook="sh '$here/hook-customize.sh' \"\$1\"" \
  --customize-hook="sh '$here/hook-native-out.sh' \"\$1\"" \
  $suite "$part" "${sources[@]}" > "$log" 2>&1 || { tail -n 30 "$log" >&2; die "mmdebstrap failed"; }
mv "$part" "$tar"
# An older recipe's tar is of no more use.
find "$cache" -maxdepth 1 -name "$profile-*.rootfs.tar" ! -name "$(basename "$tar")" -delete
say "$profile: made in $((SECONDS - began)) s"
echo "$tar"
