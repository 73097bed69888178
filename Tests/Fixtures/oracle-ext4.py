#!/usr/bin/env python3
"""oracle-ext4.py ROOTDIR > MANIFEST

The kernel's view of a mounted tree, in the form of `pibake manifest`, to be compared line by line:
one JSON object an entry, sorted by the raw bytes of the whole path. README.md has the form.
"""
import base64
import errno
import hashlib
import json
import os
import stat
import sys

KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "symlink", stat.S_IFCHR: "char",
         stat.S_IFBLK: "block", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket"}
ZEROS = memoryview(bytes(4 << 20))
XATTRS = (b"user.", b"trusted.", b"security.", b"system.posix_acl_")


def escape(name):
    """ASCII for any bytes: outside printable ASCII, and % " \\ , as %XX."""
    return "".join(chr(c) if 0x20 <= c <= 0x7E and c not in b'%"\\' else "%%%02X" % c for c in name)


def time(nanoseconds):
    seconds, rest = divmod(nanoseconds, 10**9)  # floor: half a second before 1970 is -1.500000000
    return f"{seconds}.{rest:09d}"


def feed(hasher, handle, start, end):
    while start < end:
        data = os.pread(handle, min(len(ZEROS), end - start), start)
        if not data:
            raise OSError(f"file ends at {start}, not at {end}")
        hasher.update(data)
        start += len(data)


def pieces(handle, position, size):
    """(start, end, is data) for the whole file, as the kernel tells it."""
    while position < size:
        try:
            data = os.lseek(handle, position, os.SEEK_DATA)
        except OSError as error:
            # ENXIO: no more data. ENOENT: the kernel says so of contents that lie inside the inode.
            if error.errno == errno.ENOENT:
                yield position, size, True
                return
            if error.errno != errno.ENXIO:
                raise
            data = size
        yield position, data, False
        if data < size:
            try:
                hole = os.lseek(handle, data, os.SEEK_HOLE)
            except FileNotFoundError:
                hole = size
            yield data, hole, True
            data = hole
        position = data


def digest(name, status):
    """Of the whole content; holes are not read, where the kernel says that the file has some."""
    hasher = hashlib.sha256()
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW)
    size = status.st_size
    sparse = status.st_blocks * 512 < size
    try:
        for start, end, is_data in pieces(handle, 0, size) if sparse else [(0, size, True)]:
            if is_data:
                feed(hasher, handle, start, end)
                continue
            while start < end:
                step = min(len(ZEROS), end - start)
                hasher.update(ZEROS[:step])
                start += step
    finally:
        os.close(handle)
    return hasher.hexdigest()


def xattrs(name):
    found = {}
    for key in os.listxattr(name, follow_symlinks=False):
        raw = os.fsencode(key)
        if raw.startswith(XATTRS):
            value = os.getxattr(name, key, follow_symlinks=False)
            found[raw] = base64.b64encode(value).decode()
    return {escape(key): found[key] for key in sorted(found)}


def walk(root):
    """(path in the tree, path on the host), within one file system. Deep trees: no recursion."""
    device = os.lstat(root).st_dev
    pending = [(b"/", root)]
    while pending:
        path, name = pending.pop()
        yield path, name
        status = os.lstat(name)
        if stat.S_ISDIR(status.st_mode) and status.st_dev == device:
            base = b"" if path == b"/" else path
            pending.extend((base + b"/" + entry, os.path.join(name, entry)) for entry in os.listdir(name))


def describe(path, name, first):
    status = os.lstat(name)
    kind = KINDS[stat.S_IFMT(status.st_mode)]
    entry = {"path": escape(path), "type": kind, "mode": "%04o" % stat.S_IMODE(status.st_mode),
             "uid": status.st_uid, "gid": status.st_gid}
    if kind in ("file", "symlink"):
        entry["size"] = status.st_size
    entry["mtime"] = time(status.st_mtime_ns)
    entry["nlink"] = status.st_nlink
    if kind in ("char", "block"):
        entry["rdev"] = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    if kind == "symlink":
        entry["target"] = escape(os.readlink(name))
    if found := xattrs(name):
        entry["xattrs"] = found
    known = first.get(status.st_ino)
    if kind == "file":
        entry["sha256"] = known[1] if known else digest(name, status)
    if known:
        entry["same"] = escape(known[0])
    elif kind != "dir" and status.st_nlink > 1:
        first[status.st_ino] = (path, entry.get("sha256"))
    return entry


def main():
    root = os.fsencode(os.path.abspath(sys.argv[1]))
    first = {}
    for path, name in sorted(walk(root)):
        print(json.dumps(describe(path, name, first), separators=(",", ":"), ensure_ascii=True))


main()
