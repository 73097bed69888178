#define _GNU_SOURCE 1
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/fs.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

_Static_assert(PB_RENAME_NOREPLACE == RENAME_NOREPLACE && PB_RENAME_EXCHANGE == RENAME_EXCHANGE, "renameat2 flags");
_Static_assert(PB_RESOLVE_BENEATH == RESOLVE_BENEATH && PB_RESOLVE_NO_SYMLINKS == RESOLVE_NO_SYMLINKS &&
                   PB_RESOLVE_NO_MAGICLINKS == RESOLVE_NO_MAGICLINKS, "openat2 flags");

const int PB_O_PATH = O_PATH, PB_O_DIRECT = O_DIRECT, PB_O_TMPFILE = O_TMPFILE, PB_SEEK_DATA = SEEK_DATA, PB_SEEK_HOLE = SEEK_HOLE;

static int64_t result(int64_t value) { return value < 0 ? -errno : value; }

int64_t pb_copy_file_range(int source, int64_t source_offset, int target, int64_t target_offset, size_t count) {
  off64_t from = source_offset, to = target_offset;
  return result(copy_file_range(source, &from, target, &to, count, 0));
}

int pb_renameat2(int old_directory, const char *old_name, int new_directory, const char *new_name, unsigned flags) {
  return (int)result(renameat2(old_directory, old_name, new_directory, new_name, flags));
}

int pb_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return (int)result(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

int pb_syncfs(int fd) { return (int)result(syncfs(fd)); }
int64_t pb_file_system_type(int fd) {
  struct statfs status;
  return fstatfs(fd, &status) < 0 ? -errno : (int64_t)status.f_type;
}
int pb_start_writeback(int fd, int64_t offset, int64_t count) {
  return (int)result(sync_file_range(fd, offset, count, SYNC_FILE_RANGE_WRITE));
}
int64_t pb_write_direct(int source, int64_t source_offset, int target, int64_t target_offset, size_t count) {
  void *bytes = mmap(NULL, count, PROT_READ, MAP_SHARED | MAP_POPULATE, source, source_offset);
  if (bytes == MAP_FAILED) return -errno;
  // This process never looks at the bytes: a source that was cut short meanwhile is EFAULT here, and no signal.
  int64_t written = result(pwrite(target, bytes, count, target_offset));
  munmap(bytes, count);
  return written;
}
int pb_start_reading(int fd, int64_t offset, int64_t count) {
  return -posix_fadvise(fd, offset, count, POSIX_FADV_WILLNEED);
}
int pb_ficlonerange(int target, int64_t target_offset, int source, int64_t source_offset, int64_t count) {
  struct file_clone_range range = {
      .src_fd = source, .src_offset = source_offset, .src_length = count, .dest_offset = target_offset};
  return (int)result(ioctl(target, FICLONERANGE, &range));
}
int pb_ficlone(int target, int source) { return (int)result(ioctl(target, FICLONE, source)); }
int pb_punch_hole(int fd, int64_t offset, int64_t count) {
  return (int)result(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count));
}

uint64_t pb_makedev(uint32_t major_number, uint32_t minor_number) { return makedev(major_number, minor_number); }
uint32_t pb_major(uint64_t device) { return major(device); }
uint32_t pb_minor(uint64_t device) { return minor(device); }

int64_t pb_lgetxattr(const char *path, const char *name, void *value, size_t count) {
  return result(lgetxattr(path, name, value, count));
}
int64_t pb_llistxattr(const char *path, char *list, size_t count) { return result(llistxattr(path, list, count)); }
int pb_lsetxattr(const char *path, const char *name, const void *value, size_t count) {
  return (int)result(lsetxattr(path, name, value, count, 0));
}
int pb_lremovexattr(const char *path, const char *name) { return (int)result(lremovexattr(path, name)); }
int64_t pb_fgetxattr(int fd, const char *name, void *value, size_t count) {
  return result(fgetxattr(fd, name, value, count));
}
int64_t pb_flistxattr(int fd, char *list, size_t count) { return result(flistxattr(fd, list, count)); }
int pb_fsetxattr(int fd, const char *name, const void *value, size_t count) {
  return (int)result(fsetxattr(fd, name, value, count, 0));
}
#else
#error "pibake writes disks on Linux; other systems need their own branch of this file."
#endif

int pb_window_columns(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) < 0 ? -errno : size.ws_col;
}

int pb_affinity_count(void) {
#ifdef __linux__
  // The kernel says EINVAL to a set that is smaller than its own.
  for (int size = 1024; size <= 1 << 20; size *= 2) {
    cpu_set_t *set = CPU_ALLOC(size);
    if (!set) break;
    int failed = sched_getaffinity(0, CPU_ALLOC_SIZE(size), set);
    int count = failed ? 0 : CPU_COUNT_S(CPU_ALLOC_SIZE(size), set);
    CPU_FREE(set);
    if (count > 0) return count;
    if (errno != EINVAL) break;
  }
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online < 1 ? 1 : (int)online;
}

void pb_bound_allocator(void) {
#ifdef __GLIBC__
  // glibc raises this limit to the size of what is freed, up to 32 MiB; then each thread that has compressed a chunk keeps
  // what that took, though only a few compress at a time.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

int64_t pb_peak_memory(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) < 0 ? -errno : (int64_t)usage.ru_maxrss * 1024;
}
