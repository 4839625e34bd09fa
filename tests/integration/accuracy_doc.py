#!/usr/bin/env python3
"""The figures of docs/accuracy.md are those of a fresh run of the bench."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import check  # noqa: E402

BENCH = os.path.join(os.environ.get("CISOID_BUILD", "build"),
                     "tests", "bench", "bench_accuracy")
DOC = os.path.join(os.path.dirname(__file__), "..", "..", "docs",
                   "accuracy.md")

# The document gives three digits. Below FLOOR a figure is what rounding left,
# which differs from one C library to the next.
DIGITS = 0.01
FLOOR = 1e-6


def table(text):
    """(test, cycles) -> the nine figures, of every line that has them."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) == 5 and cells[1] in ("2", "3", "4"):
            found[cells[0], cells[1]] = [
                float(v) for cell in cells[2:] for v in cell.split("/")]
    return found


def same(said, measured):
    """Equal to the digits given, or both nothing but rounding."""
    if max(said, measured) < FLOOR:
        return True
    return abs(said - measured) <= DIGITS * abs(measured)


def main():
    """Compares what the quick run prints."""
    fresh = table(subprocess.run([BENCH, "quick"], capture_output=True,
                                 text=True, timeout=200, check=True).stdout)
    with open(DOC, encoding="utf-8") as doc:
        said = table(doc.read())
    check(len(fresh) == 9, f"the bench printed {len(fresh)} lines")
    check(len(said) == 15, f"the document has {len(said)} lines")
    for key, figures in fresh.items():
        check(key in said, f"{key} is not in the document")
        for old, new in zip(said[key], figures):
            check(same(old, new), f"{key}: the document says {old}, a fresh "
                                  f"run {new}")


main()
