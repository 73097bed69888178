/// The options of a mount, as fstab's fourth field and `rootflags=` have them: words between commas.
enum MountOptions {
  /// Options that Linux and mount(8) take for every file system, by what stands before `=`.
  private static let general: Set<String> = [
    "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "auto", "noauto", "user", "nouser",
    "users", "owner", "group", "sync", "async", "dirsync", "atime", "noatime", "relatime", "norelatime", "strictatime",
    "nostrictatime", "lazytime", "nolazytime", "diratime", "nodiratime", "iversion", "noiversion", "mand", "nomand",
    "silent", "loud", "nofail", "_netdev", "remount", "comment", "context", "fscontext", "defcontext", "rootcontext",
    "symfollow", "nosymfollow", "private", "rprivate", "shared", "rshared", "slave", "rslave",
  ]
  /// Options of ext4 (Documentation/admin-guide/ext4.rst, and fs/ext4/super.c of Linux 6.12).
  private static let ext4: Set<String> = [
    "bsddf", "minixdf", "grpid", "bsdgroups", "nogrpid", "sysvgroups", "resgid", "resuid", "sb", "errors", "debug",
    "oldalloc", "orlov", "user_xattr", "acl", "noload", "norecovery", "commit", "max_batch_time", "min_batch_time",
    "journal_dev", "journal_path", "journal_checksum", "nojournal_checksum", "journal_async_commit", "abort", "data",
    "data_err", "usrjquota", "grpjquota", "quota", "noquota", "grpquota", "usrquota", "prjquota", "barrier",
    "nobarrier", "i_version", "dax", "stripe", "delalloc", "nodelalloc", "warn_on_error", "nowarn_on_error",
    "debug_want_extra_isize", "block_validity", "noblock_validity", "inode_readahead_blks", "journal_ioprio",
    "auto_da_alloc", "noauto_da_alloc", "dioread_nolock", "dioread_lock", "discard", "nodiscard", "init_itable",
    "noinit_itable", "max_dir_size_kb", "test_dummy_encryption", "inlinecrypt", "mb_optimize_scan",
    "no_prefetch_block_bitmaps",
    "prefetch_block_bitmaps", "jqfmt", "fc_debug_force",
  ]

  /// Splits `options` into those that ext4 takes and those that it refuses.
  static func forExt4(_ options: String) -> (kept: String, refused: [String]) {
    var kept: [String] = []
    var refused: [String] = []
    for option in options.split(separator: ",").map(String.init) {
      let key = String(option.prefix { $0 != "=" })
      if general.contains(key) || ext4.contains(key) || key.hasPrefix("x-") || key.hasPrefix("X-") {
        kept.append(option)
      } else {
        refused.append(option)
      }
    }
    return (kept.joined(separator: ","), refused)
  }

  /// Whether a declared type, such as fstab's third field or `rootfstype=`, admits ext4.
  static func admitsExt4(_ type: String) -> Bool {
    type == "auto" || type.split(separator: ",").contains("ext4")
  }
}
