import BaseImage
import DiskImage
import Ext4
import FAT
import Storage

/// What a node's file systems are called: as those of the stock image, by whose labels scripts, fstab and cloud-init
/// find them.
struct VolumeLabels: Sendable, Equatable {
  /// The label of the boot file system.
  let boot: String
  /// The label of the root file system.
  let root: String
  /// What a GPT calls the boot partition.
  let bootPartition: String
  /// What a GPT calls the root partition.
  let rootPartition: String

  /// The labels of two volumes. A label that is empty, or that no new file system of the kind can have, is pi-gen's:
  /// "bootfs" or "rootfs".
  init(boot: StockDisk.Volume, root: StockDisk.Volume) {
    self.boot = boot.label.flatMap { FATOptions.isLabel($0) ? $0 : nil } ?? "bootfs"
    self.root = root.label.flatMap { $0.utf8.count <= 16 && !$0.contains("\u{FFFD}") ? $0 : nil } ?? "rootfs"
    bootPartition = boot.partition.name ?? self.boot
    rootPartition = root.partition.name ?? self.root
  }
}
