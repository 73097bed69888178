// The calls that Swift's C library module cannot name: what hides behind _GNU_SOURCE, macros that are not constants,
// and the CRC-32C instructions.
//
// _GNU_SOURCE stays out of this header: it changes fd_set and other structures, and two C modules that disagree about
// those cannot be imported side by side.
//
// Every function that can fail returns a negative errno.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Values that differ between architectures.
extern const int PB_O_PATH, PB_O_DIRECT, PB_O_TMPFILE, PB_SEEK_DATA, PB_SEEK_HOLE;

enum { PB_RENAME_NOREPLACE = 1, PB_RENAME_EXCHANGE = 2 };
enum { PB_RESOLVE_NO_MAGICLINKS = 2, PB_RESOLVE_NO_SYMLINKS = 4, PB_RESOLVE_BENEATH = 8 };

int64_t pb_copy_file_range(int source, int64_t source_offset, int target, int64_t target_offset, size_t count);
int pb_renameat2(int old_directory, const char *old_name, int new_directory, const char *new_name, unsigned flags);
int pb_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int pb_syncfs(int fd);
// The f_type of statfs(2): which file system `fd` lies on.
int64_t pb_file_system_type(int fd);
// Begins to bring a written range to the disk, and does not wait for it.
int pb_start_writeback(int fd, int64_t offset, int64_t count);
// Writes a range of `source`, mapped into memory, to `target`, which is open with O_DIRECT: all three numbers are multiples of its blocks.
int64_t pb_write_direct(int source, int64_t source_offset, int target, int64_t target_offset, size_t count);
// Begins to read a range into the page cache, and does not wait for it.
int pb_start_reading(int fd, int64_t offset, int64_t count);
int pb_ficlonerange(int target, int64_t target_offset, int source, int64_t source_offset, int64_t count);
int pb_ficlone(int target, int source);
int pb_punch_hole(int fd, int64_t offset, int64_t count);

// btrfs: `directory` is the open folder that holds, or gets, the subvolume called `name`.
int pb_btrfs_create(int directory, const char *name);
int pb_btrfs_snapshot(int directory, const char *name, int source);
int pb_btrfs_destroy(int directory, const char *name);
// `subvolume` is an open subvolume's root; UUIDs have 16 bytes.
int pb_btrfs_set_received(int subvolume, const uint8_t *uuid, uint64_t generation);
int pb_btrfs_received(int subvolume, uint8_t *uuid);
int pb_btrfs_set_readonly(int subvolume, int readonly);
// 1 or 0.
int pb_btrfs_is_readonly(int subvolume);
// Whether `fd` lies on a btrfs: 1 or 0.
int pb_btrfs_is(int fd);

uint64_t pb_makedev(uint32_t major, uint32_t minor);
uint32_t pb_major(uint64_t device);
uint32_t pb_minor(uint64_t device);

int64_t pb_lgetxattr(const char *path, const char *name, void *value, size_t count);
int64_t pb_llistxattr(const char *path, char *list, size_t count);
int pb_lsetxattr(const char *path, const char *name, const void *value, size_t count);
int pb_lremovexattr(const char *path, const char *name);
int64_t pb_fgetxattr(int fd, const char *name, void *value, size_t count);
int64_t pb_flistxattr(int fd, char *list, size_t count);
int pb_fsetxattr(int fd, const char *name, const void *value, size_t count);

int pb_window_columns(int fd);
// The number of processors that the calling thread may run on, at least 1 (sched_getaffinity).
int pb_affinity_count(void);

// CRC-32C, reflected, without inversion before or after: the form that ext4 and btrfs chain.
uint32_t pb_crc32c(uint32_t seed, const void *bytes, size_t count);

// Lets the allocator give large pieces of memory back when they are freed, on whichever thread that is.
void pb_bound_allocator(void);

// The largest resident set of this process so far, in bytes.
int64_t pb_peak_memory(void);
