#!/usr/bin/env python3
"""limits_csv.py - the limits compiled in are those of limits.csv, cell by cell.

Reads the file by itself, and the compiled table as limits_dump prints it.
"""
import csv
import os
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CSV = os.path.join(TOP, "host", "judge", "limits.csv")
N_ROWS = 759


def is_same(cell, compiled):
    """Numbers by value, all else letter by letter."""
    if cell == compiled:
        return True
    try:
        return float(cell) == float(compiled)
    except ValueError:
        return False


def faults(rows, lines):
    header = rows[0]
    for number, (row, line) in enumerate(zip(rows[1:], lines), 2):
        edition, *cells = line.split("\t")
        if not row[0].endswith(edition):
            yield "line %d: %s compiled as %s" % (number, row[0], edition)
        if len(cells) != len(header):
            yield "line %d: %d cells compiled" % (number, len(cells))
        for name, cell, compiled in zip(header, row, cells):
            if not is_same(cell, compiled):
                yield "line %d: %s: \"%s\" compiled as \"%s\"" % (
                    number, name, cell, compiled)


def main():
    with open(CSV, newline="", encoding="utf-8") as source:
        rows = list(csv.reader(source))
    dump = subprocess.run([sys.argv[1]], capture_output=True, text=True,
                          timeout=60, check=True)
    lines = dump.stdout.splitlines()
    found = list(faults(rows, lines))
    if len(rows) - 1 != N_ROWS or len(lines) != N_ROWS:
        found.append("%d rows in the file, %d compiled, not %d"
                     % (len(rows) - 1, len(lines), N_ROWS))
    for fault in found:
        print(fault)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
