#!/usr/bin/env python3
"""tree-tiny.py ROOT bookworm|trixie

What a Raspberry Pi OS root tree looks like to a patcher, without any foreign package: the files that
pibake reads or edits are in the shape of the real ones, the rest are stand-ins of fixed content.
The half that all profiles share (hostname, fstab, services ...) is tree-pios.sh.
"""
import os
import random
import struct
import sys

ROOT, DIALECT = sys.argv[1:3]
KERNEL = "6.1.0-tiny-arm64" if DIALECT == "bookworm" else "6.12.0-tiny-arm64"
rng = random.Random(1)


def path(name):
    return os.path.join(ROOT, name.lstrip("/"))


def put(name, data, mode=0o644, owner=(0, 0)):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), "wb") as out:
        out.write(data if isinstance(data, bytes) else data.encode())
    os.chmod(path(name), mode)
    os.chown(path(name), *owner)


def folder(name, mode=0o755, owner=(0, 0)):
    os.makedirs(path(name), exist_ok=True)
    os.chmod(path(name), mode)
    os.chown(path(name), *owner)


def link(name, target):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    os.symlink(target, path(name))


def skeleton():
    for name in ("boot/firmware dev etc media mnt opt proc run srv sys usr/bin usr/sbin usr/lib usr/share "
                 "home var/cache var/lib var/log").split():
        folder(name)
    for name in ("bin", "sbin", "lib"):
        link(name, "usr/" + name)
    for name in ("tmp", "var/tmp"):
        folder(name, 0o1777)
    folder("root", 0o700)
    folder("home/pi", 0o700, (1000, 1000))
    for name in (".bashrc", ".profile", ".bash_logout"):
        put("etc/skel/" + name, f"# {name}\n")
        put("home/pi/" + name, f"# {name}\n", owner=(1000, 1000))


def release():
    number, name = ("12", "bookworm") if DIALECT == "bookworm" else ("13", "trixie")
    put("usr/lib/os-release", f'PRETTY_NAME="Debian GNU/Linux {number} ({name})"\nNAME="Debian GNU/Linux"\n'
        f'VERSION_ID="{number}"\nVERSION="{number} ({name})"\nVERSION_CODENAME={name}\nID=debian\n')
    link("etc/os-release", "../usr/lib/os-release")
    put("etc/debian_version", number + (".11\n" if number == "12" else ".1\n"))


def accounts():
    groups = dict(root=0, daemon=1, adm=4, tty=5, disk=6, dialout=20, cdrom=24, sudo=27, audio=29, shadow=42,
                  video=44, plugdev=46, games=60, users=100, nogroup=65534, input=995, render=993, netdev=105,
                  gpio=986, i2c=987, spi=988, ssh=106, pi=1000)
    of_pi = set("adm dialout cdrom sudo audio video plugdev games users input render netdev gpio i2c spi".split())
    put("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"
        "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        "sshd:x:102:65534::/run/sshd:/usr/sbin/nologin\n"
        "pi:x:1000:1000:,,,:/home/pi:/bin/bash\n")
    put("etc/shadow", "root:*:20221:0:99999:7:::\ndaemon:*:20221:0:99999:7:::\nnobody:*:20221:0:99999:7:::\n"
        "sshd:!:20221::::::\npi:!:20221:0:99999:7:::\n", 0o640, (0, 42))
    members = {name: "pi" if name in of_pi else "" for name in groups}
    put("etc/group", "".join(f"{n}:x:{g}:{members[n]}\n" for n, g in groups.items()))
    put("etc/gshadow", "".join(f"{n}:{'!' if n == 'pi' else '*'}::{members[n]}\n" for n in groups), 0o640, (0, 42))
    put("etc/subuid", "pi:100000:65536\n")
    put("etc/subgid", "pi:100000:65536\n")
    put("etc/shells", "/bin/sh\n/bin/bash\n/usr/bin/bash\n")
    put("usr/bin/bash", b"\x7fELF" + rng.randbytes(4000), 0o755)


