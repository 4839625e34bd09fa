#!/usr/bin/env python3
"""time_source.py - what dates the samples, and how good it is.

The mock's clock is off by 30 ppm and starts late, which it tells nobody; a pulse
a second comes with its samples.
"""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile

CISOID = os.environ["CISOID"]
FAULTS = []
HIDDEN = "mock:f=50.1,declared=0,clock_ppm=30,start_us=4000"


def check(good, text, *values):
    if not good:
        FAULTS.append(text % values)


def run(*args, timeout=60):
    out = subprocess.run([CISOID, *args], capture_output=True, text=True,
                         stdin=subprocess.DEVNULL, timeout=timeout,
                         check=False)
    return out.returncode, out.stdout, out.stderr


def time_json(*args):
    status, out, err = run("time", *args, "--json")
    try:
        return status, json.loads(out), err
    except ValueError:
        check(False, "time %s: no JSON: %r %r", args, out, err)
        return status, {}, err


def the_pulse_finds_the_clock():
    status, doc, err = time_json("wait", "--source", HIDDEN, "--time",
                                 "pps-channel:3", "--max-time-error", "2us")
    check(status == 0, "wait: %d %s", status, err)
    check(doc.get("state") == "LOCKED" and doc.get("good") is True,
          "wait: %s", doc)
    check(abs(doc.get("ppm", 0) - 30) < 0.5, "30 ppm, found %s",
          doc.get("ppm"))
    check(doc.get("unc_s", 1) <= 2e-6, "unc_s %s", doc.get("unc_s"))
    check(abs(doc.get("tau_s", 0) - 300e-6) < 1e-6, "tau %s",
          doc.get("tau_s"))
    check("event=time state=LOCKED" in err, "no event: %s", err)
    # A person reads the same.
    status, out, _ = run("time", "status", "--source", HIDDEN, "--time",
                         "pps-channel:3")
    check(status == 0 and re.search(r"^state +LOCKED$", out, re.M), "%s", out)
    check(re.search(r"ppm$", out, re.M), "%s", out)
    check("hint" not in out and doc.get("hint", 1) is None, "%s", out)


def a_simulation_says_so():
    for words in (("wait", "--time", "pps-channel:3"),
                  ("status", "--time", "none")):
        _, doc, _ = time_json(*words, "--source", HIDDEN)
        check(doc.get("simulated") is True, "%s: %s", words, doc)
        _, out, _ = run("time", *words, "--source", HIDDEN)
        check(out.startswith("SIMULATED"), "%s: %s", words, out)


def a_poor_edge_has_a_hint():
    for pulse, word in (("pps_tau_us=0", "capacitor"),
                        ("pps_tau_us=330,pps_width_ms=0.6", "longer")):
        args = ("status", "--source", "%s,%s" % (HIDDEN, pulse), "--time",
                "pps-channel:3")
        _, doc, _ = time_json(*args)
        check(word in (doc.get("hint") or ""), "%s: %s", pulse, doc)
        _, out, _ = run("time", *args)
        check(re.search("^hint .*" + word, out, re.M), "%s: %s", pulse, out)


def a_missing_pulse_is_waited_for_in_vain():
    source = HIDDEN + ",pps_off_s=0"
    status, doc, err = time_json("wait", "--source", source, "--time",
                                 "pps-channel:3", "--timeout", "5s")
    check(status == 5, "no pulse: %d", status)
    check(doc.get("state") == "UNLOCKED" and doc.get("unc_s") is None,
          "no pulse: %s", doc)
    check("UNLOCKED" in err, "no pulse: %s", err)
    status, doc, _ = time_json("status", "--source", source, "--time",
                               "pps-channel:3", "--timeout", "3s")
    check(status == 0 and doc.get("good") is False, "status: %d %s", status,
          doc)
    # No better than the input says: a bare edge is known to a sample.
    status, _, err = run("time", "wait", "--source", HIDDEN +
                         ",pps_tau_us=0", "--time", "pps-channel:3",
                         "--max-time-error", "1us", "--timeout", "20s")
    check(status == 5, "bare edge: %d %s", status, err)


def a_pulse_that_is_none_says_why():
    for keys, why, words in (
            ("pps_every_s=0.5", "refused", "as many pulses were refused"),
            ("pps_v=-5", "inverted", "looks inverted"),
            ("pps_every_s=0.9", "not-a-second", "not one a second"),
            ("pps_tau_us=100000", "no-edge", "does not rise"),
            ("pps_off_s=0", "no-pulse", "no pulse comes")):
        words_of = ("--source", "mock:declared=0," + keys, "--time",
                    "pps-channel:3")
        status, doc, err = time_json("wait", *words_of, "--timeout", "10s")
        check(status == 5, "%s: %d %s", keys, status, err)
        check(doc.get("why") == why and doc.get("good") is False,
              "%s: %s", keys, doc)
        check("state=LOCKED" not in err, "%s: %s", keys, err)
        _, out, _ = run("time", "status", *words_of)
        check(words in out, "%s: %s", keys, out)
    _, doc, _ = time_json("status", "--source", HIDDEN, "--time",
                          "pps-channel:3")
    check(doc.get("why", "") is None, "good: %s", doc)


