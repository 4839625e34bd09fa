#!/usr/bin/env python3
"""The tests that docs name exist; every file that these pages link to, too."""
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PAGES = ["docs/conformance.md", "docs/receivers.md"]


def known():
    """label.name of every test, from the CMakeLists.txt of each label."""
    names = set()
    for label in ("unit", "integration", "interop", "fuzz", "bench", "vm"):
        path = os.path.join(ROOT, "tests", label, "CMakeLists.txt")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for match in re.finditer(r"cisoid_(?:test|script)\((\w+) (\w+)", text):
            names.add(f"{match[1]}.{match[2]}")
    # Fuzzers have a function of their own: one source each.
    for source in os.listdir(os.path.join(ROOT, "tests", "fuzz")):
        match = re.fullmatch(r"fuzz_(\w+)\.c", source)
        if match:
            names.add("fuzz." + match[1])
    return names


def check(page, names):
    with open(os.path.join(ROOT, page), encoding="utf-8") as f:
        text = f.read()
    bad = [name for name in re.findall(
        r"`((?:unit|integration|interop|fuzz|bench|vm)\.\w+)`", text)
        if name not in names]
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        if not os.path.exists(os.path.join(ROOT, "docs", target)):
            bad.append(target)
    return [f"{page}: {name} does not exist" for name in bad]


errors = [line for page in PAGES for line in check(page, known())]
print("\n".join(errors))
sys.exit(bool(errors))
