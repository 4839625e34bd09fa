#!/usr/bin/env python3
"""The map, docs/architecture.md, has every source file and public header."""
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def is_told(name, words):
    """By its name, or as one of a family: lint_crc as lint."""
    parts = name.split("_")
    return any("_".join(parts[:n]) in words
               for n in range(1, len(parts) + 1))


def sources():
    """Of the program and of the front end."""
    for top in ("host", "firmware"):
        for folder, _, files in os.walk(os.path.join(ROOT, top)):
            for name in files:
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def main():
    """1 when something is missing."""
    with open(os.path.join(ROOT, "docs", "architecture.md"),
              encoding="utf-8") as f:
        text = f.read()
    words = set(re.findall(r"\w+", text.replace("cmd_<name>", "cmd")))
    missing = [path for path in sources() if not is_told(
        os.path.splitext(os.path.basename(path))[0], words)]
    for name in os.listdir(os.path.join(ROOT, "include", "cisoid")):
        if not re.search(r"(?<!\w)" + re.escape(name), text):
            missing.append("include/cisoid/" + name)
    for path in sorted(missing):
        print(f"docs/architecture.md lacks {path}")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
