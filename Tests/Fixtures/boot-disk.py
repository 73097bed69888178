#!/usr/bin/env python3
"""boot-disk.py [OPTION...] DISK   boots a disk image in QEMU's "virt" machine, as a Pi boots from USB.

Kernel, initramfs and command line come from the disk's own FAT (partition 1), from a folder (--boot) or
from files. The disk is not written to, unless --writable says so: then a second boot finds what the first one left. The
answer is one JSON object on stdout; the console, with a time before each line, goes to --log. Exit status: 0 it got
there, 1 it ended before, 2 time is up.

  --login USER:PASSWORD   log in on the serial console as a person would, ask what the system is like
                          (selftest.sh) and switch it off; nothing is put into the image for this
  --ssh-key FILE          also log in over ssh as that user with this key, through a port of the host's loopback; the
                          host key is remembered in --ssh-known, and must be the same at the next boot
  without --login         wait for the unit that inject-selftest.sh puts into an image (or for --marker)
"""
import argparse
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile

import boot_journal
import boot_patience
from boot_console import Console, Ended, Late

# An emulated machine on a busy host is slow (for its devices see boot_patience.py). No audit, which nobody reads and a
# serial line pays for; no warnings of the kernel that the host was busy.
PATIENCE = [f"systemd.default_timeout_start_sec={boot_patience.SECONDS}", f"udev.event_timeout={boot_patience.SECONDS}",
            "audit=0", "nosoftlockup", "rcupdate.rcu_cpu_stall_suppress=1"]
# KASLR makes the kernel keep page tables apart, which a Pi's processor does not need: an emulated one then forgets its
# translations at every system call, and a start costs the host half as much again.
PATIENCE += ["nokaslr", "kpti=off", "mitigations=off"]
HERE = os.path.dirname(os.path.abspath(__file__))
# What systemd and the kernel say at power-off if something still holds the root.
STILL_BUSY = re.compile(r".*(?:Failed to unmount|Could not detach|resource busy|Failed to finalize|still mounted|not clean|"
                        r"Unable to finalize|Failed unmounting|Failed deactivating).*")
END = "PIBAKE-42-END"  # typed as $((40+2)), so that the echo of what was typed is not taken for it


def answers_in(text):
    """selftest.sh says "PIBAKE NAME VALUE" lines; a name that comes twice has a list."""
    answers = {}
    for name, value in re.findall(r"PIBAKE ([a-z_]+) ?(.*)", text):
        answers.setdefault(name, []).append(value.strip())
    return {name: values[0] if len(values) == 1 else values for name, values in answers.items()}


def over_ssh(console, options, user, port):
    """A session with a key; what its shell is, and the host key as the client knows it."""
    known = options.ssh_known
    strict = "yes" if os.path.exists(known) else "accept-new"
    command = ["ssh", "-F", "none", "-p", str(port), "-i", options.ssh_key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
               "-o", f"UserKnownHostsFile={known}", "-o", "GlobalKnownHostsFile=none", "-o", "HashKnownHosts=no",
               "-o", f"StrictHostKeyChecking={strict}", "-o", "HostKeyAlias=node", "-o", "ConnectTimeout=120",
               f"{user}@127.0.0.1", 'echo "$(id -un) $SHELL $(hostname)"']
    with tempfile.TemporaryFile() as out:
        client = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        while client.poll() is None:
            console.read()  # the console must go on being read
        out.seek(0)
        said = out.read().decode("utf8", "replace").strip().splitlines()
    return {"status": client.returncode, "said": said[-1] if said else "", "output": said}


def log_in(console, user, password, commands, report, before_leaving):
    # The wizard of a stock image may still be making the user.
    for _ in range(4):
        console.wait(r"login: ")
        console.say(user)
        console.wait(r"[Pp]assword: ?")
        console.say(password)
        _, match = console.wait(r"Login incorrect|not available|[$#] $")
        if match.group() == "not available":
            raise Ended(f"{user} has a shell that lets nobody in")
        if match.group() != "Login incorrect":
            break
    else:
        raise Ended(f"{user} cannot log in")
    # No echo, no prompt; the kernel and systemd keep quiet while we talk.
    console.say(f"stty -echo; PS1=; PS2=; export PIBAKE_PASSWORD={shlex.quote(password)}; echo PIBAKE-$((40+2))-READY")
    console.wait("PIBAKE-42-READY")
    with open(os.path.join(HERE, "selftest.sh"), encoding="utf8") as script:
        console.say("cat > /tmp/selftest <<'PIBAKE'")
        for line in script.read().splitlines():
            console.say(line)
        console.say("PIBAKE")
    console.say("sh /tmp/selftest; echo PIBAKE-$((40+2))-END")
    said, _ = console.wait(END)
    answers = answers_in(said)
    for command in commands:
        # On one line: sudo would swallow what is typed while it runs.
        console.say(f"{command}; echo PIBAKE-$((40+2))-END $?")
        said, match = console.wait(END + r" (\d+)")
        report["commands"].append({"command": command, "status": int(match.group(1)), "output": said.strip("\n")})
    before_leaving()
    # From here on systemd may talk again: what it says at power-off counts.
    console.say('echo "$PIBAKE_PASSWORD" | sudo -S -p "" sh -c "dmesg -n 7; kill -s RTMIN+20 1; systemctl poweroff"')
    return answers


