#!/usr/bin/env python3
"""impair.py - what simulate says it did to frames, and what listen says came.

Three accounts of one run, which must agree to the frame: simulate's --json, what
a receiver must count by a capture of all that was sent (tests/support/receiver),
and listen's --stats. Called with a number it runs for so many seconds with less
of each, as networks are: soak.impair.
"""
import json
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check  # noqa: E402
from receiver import Receiver  # noqa: E402

NETWORK = "loss=1%,dup=0.1%,reorder=0.1%,crc=0.1%"


class Case:
    """One simulate and one listen, of `seconds` at `rate`."""

    def __init__(self, folder, name, impair, rate, seconds, count=1, seed=1):
        self.capture = os.path.join(folder, name + ".pcap")
        self.stats = os.path.join(folder, name + ".json")
        self.rate, self.seconds, self.count = rate, seconds, count
        self.listen = Program("listen", "udp:127.0.0.1:0", "--stats",
                              self.stats, "--csv", os.devnull)
        self.port = self.listen.port("udp")
        # f is off nominal: a frame differs from the one a second before.
        self.start = int(time.time()) + 3
        self.simulate = Program(
            "simulate", "--f", "50.1", "--rate", str(rate), "--count",
            str(count), "--seed", str(seed), "--start",
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.start)),
            "--duration", f"{seconds}s", "--impair", impair, "--json",
            "--stream", f"udp:127.0.0.1:{self.port}", "--stream",
            f"pcap:{self.capture}")

    def drained(self):
        """Nothing waits in the receiver's socket; (waiting, dropped)."""
        with open("/proc/net/udp", encoding="ascii") as table:
            for line in table:
                words = line.split()
                if words[1].endswith(f":{self.port:04X}"):
                    return (int(words[4].split(":")[1], 16), int(words[-1]))
        return 0, 0

    def finish(self):
        """(what simulate says, what a receiver must say, what listen says)."""
        out = self.simulate.process.stdout.read()
        check(self.simulate.end(timeout=60) == 0, self.simulate.stderr())
        deadline = time.monotonic() + 30
        while self.drained()[0]:
            check(time.monotonic() < deadline, "listen does not read")
        check(self.drained()[1] == 0, "the kernel dropped datagrams")
        check(self.listen.end(signal.SIGINT) == 0, self.listen.stderr())
        with open(self.stats, encoding="utf-8") as f:
            return (json.loads(out), Receiver(self.capture, self.rate),
                    json.load(f))


def agree(case):
    """To the frame."""
    said, must, heard = case.finish()
    did = dict.fromkeys(("lost", "stopped", "doubled", "reordered", "bad_crc",
                         "truncated", "bad_length", "backward"), 0)
    did.update(said["impaired"])
    places = case.count * case.rate * case.seconds
    check(said["frames"] == places and said["skipped"] == 0 and
          said["dropped"] == 0, said)

    # simulate against what it sent
    check(did["bad_crc"] == must.crc_errors, did, must.crc_errors)
    check(did["truncated"] == must.truncated, did, must.truncated)
    check(did["bad_length"] == must.wrong_length, did, must.wrong_length)
    check(did["doubled"] == must.total("adjacent"), did)
    check(did["reordered"] + did["backward"] ==
          must.total("late") + must.total("contradicted"), did,
          must.total("late"), must.total("contradicted"))
    if not did["backward"]:
        told = sum(len(s.told) for s in must.streams.values())
        check(did["lost"] + did["stopped"] == places - told, did, told)

    # what it sent against what listen says
    for name in ("frames", "duplicates", "contradicted", "late", "lost"):
        check(heard[name] == must.total(name), name, heard[name],
              must.total(name))
    for name in ("crc_errors", "wrong_length", "truncated"):
        check(heard[name] == getattr(must, name), name, heard, must)
    for name in ("strays", "jumps", "strangers", "other_streams"):
        check(heard[name] == 0, name, heard)

    # the first against the last: what is not there is lost, or spoilt
    unseen = sum(s.first - case.start * case.rate +
                 (case.start + case.seconds) * case.rate - 1 - s.newest
                 for s in must.streams.values())
    check(heard["duplicates"] == did["doubled"], heard, did)
    if not did["backward"]:
        check(heard["late"] == did["reordered"], heard, did)
        check(heard["lost"] + unseen == did["lost"] + did["stopped"] +
              did["bad_crc"] + did["truncated"] + did["bad_length"], heard,
              did, unseen)
    return did, heard


def in_the_suite(folder):
    """Every kind, side by side; more of each than anyone would meet."""
    cases = [
        (Case(folder, "many", "loss=4%,dup=4%,reorder=4%,crc=4%", 100, 6,
             count=5), "lost doubled reordered bad_crc"),
        (Case(folder, "bursts", "loss=10%,burst=5,trunc=5%,length=5%,dup=5%,"
             "reorder=5%", 100, 6, count=3),
         "lost doubled reordered truncated bad_length"),
        (Case(folder, "late", "stop=1s/3s,delay=30ms,jitter=4ms,reorder=5%,"
             "crc=5%", 100, 6), "stopped reordered bad_crc"),
        (Case(folder, "back", "back=4%/2s,dup=4%,crc=4%,reorder=4%", 100, 6),
         "backward doubled bad_crc reordered"),
    ]
    for case, kinds in cases:
        did, heard = agree(case)
        for kind in kinds.split():
            check(did[kind] > 0, kind, did)
        check(heard["frames"] > 0, heard)


def soak(folder, seconds):
    """At three rates side by side."""
    cases = [Case(folder, f"r{rate}", NETWORK, rate, seconds, seed=rate)
             for rate in (50, 100, 200)]
    for case in cases:
        did, heard = agree(case)
        print(case.rate, "frames/s:", did, "-", {
            k: heard[k] for k in ("frames", "lost", "duplicates", "late",
                                  "crc_errors")}, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        if len(sys.argv) > 1:
            soak(where, int(sys.argv[1]))
        else:
            in_the_suite(where)
