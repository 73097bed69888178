#!/usr/bin/env python3
"""journal-commands.py OLD NEW SCRATCH BLOCK > COMMANDS

Commands for debugfs that write into OLD's journal each block in which NEW differs. The superblock's
block stays out: it holds the "needs recovery" flag itself. Three transactions, so that a reader which
is only nearly right is found out:
  1. rubbish for BLOCK (a file's content, the same in OLD and NEW), and for the first changed block
  2. BLOCK revoked: the rubbish must not be replayed
  3. the changed blocks; the first one's rubbish is overtaken
"""
import os
import sys

OLD, NEW, SCRATCH, BLOCK = sys.argv[1:5]


def block_size(path):
    with open(path, "rb") as file:
        file.seek(1024 + 24)
        return 1024 << int.from_bytes(file.read(4), "little")


def different(size):
    with open(OLD, "rb") as old, open(NEW, "rb") as new:
        number = 0
        while True:
            a, b = old.read(1 << 20), new.read(1 << 20)
            if not a:
                return
            if a != b:
                for start in range(0, len(a), size):
                    if a[start:start + size] != b[start:start + size]:
                        yield number + start // size, b[start:start + size]
            number += len(a) // size


size = block_size(OLD)
superblock = 1024 // size
changed = [(number, data) for number, data in different(size) if number != superblock]
rubbish, contents = (os.path.join(SCRATCH, name) for name in ("rubbish", "contents"))
with open(rubbish, "wb") as out:
    out.write(b"rubbish " * (2 * size // 8))
with open(contents, "wb") as out:
    out.writelines(data for _, data in changed)
# As the kernel does: a file system with checksums has a journal with checksums.
with open(OLD, "rb") as file:
    file.seek(1024 + 100)
    checksums = int.from_bytes(file.read(4), "little") & 0x400
print("journal_open -c -v 3" if checksums else "journal_open")
print(f"journal_write -b {BLOCK},{changed[0][0]} {rubbish}")
print(f"journal_write -r {BLOCK}")
print("journal_write -b", ",".join(str(number) for number, _ in changed), contents)
print("journal_close")
