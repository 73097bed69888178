#!/usr/bin/env python3
"""oracle-fat.py IMAGE OFFSET > MANIFEST

What mtools sees in the FAT that starts at byte OFFSET of IMAGE, in the form of `pibake manifest`
(README.md): path, type, size, mtime, attr, sha256. Times are read as UTC. No mount, no root.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

ENVIRONMENT = {**os.environ, "MTOOLS_SKIP_CHECK": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def escape(name):
    return "".join(chr(c) if 0x20 <= c <= 0x7E and c not in b'%"\\' else "%%%02X" % c for c in name)


def corrected(seconds):
    # mtools takes 2100 for a leap year: from March 2100 on, its times are a day late (date(1) and Linux agree on that).
    return seconds - 86400 if seconds >= 4107628800 else seconds


def mtools(*command):
    return subprocess.run(command, env=ENVIRONMENT, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


def main():
    drive = f"{sys.argv[1]}@@{int(sys.argv[2])}"
    # Attribute letters, a blank, ::/path; D marks a folder.
    listing = {}
    for line in mtools("mattrib", "-X", "-/", "-i", drive, "::/").splitlines():
        letters, path = re.fullmatch(rb"\s*([A-Z]*) ?::(/.*)", line).groups()
        listing[path] = letters.decode()
    with tempfile.TemporaryDirectory() as folder:
        # -m keeps the time of change, -s takes hidden and system files along.
        mtools("mcopy", "-s", "-m", "-n", "-Q", "-i", drive, "::/", folder)
        for path in sorted(listing):
            entry = {"path": escape(path), "type": "dir" if "D" in listing[path] else "file"}
            attributes = "".join(letter for letter in "AHRS" if letter in listing[path])
            if entry["type"] == "file":
                name = os.fsencode(folder) + path
                with open(name, "rb") as file:
                    data = file.read()
                entry["size"] = len(data)
                entry["mtime"] = f"{corrected(int(os.stat(name).st_mtime))}.000000000"
            if attributes:
                entry["attr"] = attributes
            if entry["type"] == "file":
                entry["sha256"] = hashlib.sha256(data).hexdigest()
            print(json.dumps(entry, separators=(",", ":"), ensure_ascii=True))


main()
