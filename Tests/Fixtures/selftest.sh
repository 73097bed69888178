#!/bin/sh
# What the booted system is like, as lines "PIBAKE NAME VALUE". Runs in the guest: as root by
# selftest.service, or as a user with sudo who has logged in (PIBAKE_PASSWORD is that user's).
# systemctl waits 25 s for an answer, which a busy host may not give in time.
export SYSTEMD_BUS_TIMEOUT=300
root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else echo "$PIBAKE_PASSWORD" | sudo -S -p '' "$@"; fi
}
say() {
  name=$1
  shift
  printf 'PIBAKE %s %s\n' "$name" "$("$@" 2>&1 | tr '\n' ' ')"
}
lines() { # one PIBAKE line for each line of the command
  name=$1
  shift
  "$@" 2>&1 | sed "s/^/PIBAKE $name /"
}
state=$(timeout 400 systemctl is-system-running --wait 2>&1)
# The kernel and systemd must not talk into our lines.
root dmesg -n 1 > /dev/null 2>&1
root kill -s RTMIN+21 1 > /dev/null 2>&1
echo
echo "PIBAKE state $state"
say uptime cut -d' ' -f1 /proc/uptime
say user id
say root_rights root id -u
say hostname hostname
say kernel uname -r
say cmdline cat /proc/cmdline
say root findmnt -rno SOURCE,FSTYPE,OPTIONS /
say root_partuuid lsblk -no PARTUUID "$(findmnt -nvo SOURCE /)"
say root_bytes sh -c "df -B1 --output=size / | tail -n 1"
say root_partition_bytes root lsblk -bno SIZE "$(findmnt -nvo SOURCE /)"
say boot findmnt -rno SOURCE,FSTYPE,OPTIONS /boot/firmware
lines failed systemctl --failed --no-legend --plain
say machine_id cat /etc/machine-id
say ssh systemctl is-active ssh
say ssh_enabled systemctl is-enabled ssh
# sshd -T wants its folder, which only the service makes.
root mkdir -p /run/sshd
root /usr/sbin/sshd -T 2> /dev/null | grep -E '^(passwordauthentication|permitrootlogin|pubkeyauthentication|banner) ' \
  | sed 's/^/PIBAKE sshd /'
# shellcheck disable=SC2016
lines host_key sh -c 'for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done'
say timezone cat /etc/timezone
say localtime readlink /etc/localtime
say date date +%Z
lines account sh -c "getent passwd | awk -F: '\$3 >= 1000 && \$3 < 60000'"
say boot_id cat /proc/sys/kernel/random/boot_id
say swap sh -c "tail -n +2 /proc/swaps | tr -s ' \t' ' '"
say swap_file root stat -c %s /var/swap
say memory_kib sh -c "sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo"
say root_free df -B1 --output=avail /
say locales sh -c "locale -a 2> /dev/null || :"
say lang sh -c "cat /etc/default/locale | grep ^LANG="
if [ -x /usr/bin/cloud-init ]; then say cloud_init sh -c "cloud-init status --long | sed -n 's/^extended_status: //p'"; fi
say fstrim systemctl show -P ExecMainStartTimestampMonotonic fstrim.service
say growfs systemctl show -P ExecMainStartTimestampMonotonic systemd-growfs-root.service
# Who and what, without when: the same text at every start.
lines journal root sh -c "journalctl -b -q -p 4 --no-pager -o short-monotonic | sed 's/^[^]]*\] [^ ]* //'"
say addresses ip -br -4 address
