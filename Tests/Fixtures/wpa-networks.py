#!/usr/bin/python3
"""wpa-networks.py FILE   what wpa_supplicant's own reader makes of a configuration, one line a value.

Each line is KEY, a tab, and the value: bytes as hexadecimal digits after `x`, others as wpa_supplicant prints them. A
network begins with its ssid. A file that it refuses ends it with status 1 and what it says on standard error.
"""
import re
import subprocess
import sys

# There is no such interface: it reads the file, and gives up.
run = subprocess.run(
    ["wpa_supplicant", "-D", "none", "-i", "none", "-c", sys.argv[1], "-dd", "-K"], stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT, errors="replace", timeout=60, check=False)
text, _, _ = run.stdout.partition("Priority group")
if "Failed to read or parse" in run.stdout:
    sys.exit(run.stdout)
lines = text.splitlines()
for number, line in enumerate(lines):
    if match := re.fullmatch(r"(.*?) - hexdump_ascii\(len=(\d+)\):", line):
        key, length = match[1], int(match[2])
        digits = "".join(part[5:5 + 48].replace(" ", "") for part in lines[number + 1:number + 1 + -(-length // 16)])
        print(key, "x" + digits[:2 * length], sep="\t")
    elif match := re.fullmatch(r"(.*?) - hexdump\(len=\d+\): ([0-9a-f ]*)", line):
        print(match[1], "x" + match[2].replace(" ", ""), sep="\t")
    elif match := re.fullmatch(r"([a-z_0-9]+)(?:=|: )'?(.*?)'?(?: \(0x[0-9a-f]+\))?", line):
        print(match[1], match[2], sep="\t")
