#!/bin/sh
# Before any package: what must lie in the tree when the kernel packages are set up.
#
# mkinitramfs is by far the slowest step under emulation (one emulated cp a module; MODULES=most
# copies 900 of them). So it never runs from a package's hook, only once at the end, and with a
# list: what a Pi 3/4, QEMU's machines, USB disks, btrfs and NFS roots need.
set -e
root=$1 suite=$2
conf=$root/etc/initramfs-tools
mkdir -p "$conf/conf.d" "$conf/hooks"
printf '%s\n' 'update_initramfs=no' 'backup_initramfs=no' > "$conf/update-initramfs.conf"
echo MODULES=list > "$conf/conf.d/pi"
cat > "$conf/hooks/pi-modules" <<'HOOK'
#!/bin/sh
[ "$1" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules ext4 btrfs vfat nls_ascii nls_cp437 nls_iso8859_1 squashfs overlay loop nbd crc32c_generic
manual_add_modules nfs nfsv3 nfsv4 af_packet
manual_add_modules virtio_pci virtio_mmio virtio_blk virtio_net virtio_scsi virtio_rng
manual_add_modules sd_mod sr_mod usb_storage uas usbhid hid_generic phy_generic nop_usb_xceiv
manual_add_modules xhci_pci xhci_plat_hcd ehci_pci ehci_platform dwc2 pcie_brcmstb
manual_add_modules bcm2835 sdhci_iproc mmc_block bcm2835_wdt bcm2835_thermal i2c_bcm2835
manual_add_modules clk_raspberrypi reset_raspberrypi raspberrypi_cpufreq gpio_regulator fixed leds_gpio
manual_add_modules genet lan78xx smsc95xx cdc_ether cdc_ncm rndis_host r8152 ax88179_178a e1000 e1000e
manual_add_modules broadcom bcm_phy_lib bcm7xxx microchip smsc mdio_bcm_unimac
HOOK
chmod 755 "$conf/hooks/pi-modules"
# What Raspberry Pi OS adds to its initramfs, for the first start.
mkdir -p "$root/usr/share/initramfs-tools"
cp -R "$(dirname "$0")/initramfs/$suite/." "$root/usr/share/initramfs-tools/"
# raspi-firmware's kernel hook refuses to work without its folder.
mkdir -p "$root/boot/firmware"
