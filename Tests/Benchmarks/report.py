#!/usr/bin/env python3
"""report.py FOLDER: the results of bench.sh as a table on standard output, and as FOLDER/chart.svg."""
import json
import pathlib
import sys

ROWS = {
    "decode": (".xz to a sparse file, with digests", "xz -T0 -dc to a file"),
    "walk": ("read all metadata", "e2fsck -fn"),
    "manifest": ("SHA-256 of every file", "find, sha256sum on all cores"),
    "extract": ("the whole root into a folder, as root", "cp -a from a loop mount"),
    "cat": ("one file out of the .xz", "xz -T0 -dc, debugfs"),
    "bake": ("a node's disk, warm", "cp --sparse=always, sync"),
    "manual": ("a node's disk, warm", "cp, losetup, mount, sed, umount"),
    "virt-customize": ("a node's disk, warm", "cp, virt-customize"),
    "ext4": ("a node's disk, warm", "mke2fs -d of the same tree"),
    "compress-xz": ("a node's disk as .img.xz", "xz -T0"),
    "compress-zstd": ("a node's disk as .img.zst", "zstd -T0"),
    "fleet-xz": ("20 nodes' disks as .img.xz, none packed before", "pibake, one node"),
    "clone": ("21 nodes' disks on btrfs", "pibake, one node"),
    "stream": ("a base and a node as btrfs streams", "btrfs send of the base"),
}


def load(folder, row):
    """The medians of one row: (seconds, CPU seconds, MiB) of the peer and of pibake."""
    sides = {}
    for result in json.loads((folder / f"{row}.json").read_text())["results"]:
        memory = int((folder / f"{row}.{result['command']}.kib").read_text().split()[-1]) / 1024
        sides[result["command"]] = (result["median"], cpu(result), memory)
    return sides["peer"], sides["pibake"]


def cpu(result):
    return None if result["user"] is None else result["user"] + result["system"]


def seconds(value):
    if value is None:
        return "–"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def table(results):
    print("| work | peer | peer's time | pibake | ratio | CPU, peer / pibake | memory, peer / pibake |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row, (peer, ours) in results.items():
        work, name = ROWS[row]
        print(
            f"| {work} | {name} | {seconds(peer[0])} | {seconds(ours[0])} | {ours[0] / peer[0]:.2f} "
            f"| {seconds(peer[1])} / {seconds(ours[1])} | {peer[2]:.0f} / {ours[2]:.0f} MiB |"
        )


def chart(results):
    """Horizontal bars: pibake's time as a part of its peer's, on a scale where the peer is one."""
    width, left, line = 860, 380, 34
    height = line * len(results) + 40
    scale = (width - left - 90) / max(1.2, *(ours[0] / peer[0] for peer, ours in results.values()))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        'font-size="13"><rect width="100%" height="100%" fill="white"/>',
        f'<line x1="{left + scale}" y1="8" x2="{left + scale}" y2="{height - 26}" stroke="#888" '
        f'stroke-dasharray="4"/><text x="{left + scale}" y="{height - 8}" text-anchor="middle" fill="#555">'
        "the peer's time</text>",
    ]
    for place, (row, (peer, ours)) in enumerate(results.items()):
        work, name = ROWS[row]
        ratio = ours[0] / peer[0]
        y = 14 + place * line
        parts.append(
            f'<text x="{left - 8}" y="{y + 9}" text-anchor="end">{work}</text>'
            f'<text x="{left - 8}" y="{y + 22}" text-anchor="end" font-size="10" fill="#777">{name}</text>'
            f'<rect x="{left}" y="{y}" width="{max(2, ratio * scale):.0f}" height="20" fill="#c51a4a"/>'
            f'<text x="{left + max(2, ratio * scale) + 6:.0f}" y="{y + 15}">{seconds(ours[0])}</text>'
        )
    return "".join(parts) + "</svg>\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    results = {row: load(folder, row) for row in ROWS if (folder / f"{row}.json").exists()}
    table(results)
    (folder / "chart.svg").write_text(chart(results))


main()
