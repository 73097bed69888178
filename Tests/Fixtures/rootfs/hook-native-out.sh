#!/bin/sh
# Takes away what hook-native-in.sh lent.
root=${1:?}
[ -e "$root/usr/local/.lent" ] || exit 0
for tool in dash perl; do
  if [ -e "$root/usr/bin/$tool.own" ]; then mv -f "$root/usr/bin/$tool.own" "$root/usr/bin/$tool"; fi
done
while read -r tool; do rm -f "$root/usr/local/bin/$tool"; done < "$root/usr/local/.lent"
rm -rf "$root/usr/local/.lent" "$root/usr/lib/x86_64-linux-gnu" "$root/usr/lib64" "${root:?}/lib64"
