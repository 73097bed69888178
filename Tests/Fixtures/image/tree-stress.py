#!/usr/bin/env python3
"""tree-stress.py ROOT BIGDIR BLOCKSIZE

/srv/stress: files that a reader of ext4 gets wrong first. Only what a plain folder can hold; what
needs privilege or hands on the inodes (devices, owners, times, flags, fragments) is added by
ext4-commands.py once the file system is there, on the empty files made here for it.
BIGDIR is the number of entries of the big directory.
"""
import os
import random
import subprocess
import sys

ROOT, BIGDIR, BLOCK = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(7)


def put(name, data=b"x\n", mode=0o644):
    folder = os.path.dirname(name)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(name, "wb") as out:
        out.write(data)
    os.chmod(name, mode)


def sparse(name, size, pieces):
    with open(name, "wb") as out:
        for offset, data in pieces:
            out.seek(offset)
            out.write(data)
        out.truncate(size)


def names():
    put("names/" + "a" * 255)
    put("names/" + "\u5b57" * 85)  # also 255 bytes
    # The same word composed and decomposed: equal as Swift Strings, different as bytes.
    put("names/caf\u00e9", b"NFC\n")
    put("names/cafe\u0301", b"NFD\n")
    for number, name in enumerate(("README", "readme", "ReadMe")):
        put("names/" + name, b"%d" % (number + 1))
    for name in (" lead", "trail ", "-dash", "trail.", "back\\slash", "new\nline", "tab\there", "quote'\"", "*?[x]",
                 "%41", "#hash", "~tilde", "\U0001f353pi", "a:b", "con", "\x01ctl", "..hidden", "..."):
        put("names/" + name)
    put(b"names/invalid-\xff\xfe\x80-utf8")
    put(b"names/latin1-\xe9t\xe9")


def sizes():
    for size in (0, 1, 59, 60, 61, 100, 155, 156, 1023, 1024, 1025, 4095, 4096, 4097, 8192, 65535, 65536, 65537):
        put(f"sizes/{size}", rng.randbytes(size))
    put("sizes/3MiB+7", rng.randbytes(3 * 1048576 + 7))


def folders():
    # Many entries (htree), ten names an inode.
    os.makedirs("bigdir")
    for number in range(BIGDIR // 10):
        first = f"bigdir/entry-{number:05d}-{'n' * (number % 40)}"
        put(first, b"%d\n" % number)
        for other in range(1, 10):
            os.link(first, f"bigdir/link{other}-{number:05d}")
    put("/".join(["deep"] + ["d%02d-" % level + "p" * 40 for level in range(60)]) + "/leaf", b"deep\n")
    put("deep2" + "/x" * 200 + "/leaf")
    put("hard/a/one", b"shared\n")
    os.makedirs("hard/b")
    os.link("hard/a/one", "hard/b/two")
    os.link("hard/a/one", "hard-three")
    os.makedirs("empty-folder")


def symlinks():
    os.makedirs("symlinks")
    for length in (1, 10, 58, 59, 60, 61, 62, 255, 256, 1000, 4000, 4095):  # 60 and more leave the inode
        if length < BLOCK:  # the longest that fits one block
            os.symlink("t" * length if length < 256 else ("seg/" * 1100)[:length], f"symlinks/len{length}")
    os.symlink("/etc/hostname", "symlinks/abs")
    os.symlink("../sizes/100", "symlinks/rel")
    os.symlink("loop", "symlinks/loop")
    os.symlink("caf\u00e9/\u5b57", "symlinks/utf8")
    os.symlink(b"bad-\xff", b"symlinks/badutf8")
    os.symlink("../../../../../../etc/passwd", "symlinks/escape")


def holes():
    os.makedirs("sparse")
    sparse("sparse/hole-only-10M", 10 << 20, [])
    sparse("sparse/hole-first", (1 << 20) + 5, [(1 << 20, b"tail\n")])
    sparse("sparse/hole-last", 1 << 20, [(0, b"head\n")])
    sparse("sparse/mid", 1 << 22, [(0, b"A" * 4096), (1 << 21, b"B" * 4096)])
    # 1600 extents of one block: a tree of depth 2 (4 in the inode, 340 in a leaf of 4 KiB).
    sparse("sparse/comb-1600", 1600 * 8192, [(n * 8192, (b"%08d" % n) * 512) for n in range(1600)])
    # Over 32 bits of offset; without extents it reaches into the triply indirect blocks.
    sparse("sparse/over-4GiB", (4 << 30) + (8 << 20) + 123,
           [(0, b"start"), ((1 << 32) - 2, b"4GiB"), ((4 << 30) + (6 << 20), b"Z" * 5000),
            ((4 << 30) + (8 << 20) + 118, b"end!\n")])


def modes():
    for mode in (0o000, 0o001, 0o400, 0o4755, 0o2755, 0o6755, 0o1644, 0o7777):
        put(f"modes/f{mode:04o}", b"m", mode)
    for mode in (0o700, 0o1777, 0o2775, 0o3777):
        os.makedirs(f"modes/d{mode:04o}")
        os.chmod(f"modes/d{mode:04o}", mode)


def empty_for_debugfs():
    for name in ("xattr/user-small xattr/user-empty xattr/user-big xattr/user-many xattr/cap xattr/trusted "
                 "time/epoch0 time/pre1970 time/min1901 time/post2038 time/post2106 time/max2446 time/nsec "
                 "ids/uid65536 ids/uidmax ids/gid2g flags/immutable flags/append flags/nodump flags/noatime").split():
        put(name)
    os.makedirs("special")
    os.makedirs("frag")


def access_lists():
    put("xattr/acl")
    os.makedirs("xattr/acl-dir")
    # An owner may set these without privilege, and mke2fs -d copies them.
    subprocess.run(["setfacl", "-m", "u:1000:rw,g:44:r,m::rw", "xattr/acl"], check=True)
    subprocess.run(["setfacl", "-m", "u:1000:rwx", "-d", "-m", "u::rwx,g::rx,o::-,u:1000:rwx,m::rwx",
                    "xattr/acl-dir"], check=True)


os.umask(0o022)
os.makedirs(ROOT + "/srv/stress")
os.chdir(ROOT + "/srv/stress")
for part in (names, sizes, folders, symlinks, holes, modes, empty_for_debugfs, access_lists):
    part()
