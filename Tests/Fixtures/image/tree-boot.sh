#!/bin/bash
# tree-boot.sh ROOT BOOT DISKID PROFILE bookworm|trixie   the content of the FAT, from the root tree's own packages.
set -euo pipefail
root=$1 boot=$2 id=$3 profile=$4 dialect=$5
mkdir -p "$boot/overlays"

# What raspi-firmware's hook wrote is not Raspberry Pi OS's layout; what the packages ship is used instead.
rm -rf "$root/boot/firmware"
mkdir -m 755 "$root/boot/firmware"
rm -f "$root"/vmlinuz* "$root"/initrd.img*

kernels=("$root"/boot/vmlinuz-*)
version=$(printf '%s\n' "${kernels[@]##*/vmlinuz-}" | sort -V | tail -n 1)
dtbs=$root/usr/lib/linux-image-$version/broadcom

find "$root/usr/lib/raspi-firmware" -maxdepth 1 -type f -exec cp -t "$boot" {} +
find "$dtbs" -name 'bcm27*.dtb' -o -name 'bcm283*.dtb' | sort | xargs -r cp -t "$boot"
# The same boards under the names of Raspberry Pi's own kernel.
for board in 3-b 3-b-plus cm3-io3 zero-2-w; do
  if [ -e "$boot/bcm2837-rpi-$board.dtb" ]; then
    cp "$boot/bcm2837-rpi-$board.dtb" "$boot/bcm2710-rpi-${board/cm3-io3/cm3}.dtb"
  fi
done
# Raspberry Pi OS ships its kernel gzipped.
gzip -9nc "$root/boot/vmlinuz-$version" > "$boot/kernel8.img"
cp "$root/boot/initrd.img-$version" "$boot/initramfs8"
if [ "$profile" != mini ]; then
  # A Pi 5's pair; here the same kernel under another name.
  cp "$boot/kernel8.img" "$boot/kernel_2712.img"
  cp "$boot/initramfs8" "$boot/initramfs_2712"
fi

# Debian has no overlays: small genuine ones under well-known names.
overlays="act-led ads1115 cma disable-bt disable-wifi dwc2 gpio-ir gpio-shutdown hifiberry-dac hifiberry-dacplus
  i2c-rtc i2c-sensor i2c0 i2c1 imx219 imx477 imx708 mcp2515-can0 miniuart-bt ov5647 pps-gpio rpi-poe rpi-poe-plus
  sdhost sdio spi0-1cs spi1-3cs uart0 uart1 upstream upstream-pi4 vc4-fkms-v3d vc4-kms-v3d vc4-kms-v3d-pi4 w1-gpio"
if [ "$profile" = lite ]; then overlays="$overlays $(seq -f 'sample-overlay-%g' 240)"; fi
for name in $overlays; do
  dtc -q -@ -I dts -O dtb -o "$boot/overlays/$name.dtbo" - <<END
/dts-v1/;
/plugin/;
/ { compatible = "brcm,bcm2835"; fragment@0 { target-path = "/"; __overlay__ { status = "okay"; pibake,name = "$name"; }; }; };
END
done
cp "$boot/overlays/cma.dtbo" "$boot/overlays/overlay_map.dtb"
echo 'Device tree overlays (stand-ins)' > "$boot/overlays/README"

start="console=serial0,115200 console=tty1 root=PARTUUID=$id-02 rootfstype=ext4 fsck.repair=yes rootwait"
case $dialect in
  bookworm) echo "$start quiet init=/usr/lib/raspberrypi-sys-mods/firstboot" > "$boot/cmdline.txt" ;;
  trixie) echo "$start resize" > "$boot/cmdline.txt" ;;
esac
cp "$root/etc/rpi-issue" "$boot/issue.txt"
cp "$(dirname "$0")/config.txt" "$boot/config.txt"
if [ "$dialect" = trixie ]; then sed -i 's/^\[all\]$/[pi5]\ndtoverlay=nospi10\n\n[all]/' "$boot/config.txt"; fi

if [ "$dialect" = trixie ]; then
  printf '# This is the meta-data configuration file for cloud-init.\ndsmode: local\ninstance_id: rpios-image\n' > "$boot/meta-data"
  printf '#cloud-config\n# Everything here is a comment until somebody edits it.\n#hostname: raspberrypi\n' > "$boot/user-data"
  printf '# This file is read by netplan on the first boot.\n#network:\n#  version: 2\n' > "$boot/network-config"
fi
