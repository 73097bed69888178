#!/usr/bin/env python3
"""ext4-commands.py FS BLOCKSIZE INODESIZE SCRATCH > COMMANDS

Commands for debugfs: what a plain user cannot put into a folder, written straight into the inodes.
SCRATCH is a folder for the values that debugfs reads from files.
"""
import os
import sys

FS, BLOCK, INODE, SCRATCH = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
STRESS = "/srv/stress"
FIELDS = ("mtime", "atime", "ctime", "crtime")


def say(*lines):
    print(*lines, sep="\n")


def scratch(name, data):
    with open(os.path.join(SCRATCH, name), "wb") as out:
        out.write(data)
    return os.path.join(SCRATCH, name)


def devices():
    # The static nodes that debootstrap leaves in /dev.
    say("cd /dev")
    for node in ("console c 5 1", "full c 1 7", "null c 1 3", "ptmx c 5 2", "random c 1 8", "tty c 5 0",
                 "urandom c 1 9", "zero c 1 5"):
        say("mknod " + node, f"sif {node.split()[0]} mode 020666")
    say(f"cd {STRESS}/special", "mknod null c 1 3", "sif null mode 020666",
        "mknod sda1 b 8 1", "sif sda1 mode 060660", "sif sda1 gid 6",
        "mknod fifo p", "sif fifo mode 010640", "ln fifo fifo-hard", "sif fifo links_count 2",
        "mknod sock p", "sif sock mode 0140755")
    # mke2fs -d would make two links of it.
    say(f"cd {STRESS}/symlinks", "ln abs abs-hardlink", "sif abs links_count 2", f"cd {STRESS}/special")
    # mknod stops at 255; larger numbers have Linux's new encoding in the second block word.
    for name, kind, mode, major, minor in (("big", "c", "020600", 300, 70000), ("big2", "b", "060600", 4095, 1048575)):
        word = (minor & 0xFF) | (major << 8) | ((minor & ~0xFF) << 12)
        say(f"mknod {name} {kind} 1 1", f"sif {name} block[0] 0", f"sif {name} block[1] {word & 0xFFFFFFFF}",
            f"sif {name} mode {mode}")


def xattrs():
    say(f"cd {STRESS}/xattr", "ea_set user-small user.comment hello", "ea_set user-small user.two zwei",
        "ea_set -f %s user-empty user.empty" % scratch("empty", b""),
        "ea_set -f %s user-big user.big" % scratch("big", b"B" * 3500))
    for number in range(1, 41):
        say(f"ea_set user-many user.key{number:02d} value-of-key-{number:02d}")
    # VFS_CAP_REVISION_2, effective: cap_net_raw=ep
    say("ea_set -f %s cap security.capability" % scratch("cap", b"\1\0\0\2\0\x20" + bytes(14)), "sif cap mode 0100755")
    say("ea_set trusted trusted.overlay.opaque y", "ea_set trusted security.selinux system_u:object_r:etc_t:s0")


def times():
    # FIELD holds the low 32 bits of the seconds, FIELD_extra nanoseconds << 2 | two more bits of seconds.
    say(f"cd {STRESS}/time")
    for name, low, epoch, nanos in (("epoch0", 0, 0, 0), ("pre1970", -1, 0, 500000000), ("min1901", -2147483648, 0, 0),
                                    ("post2038", 2147483648, 1, 1), ("post2106", 0, 1, 0),
                                    ("max2446", 2147483647, 3, 999999999), ("nsec", 1700000000, 0, 123456789)):
        for field in FIELDS:
            if INODE == 128 and field == "crtime":
                continue
            say(f"sif {name} {field} {low & 0xFFFFFFFF:#x}")
            if INODE > 128:
                say(f"sif {name} {field}_extra {nanos << 2 | epoch}")


def owners_and_flags():
    say(f"cd {STRESS}/ids", "sif uid65536 uid 65536", "sif uid65536 gid 65537", "sif uidmax uid 4294967294",
        "sif uidmax gid 4294967294", "sif gid2g gid 2147483648")
    # The flags word is written whole: keep the bit that says how the contents are stored.
    stored = {"inline": 0x10000000, "noextent": 0}.get(FS, 0x00080000)
    say(f"cd {STRESS}/flags")
    for name, bit in (("immutable", 0x10), ("append", 0x20), ("nodump", 0x40), ("noatime", 0x80)):
        say(f"sif {name} flags {stored | bit:#x}")


def fragments():
    """Two files whose blocks alternate on disk, unwritten extents, and blocks past the end of a file."""
    count = 1500
    seed = scratch("seed", b"s" * BLOCK)  # one real block first: an empty file would lie inline with inline_data
    say(f"cd {STRESS}/frag", *(f"write {seed} {name}" for name in ("alt-a", "alt-b", "unwritten")))
    for block in range(1, count):
        say(f"bmap -a alt-a {block}", f"bmap -a alt-b {block}")
    for block in range(1, count, 7):
        say(f"zap_block -f alt-a -p {block % 255 + 1:#04x} {block}",
            f"zap_block -f alt-b -p {(block + 9) % 255 + 1:#04x} {block}")
    say(f"sif alt-a size {count * BLOCK - 17}", f"sif alt-b size {count * BLOCK}", f"sif unwritten size {512 * BLOCK}")
    if FS != "noextent":
        say("fallocate unwritten 1 511", f"fallocate alt-b {count + 1} {count + 64}")


for part in (devices, xattrs, times, owners_and_flags, fragments):
    part()
