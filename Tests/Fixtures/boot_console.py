"""The serial console of a machine in QEMU: what it says, stamped into a log, and what is typed (for boot-disk.py)."""
import os
import re
import selectors
import subprocess
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>()][A-Z0-9]?|\r")
# Nothing good comes after these: no need to wait until time is up.
DEAD_ENDS = re.compile(r"You are in emergency mode|You are in rescue mode|Kernel panic|\(initramfs\)|ALERT! .*")
STAGES = {"kernel": r"Linux version", "systemd": r"systemd\[1\]: systemd \d|Welcome to", "login": r"login: ",
          "poweroff": r"reboot: Power down|Power-Off"}


class Ended(Exception):
    pass


class Late(Exception):
    pass


class Console:
    """QEMU's serial line: everything it says goes to the log, stamped; text that was waited for is taken out."""

    def __init__(self, command, log, limit):
        self.start = time.monotonic()
        self.limit = limit
        self.log = log
        self.text = ""    # said, not yet taken
        self.line = ""    # said, not yet logged
        self.rest = ""    # the beginning of an escape sequence
        self.stages = {}
        self.qemu = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.qemu.stdout, selectors.EVENT_READ)

    def seconds(self):
        return round(time.monotonic() - self.start, 1)

    def read(self):
        left = self.limit - (time.monotonic() - self.start)
        if left <= 0:
            raise Late
        if not self.selector.select(min(left, 1)):
            return
        data = os.read(self.qemu.stdout.fileno(), 65536)
        if not data:
            raise Ended
        said = self.rest + data.decode("utf8", "replace")
        # An escape sequence may come in two pieces: its beginning waits.
        self.rest = said[match.start():] if (match := re.search(r"\x1b[^A-Za-z]*$", said)) else ""
        said = ESCAPES.sub("", said[:len(said) - len(self.rest)])
        self.text += said
        *lines, self.line = (self.line + said).split("\n")
        for line in lines:
            self.log.write(f"[{self.seconds():7.1f}] {line}\n")
        self.log.flush()
        for name, pattern in STAGES.items():
            if name not in self.stages and re.search(pattern, "\n".join(lines + [self.line])):
                self.stages[name] = self.seconds()

    def wait(self, pattern):
        """The text before PATTERN, and the match."""
        while not (match := re.search(pattern, self.text)):
            if end := DEAD_ENDS.search(self.text):
                raise Ended(end.group())
            self.read()
        before = self.text[:match.start()]
        self.text = self.text[match.end():]
        return before, match

    def say(self, line):
        self.qemu.stdin.write(line.encode() + b"\n")
        self.qemu.stdin.flush()

    def close(self, patience):
        """Gives the system some seconds to switch itself off."""
        self.limit = time.monotonic() - self.start + patience
        try:
            while True:
                self.read()
        except (Ended, Late):
            pass
        if self.line:
            self.log.write(f"[{self.seconds():7.1f}] {self.line}\n")
        if self.qemu.poll() is None:
            self.qemu.terminate()
            try:
                self.qemu.wait(5)
            except subprocess.TimeoutExpired:
                self.qemu.kill()
                self.qemu.wait()
