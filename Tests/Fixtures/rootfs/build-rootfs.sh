#!/bin/bash
# build-rootfs.sh mini|lite [bookworm|trixie]   the slow half of an image: arm64 packages -> one tar of the root tree.
#
# The tar is kept in the cache under a digest of everything that determines it (package lists, hooks, the initramfs's
# scripts, this file), so it is made once. The last line on stdout is its path.
#
# Root is needed for one thing: to register the arm64 handler of binfmt_misc, once per boot. As a
# plain user mmdebstrap works in a user namespace (needs uidmap and a range in /etc/subuid).
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PIBAKE_FIXTURES:-${XDG_CACHE_HOME:-$HOME/.cache}/pibake/fixtures}
components="main contrib non-free non-free-firmware"
export SOURCE_DATE_EPOCH=1747094400

say() { printf '[%s] rootfs: %s\n' "$(date +%T)" "$*" >&2; }
die() { say "$*"; exit 1; }

profile=${1:-} suite=${2:-bookworm}
case $profile-$suite in
  mini-bookworm | mini-trixie) variant=minbase ;;
  lite-bookworm) variant=important ;;
  *) die "usage: build-rootfs.sh mini [bookworm|trixie] | lite" ;;
esac

# The lists of every suite, and of this one alone.
lists=("$here/packages-$profile.txt" "$here/packages-$profile-$suite.txt")
excludes=("$here/exclude-$profile.txt")
name=$profile-$suite
digest=$(cd "$here" && {
  cat build-rootfs.sh hook-*.sh
  cat "${lists[@]}" "${excludes[@]}" 2> /dev/null || :
  find "initramfs/$suite" -type f -print0 | sort -z | xargs -0 head -n -0
} | sha256sum | cut -c1-16)
tar=$cache/$name-$digest.rootfs.tar
log=$cache/$name-$digest.rootfs.log
mkdir -p "$cache"
# Two builds of the same tar at once: the second waits here and finds the first one's work.
exec 9> "$cache/.lock-$name-rootfs"
flock 9
if [ -s "$tar" ]; then
  touch "$tar"
  echo "$tar"
  exit 0
fi

# Where this machine's own apt gets the suite from, or Debian's other suites: a mirror has them all. Never a host of
# our choice.
mirror_of() { # ENDING
  local known
  # shellcheck disable=SC2016
  known=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | sort -u)
  awk -v name="$suite$1" '$2 == name { print $1; exit }' <<< "$known" | grep . \
    || awk -v ending="$1" '$2 ~ "^(bookworm|trixie)" ending "$" { print $1; exit }' <<< "$known"
}
mirror=$(mirror_of "")
security=$(mirror_of -security)
[ -n "$mirror" ] || die "apt on this machine knows no suite of Debian 12 or 13"

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

# Not every release has a list of its own.
packages=$(for list in "${lists[@]}"; do [ ! -e "$list" ] || cat "$list"; done | sed 's/#.*//' | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
options=()
if [ -e "${excludes[0]}" ]; then
  while read -r glob; do options+=(--dpkgopt="path-exclude=$glob"); done < <(grep -v '^#' "${excludes[0]}")
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

say "$name: packages, several minutes (log: $log)"
began=$SECONDS
part=$tar.part.$$
trap 'rm -f "$part"' EXIT
INITRD=No mmdebstrap --mode=$mode --format=tar --architectures=arm64 --variant=$variant \
  --include="$packages" "${options[@]}" \
  --dpkgopt=force-unsafe-io --dpkgopt=force-confold \
  --aptopt='APT::Sandbox::User "root"' --aptopt='Acquire::Retries "5"' \
  --setup-hook="sh '$here/hook-setup.sh' \"\$1\" $suite" \
  --essential-hook="sh '$here/hook-essential.sh' \"\$1\"" \
  --essential-hook="sh '$here/hook-native-shell.sh' \"\$1\"" \
  --customize-hook="sh '$here/hook-customize.sh' \"\$1\"" \
  --customize-hook="sh '$here/hook-native-out.sh' \"\$1\"" \
  "$suite" "$part" "${sources[@]}" > "$log" 2>&1 || { tail -n 30 "$log" >&2; die "mmdebstrap failed"; }
mv "$part" "$tar"
# An older recipe's tar is of no more use.
find "$cache" -maxdepth 1 -name "$name-*.rootfs.tar" ! -name "$(basename "$tar")" -delete
say "$name: made in $((SECONDS - began)) s"
echo "$tar"
