"""What the journal says: the same message at another start has the same text here (for boot-disk.py).

    boot_journal.py REPORT...   a list for --known, of the reports of a stock stand-in's starts
"""
import json
import re
import sys

# Times, addresses, process ids and sizes are others at every start.
CHANGING = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\b[0-9a-f]{4,}(?:[-:][0-9a-f]+)+\b|[0-9]+")

# What is said of a host that is busy, and of nothing else.
SLOW = re.compile(r"is taking a long time|hogged CPU for|hrtimer: interrupt took|blocked for more than \d+ seconds"
                  r"|clocksource|timekeeping watchdog|rcu.*stall|loopback network device, ignoring: Connection timed out")


def same(line):
    return CHANGING.sub("#", line).strip()


def known(path):
    with open(path, encoding="utf8") as file:
        return {line.rstrip("\n") for line in file if not line.startswith("# ")}


def new(lines, paths):
    """The lines that are in none of the files, each once."""
    stock = set().union(*map(known, paths))
    return [line for line in dict.fromkeys(same(line) for line in lines if not SLOW.search(line)) if line not in stock]


def main():
    lines = set()
    for path in sys.argv[1:]:
        with open(path, encoding="utf8") as file:
            lines |= set(map(same, json.load(file)["journal"]))
    print("# Of level 4 or worse in the journal of the stock stand-in's own first and second start; numbers are #.")
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
