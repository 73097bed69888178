#define _GNU_SOURCE 1
#include "clinux.h"

#include <errno.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

static int call(int fd, unsigned long request, void *argument) {
  return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

static int call_named(int directory, unsigned long request, const char *name) {
  struct btrfs_ioctl_vol_args arguments = {0};
  if (strlen(name) > 255) return -ENAMETOOLONG;
  strcpy(arguments.name, name);
  return call(directory, request, &arguments);
}

int pb_btrfs_create(int directory, const char *name) { return call_named(directory, BTRFS_IOC_SUBVOL_CREATE, name); }
int pb_btrfs_destroy(int directory, const char *name) { return call_named(directory, BTRFS_IOC_SNAP_DESTROY, name); }

int pb_btrfs_snapshot(int directory, const char *name, int source) {
  struct btrfs_ioctl_vol_args_v2 arguments = {.fd = source};
  if (strlen(name) > 255) return -ENAMETOOLONG;
  strcpy(arguments.name, name);
  return call(directory, BTRFS_IOC_SNAP_CREATE_V2, &arguments);
}

int pb_btrfs_set_received(int subvolume, const uint8_t *uuid, uint64_t generation) {
  struct btrfs_ioctl_received_subvol_args arguments = {.stransid = generation};
  memcpy(arguments.uuid, uuid, sizeof arguments.uuid);
  return call(subvolume, BTRFS_IOC_SET_RECEIVED_SUBVOL, &arguments);
}

int pb_btrfs_received(int subvolume, uint8_t *uuid) {
  struct btrfs_ioctl_get_subvol_info_args arguments = {0};
  int result = call(subvolume, BTRFS_IOC_GET_SUBVOL_INFO, &arguments);
  memcpy(uuid, arguments.received_uuid, sizeof arguments.received_uuid);
  return result;
}

int pb_btrfs_set_readonly(int subvolume, int readonly) {
  uint64_t flags = readonly ? BTRFS_SUBVOL_RDONLY : 0;
  return call(subvolume, BTRFS_IOC_SUBVOL_SETFLAGS, &flags);
}

int pb_btrfs_is_readonly(int subvolume) {
  uint64_t flags = 0;
  int result = call(subvolume, BTRFS_IOC_SUBVOL_GETFLAGS, &flags);
  return result < 0 ? result : (flags & BTRFS_SUBVOL_RDONLY) != 0;
}

int pb_btrfs_is(int fd) {
  struct statfs status;
  return fstatfs(fd, &status) < 0 ? -errno : status.f_type == BTRFS_SUPER_MAGIC;
}
