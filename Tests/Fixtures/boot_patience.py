"""More time for devices, said to systemd from outside the image (for boot-disk.py).

An emulated machine on a busy host needs more than the usual 90 s until udev has found the serial line, and without that
device there is no login on it. systemd 252 knows no word of the command line for this limit. So a small archive follows
the image's own initramfs, which the kernel unpacks over it; what it adds leaves a setting in /run, and nothing on the disk.
"""

SECONDS = 600
# initramfs-tools reads conf/conf.d before it mounts /run, and scripts/init-bottom when /run is there.
FILES = {
    "conf/conf.d/patience": ("""\
echo '/scripts/init-bottom/patience "$@"' >> /scripts/init-bottom/ORDER
""", 0o100644),
    "scripts/init-bottom/patience": (f"""\
#!/bin/sh
[ "$1" = prereqs ] && exit 0
mkdir -p /run/systemd/system.conf.d
printf '[Manager]\\nDefaultDeviceTimeoutSec={SECONDS}\\n' > /run/systemd/system.conf.d/patience.conf
""", 0o100755),
}


def entry(number, name, content, mode):
    """One member of a "newc" archive: a header of hexadecimal digits, the name and the content, each to 4 bytes."""
    fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def archive():
    """The archive, complete with its trailer."""
    members = [entry(number, name, text.encode(), mode)
               for number, (name, (text, mode)) in enumerate(FILES.items(), 1)]
    return b"".join(members) + entry(0, "TRAILER!!!", b"", 0)


def follow(initramfs, target):
    """Writes to TARGET what INITRAMFS holds, and the archive after it."""
    with open(initramfs, "rb") as source, open(target, "wb") as out:
        content = source.read()
        out.write(content + bytes(-len(content) % 4) + archive())
