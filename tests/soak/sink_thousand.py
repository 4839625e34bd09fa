#!/usr/bin/env python3
"""The load test of a PDC at its size: 1000 PMUs of 50 frames/s for a minute.

tests/support/pdc.py takes them by UDP and serves them in four streams (so many
do not go into one frame). What it spoils on demand is found exactly, and nothing
else.
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import check, run  # noqa: E402

PDC = os.path.join(os.path.dirname(__file__), "..", "support", "pdc.py")
N, RATE, SECONDS = 1000, 50, 60
FAULTS = ("missing:500:100-109", "change:700:200-204", "drop:0:300-301",
          "double:0:400")


def main():
    pdc = subprocess.Popen(
        [sys.executable, PDC, "--pmus", str(N), "--streams", "4", "--wait",
         "5", *(word for fault in FAULTS for word in ("--fault", fault))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    words = pdc.stdout.readline().split()
    status, out, err = run(
        "simulate", "--count", str(N), "--mag_noise", "0.001", "--duration",
        f"{SECONDS}s", "--stream", f"udp:127.0.0.1:{words[1]}", "--json",
        *(word for port in words[3:]
          for word in ("--sink", f"127.0.0.1:{port}")))
    print(err, file=sys.stderr)
    doc = json.loads(out)
    got = doc["sink"]
    print(pdc.communicate()[0], {key: got[key] for key in (
        "sent", "expected", "whole", "latency_s", "wait_s")})
    check(status == 10, status)
    check(got["sent"] == N * RATE * SECONDS, got["sent"])
    check(got["expected"] > N * RATE * (SECONDS - 10), got["expected"])
    counts = {kind: got[kind] for kind in (
        "changed", "missing", "lost", "doubled", "unknown", "stale")}
    check(counts == {"changed": 5, "missing": 10, "lost": 2 * N,
                     "doubled": N, "unknown": 0, "stale": 0}, counts)
    worst = {one["idcode"]: one for one in got["worst"][:2]}
    check(worst[500]["missing"] == 10, worst)
    check(worst[700]["changed"] == 5, worst)


if __name__ == "__main__":
    main()