def nonsense_is_refused():
    for status, words in (
            (2, ("time",)),
            (2, ("time", "what")),
            (2, ("time", "status", "wait")),
            (2, ("time", "status", "--time", "gps")),
            (2, ("time", "status", "--time", "pps-channel:")),
            (2, ("time", "status", "--timeout", "-1s")),
            (4, ("time", "status", "--time", "pps:/dev/no-such-pps")),
            (3, ("time", "status", "--set", "time.source=gps")),
            (5, ("run", "--time", "external", "--max-time-error", "1ns")),
            (5, ("run", "--time", "none", "--max-time-error", "1s")),
            (5, ("time", "wait", "--time", "none"))):
        got, _, err = run(*words)
        check(got in (status, 3 if status == 3 else status),
              "%s: %d instead of %d: %s", words, got, status, err)
        check(err, "%s: no sentence", words)


def reports_say_how_good_their_time_is():
    """Flagged until the pulse is found, right and not flagged from then on."""
    with tempfile.TemporaryDirectory() as where:
        table = os.path.join(where, "reports.csv")
        status, _, err = run("run", "--source", HIDDEN, "--time",
                             "pps-channel:3", "--profile", "p", "--duration",
                             "8s", "--listen", "tcp:127.0.0.1:0", "--record",
                             table)
        check(status == 0, "run: %d %s", status, err)
        with open(table, encoding="utf-8") as rows:
            reports = list(csv.DictReader(rows))
    flags = [r["flags"] for r in reports]
    check("unsync" in flags[0], "first: %s", flags[0])
    check(flags[-1] == "ok", "last: %s", flags[-1])
    check(flags[0] == "ok" or not reports[0]["time_unc_s"],
          "first: off by at most %s s", reports[0]["time_unc_s"])
    good = [r for r in reports if r["flags"] == "ok"]
    check(len(good) > 100, "%d good reports", len(good))
    for r in good:
        # 50.1 Hz begins at angle 0 at the start, a whole second.
        turns = 0.1 * (float(r["soc"]) - float(reports[0]["soc"]) +
                       float(r["fracsec"]))
        off = (float(r["VA_deg"]) / 360 - turns + 0.5) % 1 - 0.5
        check(abs(off) / 50.1 < float(r["time_unc_s"]) < 3e-5,
              "%s: off by %g s, %s s stated", r["time_utc"], off / 50.1,
              r["time_unc_s"])
        check(abs(off) / 50.1 < 2e-6, "%s: off by %g s", r["time_utc"],
              off / 50.1)


def a_recording_is_dated_by_the_clock_that_was_found():
    """Also the rows before the lock, and so well that reports can use it."""
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, "samples.cfg")
        status, _, err = run("run", "--source", HIDDEN + ",pps_jitter_ns=500",
                             "--time", "pps-channel:3", "--profile", "p",
                             "--duration", "10s", "--listen",
                             "tcp:127.0.0.1:0", "--record", path)
        check(status == 0, "run: %d %s", status, err)
        status, out, err = run("estimate", path)
        check(status == 0, "estimate: %d %s", status, err)
    reports = list(csv.DictReader(out.splitlines()))
    check(len(reports) > 400, "%d reports", len(reports))
    for r in reports:
        check(r["flags"] == "ok", "%s: %s", r["time_utc"], r["flags"])
        turns = 0.1 * (float(r["soc"]) - float(reports[0]["soc"]) +
                       float(r["fracsec"]))
        off = (float(r["VA_deg"]) / 360 - turns + 0.5) % 1 - 0.5
        check(abs(off) / 50.1 < 1e-5, "%s: off by %g s", r["time_utc"],
              off / 50.1)


def main():
    the_pulse_finds_the_clock()
    a_simulation_says_so()
    a_poor_edge_has_a_hint()
    a_missing_pulse_is_waited_for_in_vain()
    a_pulse_that_is_none_says_why()
    nonsense_is_refused()
    reports_say_how_good_their_time_is()
    a_recording_is_dated_by_the_clock_that_was_found()
    for fault in FAULTS:
        print(fault)
    print("%d faults" % len(FAULTS))
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
