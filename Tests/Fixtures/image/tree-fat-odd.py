#!/usr/bin/env python3
"""tree-fat-odd.py FOLDER LONGEST   names, sizes and folders that a reader of FAT gets wrong first."""
import os
import random
import sys

rng = random.Random(5)
os.makedirs(sys.argv[1])
os.chdir(sys.argv[1])


def put(name, data=None):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "wb") as out:
        out.write(name.encode() + b"\n" if data is None else data)


# Short names: plain, all lower (two case bits and no long name), mixed (a long name), no extension, longest.
for name in ("UPPER.TXT", "lower.txt", "Mixed.Txt", "base.TXT", "EXT.txt", "NOEXT", "A.B", "12345678.123"):
    put("case/" + name)
# A long name is stored in pieces of 13 characters: at, below and above the borders; and the longest of all.
for length in (12, 13, 14, 25, 26, 27, 39, int(sys.argv[2])):
    put("lengths/" + (f"{length}-" + "abcdefghijklm" * 20)[:length])
for name in ("Grüße-字.txt", "e\u0301 decomposed", "\u00e9 composed", "ǅ titlecase", "файл.данные",
             "+,;=[] are long only", "name with  two blanks", ".hidden", "dots.in.the.name", "~tilde~1",
             "%41", "#hash", "'quote'", "{brace}&$!@^`()-_", "\u007f delete"):
    put("names/" + name)  # no emoji: mtools cuts what needs two UTF-16 units
# Short forms that collide: LONGNA~1 .. ~9, ~10, ...
for number in range(1, 15):
    put(f"collide/longname number {number}.text")
# A folder over several clusters, each name three entries long.
for number in range(300):
    put(f"big/a name of three pieces {number:04d}", b"%d" % number)
for size in (0, 1, 511, 512, 513, 2047, 2048, 2049, 4096, 65536):
    put(f"sizes/{size}", rng.randbytes(size))
put("/".join(["deep"] + ["level %d" % level for level in range(12)]) + "/leaf")
for name in ("empty-folder", "folder-hidden"):
    os.makedirs(name)
for name in ("hidden", "readonly", "system", "none", "all-but-a"):
    put("attr-" + name)
for name in ("odd-second", "first", "last"):
    put("time-" + name)
