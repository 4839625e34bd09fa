#!/usr/bin/env python3
"""Every preset, and every example of docs/scenario.md, as tshark reads it: field
for field what our own decoder reads, without a fault but those asked for."""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from program import check, run  # noqa: E402
from tshark import decode, need_tshark, read, same  # noqa: E402

DOC = os.path.join(HERE, "..", "..", "docs", "scenario.md")
KINDS = {"ramp", "step", "modulation", "oscillation", "island", "gps_loss",
         "outage", "config_change", "flags", "leap_second"}

# What a scenario asks for, of our decoder's codes and tshark's words. Nobody told
# the decoder of the leap second; a PMU may lack its GPS for a minute before STAT
# bit 13 says so.
ASKED = {"leap_second": {"W-TIME-BACK", "W-TIME-REPEAT"},
         "gps_loss": {"W-STAT-SYNC", "Message: PMU not sync flag set"},
         "outage": {"W-TIME-GAP", "Message: Data Error flag set"}}


def faults(path):
    """Codes of errors and warnings that decode finds."""
    status, out, err = run("decode", path)
    check(status == 0, err)
    return set(re.findall(r"\b[EW]-[A-Z0-9-]+", out + err))


def complaints(path):
    """What tshark marks as a warning or an error."""
    out = subprocess.run(["tshark", "-r", path, "-Y", "_ws.expert", "-T",
                          "pdml"], capture_output=True, check=True,
                         env=dict(os.environ, LC_ALL="C.UTF-8"))
    root = ElementTree.fromstring(out.stdout)
    return {f.get("showname") for f in root.iter("field")
            if f.get("name") == "_ws.expert.message"}


def one(folder, what, words, asked=()):
    """Runs it and reads what it sent; returns the number of data frames."""
    path = os.path.join(folder, "x.pcap")
    status, _, err = run("simulate", *words, "--pace", "max", "--start",
                         "2026-11-21T12:00:00Z", "--stream", f"pcap:{path}",
                         "--force")
    check(status == 0, what, err)
    found = faults(path) | complaints(path)
    check(found <= set(asked), what, found)
    counts = same(decode(path), read(path), what)
    check(counts["cfg2"] >= 1 and counts["data"] >= 1, what, counts)
    return counts["data"]


def examples():
    """The JSON of the document, each with its last instant and its kinds."""
    with open(DOC, encoding="utf-8") as file:
        text = file.read()
    for block in re.findall(r"^```json\n(.*?)^```", text, re.M | re.S):
        yield block, json.loads(block)


def every_example(folder):
    """A second longer than what happens in it, as far as it has an end."""
    seen = set()
    for text, scenario in examples():
        path = os.path.join(folder, "x.json")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        events = scenario["events"]
        seen |= {e["type"] for e in events}
        asked = set().union(*(ASKED.get(e["type"], ()) for e in events))
        end = max(e["at"] + e.get("for", 2) +
                  e.get("every", 0) * (e.get("times", 1) - 1) for e in events)
        seconds = 125 if "leap_second" in {e["type"] for e in events} else (
            end + 1)
        n = one(folder, scenario["title"],
                ["--scenario", path, "--duration", f"{seconds}s"], asked)
        print(f"{n:6} frames: {scenario['title']}")
    check(seen == KINDS, "no example of", KINDS - seen)


def every_preset(folder):
    """What is long is begun; what is large is made smaller."""
    status, out, err = run("simulate", "--preset", "list")
    check(status == 0, err)
    for line in out.splitlines():
        name, title = line.split(None, 1)
        words = ["--preset", name, "--duration", "7s"]
        asked = set()
        if name.startswith("pdc-"):
            words = ["--preset", name, "--count", "5", "--duration", "1s"]
        elif name == "leap-second":
            words = ["--preset", name, "--rate", "2", "--duration", "130s"]
            asked = ASKED["leap_second"]
        elif name == "loss-bursts":
            asked = {"W-TIME-GAP"}
        elif name == "gps-loss":
            words = ["--preset", name, "--rate", "2", "--duration", "140s"]
            asked = ASKED["gps_loss"]
        n = one(folder, name, words, asked)
        print(f"{n:6} frames: {title}")


if __name__ == "__main__":
    need_tshark()
    with tempfile.TemporaryDirectory() as tmp:
        every_example(tmp)
        every_preset(tmp)
