#!/usr/bin/env python3
"""What requests of the page cost the frames: web_requests.py [options], JSON.

`cisoid run` of the mock, then `cisoid simulate` of 20 000 PMUs at a frame in 10 s
each, send frames by UDP to us. By turns nobody asks for anything, and the largest
requests that the page may make come one after the other: previews of 1000 events
or of 15 000 groups (in `run`: 100 events and 64 KiB), applies, starts, and
questions for the state, which has the request in it.

A frame is late by the time from its time stamp and its slot to when the system
took it from the program; in `run` half a window of samples and what the mock takes
belong to that, in all turns alike. `asked` are the requests of a turn, `longest`
the answer that took longest, in ms.

Exit status 0: no frame was lost, and no turn's 99th percentile is more than a
tenth of a second beyond that of the turn without. Others that use the processors
are in these figures; under a realtime policy libuv waits for the threads that have
none (docs/adr/0007).
"""
import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from late_frames import Frames, figures  # noqa: E402
from program import Program  # noqa: E402

MORE_MS = 100
RUN_RATE = 50
PMUS = 20000
PERIOD_S = 10


# ---- what is asked ----

def form(count, n_event, n_group, **more):
    """A request whose events befall all PMUs, with groups of one PMU each."""
    return {"scenario": {
        "rate": f"1/{PERIOD_S}", "count": count, "spread": {"mag": .01},
        "events": [{"type": "step", "at": 10 + i, "for": 2, "mag": .01,
                    "pmus": f"1-{count}"} for i in range(n_event)],
        "groups": {f"g{i}": {"pmus": str(i + 1), "signal": {"f": 50.1}}
                   for i in range(n_group)}}, **more}


def variants(request):
    """Two that differ in their frequency, so that each is a change."""
    found = []
    for f_hz in (50.1, 49.9):
        request["scenario"]["signal"] = {"f": f_hz}
        found.append(json.dumps(request).encode())
    return found


class Page:
    """One who asks again as soon as there is an answer."""

    def __init__(self, url):
        self.url = url
        self.n = 0
        self.longest_s = 0

    def ask(self, what, body=None):
        """POST, or GET without a body; the text of the answer."""
        path = "/api/streamer" + ("/" + what if what else "")
        request = urllib.request.Request(self.url + path, body, {
            "Content-Type": "application/json", "X-Cisoid": "1"})
        began_s = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            sys.exit(f"{what}: {error.read().decode()}")
        self.n += 1
        self.longest_s = max(self.longest_s, time.monotonic() - began_s)
        return text


def turn(seconds, page, step):
    """Asks by step(i) for so long; times, and what was asked."""
    page.n, page.longest_s = 0, 0
    began_ns = time.time_ns()
    while time.time_ns() - began_ns < seconds * 1e9:
        if step:
            step(page.n)
        else:
            time.sleep(0.05)
    return (began_ns, time.time_ns()), {
        "asked": page.n, "longest": round(page.longest_s * 1e3, 1)}


# ---- the bench ----

def measure(args, page, frames, steps):
    """{turn: figures}, the turns by turns."""
    times = {name: [] for name in steps}
    asked = {name: [] for name in steps}
    for _ in range(args.rounds):
        for name, step in steps.items():
            when, what = turn(args.seconds, page, step)
            times[name].append(when)
            asked[name].append(what)
            time.sleep(0.3)
    found = {}
    for name in steps:
        found[name] = figures(frames.late_ns(times[name]))
        found[name]["asked"] = sum(a["asked"] for a in asked[name])
        found[name]["longest"] = max(a["longest"] for a in asked[name])
    return found


def begun(frames, n):
    """Waits for the first frames."""
    frames.start()
    while len(frames.got) < n:
        time.sleep(0.1)


def bench_run(args):
    """Beside a measurement."""
    frames = Frames()
    program = Program("run", "--source", "mock", "--rate", str(RUN_RATE),
                      "--stream", f"udp:127.0.0.1:{frames.port}",
                      "--web", "127.0.0.1:0")
    page = Page(program.wait_for(r"page: (http://[^/\s]+)")[1])
    large = form(1000, 100, 1000)
    previews = variants(large)
    large["listen"] = ["tcp:127.0.0.1:0"]
    starts = variants(large)
    begun(frames, RUN_RATE)

    def start(_):
        page.ask("start", starts[0])
        page.ask("apply", starts[1])
        page.ask("stop", b"{}")

    found = measure(args, page, frames, {
        "alone": None,
        "preview": lambda i: page.ask("preview", previews[i % 2]),
        "start": start})
    found["lost"] = frames.lost(1e9 / RUN_RATE)
    program.end(15)
    return found


def bench_simulate(args):
    """Beside as many PMUs as there may be."""
    frames = Frames(PERIOD_S * 10**9 // PMUS)
    program = Program("simulate", "--web", "127.0.0.1:0")
    page = Page(program.wait_for(r"page: (http://[^/\s]+)")[1])
    stream = [f"udp:127.0.0.1:{frames.port}"]
    applies = variants(form(PMUS, 1000, 0, stream=stream))
    groups = variants(form(PMUS, 0, 15000, stream=stream))
    page.ask("start", applies[0])
    begun(frames, 1000)
    steps = {
        "alone": None,
        "preview": lambda i: page.ask("preview", applies[i % 2]),
        "preview_groups": lambda i: page.ask("preview", groups[i % 2]),
        "apply": lambda i: page.ask("apply", applies[i % 2]),
        "apply_groups": lambda i: page.ask("apply", groups[i % 2]),
        "state": lambda i: page.ask("")}
    found = measure(args, page, frames, steps)
    state = json.loads(page.ask(""))
    found["lost"] = state["skipped"] + state["dropped"] + state["refused"]
    program.end(15)
    return found


def is_good(found):
    """See above."""
    most = found["alone"]["p99"] + MORE_MS
    return found["lost"] == 0 and all(
        turn["p99"] <= most for turn in found.values()
        if isinstance(turn, dict))


def main():
    """Reads the options."""
    ap = argparse.ArgumentParser()
    ap.add_argument("--rounds", type=int, default=2)
    ap.add_argument("--seconds", type=float, default=4)
    args = ap.parse_args()
    found = {"run": bench_run(args), "simulate": bench_simulate(args)}
    ok = all(is_good(f) for f in found.values())
    print(json.dumps({"web_requests": {"late_ms": found, "ok": ok}}))
    return 0 if ok else 1


sys.exit(main())