def boot_files(options, folder):
    """Kernel, initramfs and command line: named ones first, then the boot folder's or the disk's."""
    names = {"kernel": "kernel8.img", "initramfs": "initramfs8", "cmdline": "cmdline.txt"}
    found = {}
    for kind, name in names.items():
        named = getattr(options, kind)
        if named:
            found[kind] = named
        elif options.boot:
            found[kind] = os.path.join(options.boot, name)
        else:
            table = subprocess.run(["sfdisk", "-J", options.disk], check=True, stdout=subprocess.PIPE).stdout
            offset = json.loads(table)["partitiontable"]["partitions"][0]["start"] * 512
            found[kind] = os.path.join(folder, name)
            subprocess.run(["mcopy", "-n", "-i", f"{options.disk}@@{offset}", "::" + name, found[kind]], check=True,
                           env={**os.environ, "MTOOLS_SKIP_CHECK": "1"})
    patient = os.path.join(folder, "initramfs.patient")
    boot_patience.follow(found["initramfs"], patient)
    return {**found, "initramfs": patient}


def command_line(path, without, added):
    with open(path, encoding="utf8") as file:
        words = file.read().split()
    words = [word for word in words if not word.startswith("console=") and not any(map(word.startswith, without))]
    return " ".join(["console=ttyAMA0", *words, *PATIENCE, *added])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def qemu(options, files, port):
    drives = []
    writing = "snapshot=off,cache=unsafe" if options.writable else "snapshot=on"
    for number, disk in enumerate([options.disk, *options.disk2]):
        device = "usb-storage" if options.bus == "usb" else "virtio-blk-pci"
        drives += ["-drive", f"if=none,id=d{number},format=raw,{writing},file={disk.replace(',', ',,')}",
                   "-device", f"{device},drive=d{number}"]
    return ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-accel", "tcg,thread=multi,tb-size=512",
            # A second processor that waits for the first one's locks costs the host almost as much as one that works.
            "-smp", "1", "-m", str(options.memory),
            "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot",
            "-kernel", files["kernel"], "-initrd", files["initramfs"],
            "-append", command_line(files["cmdline"], options.without, options.added),
            *(["-device", "qemu-xhci"] if options.bus == "usb" else []), *drives,
            "-device", "virtio-rng-pci", "-netdev", f"user,id=n,hostfwd=tcp:127.0.0.1:{port}-:22",
            "-device", "virtio-net-pci,netdev=n,romfile="]


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # a user's PATH lacks sfdisk's place
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("disk")
    parser.add_argument("--boot", metavar="FOLDER", help="a boot tree with kernel8.img, initramfs8, cmdline.txt")
    for kind in ("kernel", "initramfs", "cmdline"):
        parser.add_argument("--" + kind, metavar="FILE")
    parser.add_argument("--without", metavar="START", action="append", default=[],
                        help="drop words of the command line that start so (init=)")
    parser.add_argument("--with", dest="added", metavar="WORD", action="append", default=[], help="add a word")
    parser.add_argument("--disk2", metavar="IMAGE", action="append", default=[], help="a further disk")
    parser.add_argument("--bus", choices=("usb", "virtio"), default="usb")
    parser.add_argument("--memory", type=int, default=1024, metavar="MIB")
    parser.add_argument("--login", metavar="USER:PASSWORD")
    parser.add_argument("--ssh-key", metavar="FILE", help="with --login: log in over ssh too, with this private key")
    parser.add_argument("--ssh-known", metavar="FILE", default="known_hosts", help="the host key as the client knows it")
    parser.add_argument("--known", metavar="FILE", action="append", default=[],
                        help="messages of the journal that are not reported (boot_journal.py)")
    parser.add_argument("--writable", action="store_true", help="write to the disk instead of to a snapshot")
    parser.add_argument("--run", metavar="COMMAND", action="append", default=[], help="a command after the login")
    parser.add_argument("--marker", default=END, help="success without --login (regular expression)")
    parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS")
    parser.add_argument("--log", default="boot.log")
    options = parser.parse_args()

    report = {"result": "ended", "answers": {}, "commands": []}
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, open(options.log, "w", encoding="utf8") as log:
        console = Console(qemu(options, boot_files(options, folder), port), log, options.timeout)
        try:
            if options.login:
                user, password = options.login.split(":", 1)

                def visit():
                    if options.ssh_key:
                        report["session"] = over_ssh(console, options, user, port)
                report["answers"] = log_in(console, user, password, options.run, report, visit)
            else:
                report["answers"] = answers_in(console.wait(options.marker)[0])
            report["result"] = "seen"
            report["seconds"] = console.seconds()
        except Ended as reason:
            report["reason"] = str(reason) or "the machine stopped"
        except Late:
            report["result"] = "timeout"
        finally:
            console.close(120 if report["result"] == "seen" else 1)
            report["busy"] = STILL_BUSY.findall(console.text)
        journal = report["answers"].pop("journal", [])
        report["journal"] = boot_journal.new([journal] if isinstance(journal, str) else journal, options.known)
        report["stages"] = console.stages
        report["total"] = console.seconds()
    print(json.dumps(report, indent=1))
    return {"seen": 0, "ended": 1, "timeout": 2}[report["result"]]


sys.exit(main())
