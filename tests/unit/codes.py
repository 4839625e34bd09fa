#!/usr/bin/env python3
"""codes.py - cisoid-codes(7) has the linter's table and the alarms of the page,
word for word, and the steps of the connection doctor."""
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as source:
        return source.read()


def rules():
    """(code, clause, title, advice) of each row of the table."""
    rows = re.findall(r"\[LINT_\w+\]\s*=\s*\{(\".*?)\},\n",
                      read("host", "c37", "lint_rules.c"), re.DOTALL)
    for row in rows:
        fields = re.split(r'"\s*,\s*"', row.strip().strip('"'))
        yield tuple(re.sub(r'"\s*"', "", f) for f in fields)


def steps():
    """(code, title) of the doctor's steps."""
    return dict((code, title) for title, code in re.findall(
        r'\{"\w+", "([^"]+)",\s*"((?:NET|DUT)-\w+)"\}',
        read("host", "cli", "listen", "doctor_out.c")))


def alarms():
    """(code, what, why and what to do) of the page's alarms."""
    words = {}
    for code, part, text in re.findall(
            r"'alarm\.([EW]-[A-Z-]+)(\.why|\.do)?':\s*\[\s*'([^']+)'",
            read("host", "web", "js", "text", "shell.js")):
        words.setdefault(code, {})[part] = text
    for code, text in words.items():
        yield code, " ".join((text[""].rstrip(".") + ".", text[".why"],
                              text[".do"]))


def page():
    text = read("docs", "man", "cisoid-codes.7").replace("\\-", "-")
    text = text.replace("\\[mc]", "\u00b5").replace("\\[de]", "\u00b0")
    for item in text.split("\n.TP\n")[1:]:
        head, *words = item.split("\n.SH")[0].strip().splitlines()
        match = re.fullmatch(r'\.BR (\S+) " \((.*)\)"', head)
        if not match:
            sys.exit(f"cisoid-codes.7: {head}")
        yield match[1], match[2], " ".join(words)


def main():
    table = {r[0]: r for r in rules()}
    ids = set(re.findall(r"\b(LINT_[A-Z0-9_]+),",
                         read("host", "c37", "lint_rules.h"))) - {"LINT_N"}
    if len(table) != len(ids):
        sys.exit(f"{len(ids)} rules, {len(table)} different codes")
    shown = {}
    for code, clause, words in page():
        if code in shown:
            sys.exit(f"cisoid-codes.7: {code} twice")
        shown[code] = (clause, words)
    for code, title in steps().items():
        if shown.pop(code, ("", ""))[0] != title:
            sys.exit(f"{code} ({title}) is not in cisoid-codes.7")
    for code, words in alarms():
        if shown.pop(code, ("", ""))[1] != words:
            sys.exit(f"{code} of the page is not so in cisoid-codes.7: {words}")
    if set(table) != set(shown):
        sys.exit(f"not in both: {sorted(set(table) ^ set(shown))}")
    for code, clause, title, advice in table.values():
        want = (clause, f"{title[0].upper()}{title[1:]}. "
                        f"{advice[0].upper()}{advice[1:]}.")
        if shown[code] != want:
            sys.exit(f"{code}: {shown[code]} is not {want}")


main()