def ssh_and_units():
    put("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n\nKbdInteractiveAuthentication no\n"
        "UsePAM yes\nX11Forwarding yes\nPrintMotd no\nAcceptEnv LANG LC_*\n"
        "Subsystem\tsftp\t/usr/lib/openssh/sftp-server\n")
    folder("etc/ssh/sshd_config.d")
    units = "usr/lib/systemd/system/"
    put(units + "ssh.service", "[Unit]\nDescription=OpenBSD Secure Shell server\nAfter=network.target auditd.service\n"
        "ConditionPathExists=!/etc/ssh/sshd_not_to_be_run\n\n[Service]\nExecStart=/usr/sbin/sshd -D\nType=notify\n\n"
        "[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n")
    put(units + "getty@.service", "[Unit]\nDescription=Getty on %I\n\n[Service]\n"
        "ExecStart=-/sbin/agetty -o '-p -- \\\\u' --noclear - $TERM\n\n"
        "[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n")
    for name, text in (("systemd-growfs-root", "Grow Root File System"), ("fstrim", "Discard unused blocks on filesystems")):
        put(f"{units}{name}.service", f"[Unit]\nDescription={text}\n\n[Service]\nType=oneshot\nExecStart=/bin/true\n")
    if DIALECT == "trixie":
        # As Debian 13's openssh-server has it.
        put(units + "sshd-keygen.service", "[Unit]\nDescription=Generate sshd host keys on first boot\n"
            "ConditionPathIsReadWrite=/etc\nConditionFirstBoot=yes\n\n[Service]\nType=oneshot\n"
            "ExecStart=ssh-keygen -A\nRemainAfterExit=yes\n\n[Install]\nWantedBy=ssh.service ssh.socket\n")
    put(units + "multi-user.target", "[Unit]\nDescription=Multi-User System\n")
    link("etc/systemd/system/default.target", "/lib/systemd/system/multi-user.target")
    folder("etc/systemd/system/multi-user.target.wants")
    folder("etc/systemd/system/getty.target.wants")


def zones_and_words():
    for number, zone in enumerate(("Europe/Vienna", "Europe/London", "Etc/UTC", "America/New_York")):
        put("usr/share/zoneinfo/" + zone, b"TZif2" + bytes(15) + zone.encode() + bytes(20 * number))
    link("usr/share/zoneinfo/UTC", "Etc/UTC")
    put("usr/share/i18n/SUPPORTED", "de_AT.UTF-8 UTF-8\nde_AT ISO-8859-1\nen_GB.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n")
    for name in ("de_AT", "en_GB", "en_US"):
        put("usr/share/i18n/locales/" + name, f"% stand-in for {name}\n")
    put("usr/lib/locale/locale-archive", b"\x09\x01\x02\xde" + rng.randbytes(2000))


def kernel():
    modules = f"usr/lib/modules/{KERNEL}/"
    for kind in ("kernel", "fs", "net", "drivers"):
        for number in range(1, 61):
            put(f"{modules}kernel/{kind}/mod{number}.ko", b"m" * (number * 97))
    put(modules + "modules.builtin", "kernel/fs/ext4/ext4.ko\n")
    # A genuine arm64 Image header ("ARM\x64" at 56), so that a reader can tell what it is.
    header = struct.pack("<IIQQQQQQ4sI", 0x91005A4D, 0x14000000, 0, 0x100000, 0xA, 0, 0, 0, b"ARM\x64", 0x40)
    put(f"boot/vmlinuz-{KERNEL}", header + rng.randbytes((1 << 20) - len(header)))
    put(f"boot/initrd.img-{KERNEL}", b"070701" + b"0" * 104 + rng.randbytes(700_000))
    put(f"boot/config-{KERNEL}", "CONFIG_NFS_FS=m\nCONFIG_BTRFS_FS=m\n")
    for name, size in (("bootcode.bin", 52476), ("start.elf", 298700), ("start4.elf", 225700), ("fixup.dat", 7200),
                       ("fixup4.dat", 5400), ("LICENCE.broadcom", 1594)):
        put("usr/lib/raspi-firmware/" + name, (b"\x7fELF" if name.endswith("elf") else b"") + rng.randbytes(size))
    for name in ("bcm2711-rpi-4-b", "bcm2711-rpi-cm4", "bcm2837-rpi-3-b", "bcm2837-rpi-3-b-plus"):
        put(f"usr/lib/linux-image-{KERNEL}/broadcom/{name}.dtb", b"\xd0\x0d\xfe\xed" + rng.randbytes(20000))
    put("etc/kernel/postinst.d/z50-raspi-firmware", "#!/bin/sh\n# Stand-in for raspi-firmware: no kernel without its partition.\n"
        "if ! mountpoint -q /boot/firmware; then\n  echo 'missing /boot/firmware, did you forget to mount it?' >&2\n"
        "  exit 1\nfi\n", 0o755)
    put("etc/initramfs-tools/initramfs.conf", "MODULES=dep\nBUSYBOX=auto\nCOMPRESS=zstd\nBOOT=local\n")


def network():
    folder("etc/NetworkManager/system-connections", 0o700)
    put("usr/sbin/NetworkManager", b"\x7fELF" + rng.randbytes(3000), 0o755)
    if DIALECT == "trixie":
        put("usr/bin/cloud-init", "#!/usr/bin/python3\n", 0o755)
        put("etc/cloud/cloud.cfg", "users:\n  - default\ndisable_root: true\npreserve_hostname: false\n"
            "cloud_init_modules: [ seed_random, bootcmd, set_hostname, update_hostname, update_etc_hosts, users_groups, ssh ]\n"
            "cloud_config_modules: [ locale, set_passwords, timezone, runcmd ]\n"
            "cloud_final_modules: [ scripts_user, final_message ]\n")
        put("etc/netplan/.keep", "")


os.umask(0o022)
for part in (skeleton, release, accounts, ssh_and_units, zones_and_words, kernel, network):
    part()
