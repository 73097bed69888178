#!/bin/sh
# After the packages: the user, the groups and the services as Raspberry Pi OS has them.
# Plain text files are not made here but when an image is built, so that this slow half seldom changes.
set -e
chroot "$1" /bin/sh -e <<'INSIDE'
id -u pi > /dev/null 2>&1 || useradd -m -s /bin/bash -u 1000 -U -c "" pi
for group in spi i2c gpio; do groupadd -f -r "$group"; done
for group in adm dialout cdrom sudo audio video plugdev games users input render netdev gpio i2c spi; do
  usermod -aG "$group" pi 2> /dev/null || :
done
usermod -p '*' root
systemctl disable ssh 2> /dev/null || :
systemctl disable nfs-common rpcbind 2> /dev/null || :
if test -x /usr/sbin/NetworkManager; then
  dpkg --purge ifupdown 2> /dev/null || :
else
  systemctl enable systemd-networkd systemd-resolved
fi
rm -f /etc/ssh/ssh_host_*
sed -i 's/^update_initramfs=.*/update_initramfs=yes/' /etc/initramfs-tools/update-initramfs.conf
rm -f /etc/initramfs-tools/update-initramfs.conf.dpkg-*
# mkinitramfs sets a PATH of its own, in which the lent tools are not (hook-native-in.sh).
cp -p /usr/sbin/mkinitramfs /usr/sbin/mkinitramfs.own
sed -i "s#^\(export PATH='\)#\1/usr/local/bin:#" /usr/sbin/mkinitramfs
update-initramfs -c -k all
mv -f /usr/sbin/mkinitramfs.own /usr/sbin/mkinitramfs
INSIDE
# What mmdebstrap's options left behind.
rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
