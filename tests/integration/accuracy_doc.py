#!/usr/bin/env python3
"""The figures of docs/accuracy.md are those of a fresh run: a fast part of them."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"),
                os.path.join(HERE, "..", "..", "docs")]
sys.dont_write_bytecode = True
import accuracy  # noqa: E402
from program import check  # noqa: E402

# The document gives two digits, so up to 5 % off. Below FLOOR a figure is what
# rounding left, which differs from one C library to the next.
DIGITS = 0.051
FLOOR = 1e-8

PROFILES = ("p", "m", "reference", "ls7")


def figures(cells):
    """Every number of a row's cells."""
    return [float(text) for cell in cells
            for text in re.findall(r"[-+.e0-9]*[0-9]", cell)]


def same(said, measured):
    """Equal to the digits given, or both nothing but rounding."""
    if max(said, measured) < FLOOR:
        return True
    return abs(said - measured) <= DIGITS * abs(measured)


def rows_after(lines, title):
    """Cells of the table below a line that begins with a title, by profile."""
    found, on = {}, False
    for line in lines:
        if line.startswith("**"):
            on = line.startswith("**" + title)
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if on and len(cells) == 4:
            found[cells[0]] = cells[1:]
    return found


def compare(what, said, measured):
    check(len(said) == len(measured),
          f"{what}: {len(said)} figures, {len(measured)} measured")
    for old, new in zip(said, measured):
        check(same(old, new),
              f"{what}: the document says {old}, a fresh run {new}")


def main():
    """The ramp of every profile, as in the paper's table 1."""
    source = accuracy.Source(os.environ.get("CISOID_BUILD", "build"), None)
    with open(accuracy.DOC, encoding="utf-8") as doc:
        text = doc.read()
    said = rows_after(accuracy.block_of(text, "paper"), "Ramp")
    for profile in PROFILES:
        row = source.verify("--class", "m", "--profile", profile, "--test",
                            "frequency_ramp")["frequency_ramp"]
        check(profile in said, f"{profile} is not in the document")
        compare(f"ramp, {profile}", figures(said[profile]),
                [row[e][s] for e in accuracy.ERRORS
                 for s in ("max", "mean", "min")])
    for name in accuracy.BLOCKS:
        check(accuracy.block_of(text, name), f"{name} is empty")
    for name in accuracy.DRAWINGS:
        path = os.path.join(accuracy.PICTURES, name + ".svg")
        check(os.path.getsize(path) < 60000, f"{path} is too large")


main()
