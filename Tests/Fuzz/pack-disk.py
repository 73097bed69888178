#!/usr/bin/env python3
"""Writes a disk image as the fuzzers take it (SparseInput.swift): pack-disk.py CHOICE IMAGE > SEED"""
import struct
import sys

UNIT = 64

choice, path = int(sys.argv[1]), sys.argv[2]
with open(path, "rb") as file:
    image = file.read()
out = bytearray(struct.pack("<BI", choice, len(image) // 1024))
start = 0
while start < len(image):
    end = start
    while end < len(image) and end - start < 1024 and any(image[end : end + UNIT]):
        end += UNIT
    data = image[start:end].rstrip(b"\0")
    if data:
        out += struct.pack("<IH", start // UNIT, len(data)) + data
    start = max(end, start + UNIT)
sys.stdout.buffer.write(out)
