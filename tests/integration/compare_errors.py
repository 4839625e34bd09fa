#!/usr/bin/env python3
"""compare finds the errors that a simulated PMU was told to make.

Frames of float32 hold a magnitude to 6e-6 % and an angle to 7e-6 degrees; what
is asked is 1e-4 %, 1e-3 degrees and 1 us.
"""
import csv
import math
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from comparison import (FAIL, INDETERMINATE, OK, START, USAGE,  # noqa: E402
                        channel, close, compare, listen_csv, simulate)
from program import check, run  # noqa: E402

PHASORS = ["VA", "VB", "VC", "IA", "IB", "IC", "V+", "I+"]


def errors_are_found(folder):
    """One at a time, on every phasor; the others are not there."""
    ref = simulate(folder, "ref.pcap", "--f", "49.7")
    cases = [("--err_pct", "0.3", (0.3, 0, 0)),
             ("--err_deg", "0.1", (0, 0.1, 0.1 / 360 / 49.7)),
             ("--err_us", "100", (0, 360 * 49.7 * 100e-6, 100e-6))]
    for key, value, (pct, deg, delay_s) in cases:
        dut = simulate(folder, "dut.pcap", "--f", "49.7", key, value)
        status, doc, err = compare(ref, dut)
        check(status == OK, key, err)
        for name in PHASORS:
            c = channel(doc, name)
            close(c["me_pct"]["mean"], pct, 1e-4, key, name, "ME")
            close(c["pe_deg"]["mean"], deg, 1e-3, key, name, "PE")
            close(c["delay_s"]["mean"], delay_s, 1e-6, key, name, "delay")
            tve = 100 * abs((1 + pct / 100) * complex(
                math.cos(math.radians(deg)), math.sin(math.radians(deg))) - 1)
            close(c["tve_pct"]["max"], tve, 2e-3, key, name, "TVE")
            check(c["tve_pct"]["n"] == doc["compared"]["judged"] > 480, doc)


def a_sweep_separates_gain_phase_and_delay(folder):
    """45 to 55 Hz, with all three at once."""
    ramp = ("--f", "45", "--rocof", "1", "--f_to", "55")
    ref = simulate(folder, "ref.pcap", *ramp)
    dut = simulate(folder, "dut.pcap", *ramp, "--err_pct", "0.3", "--err_deg",
                   "0.1", "--err_us", "100")
    status, doc, err = compare(ref, dut)
    check(status == OK, err)
    for name in PHASORS:
        sweep = channel(doc, name)["sweep"]
        check(sweep["separated"], name, sweep)
        check(sweep["se_of"] == "scatter alone", sweep)
        close(sweep["gain_pct"], 0.3, 1e-4, name, "gain")
        close(sweep["phase_deg"], 0.1, 1e-3, name, "phase")
        close(sweep["delay_s"], 100e-6, 1e-6, name, "delay")
    check("by the scatter alone" in run("compare", ref, dut)[1])


def one_frequency_does_not(folder):
    """Phase and delay are one then, and it is said."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap", "--err_us", "100")
    sweep = channel(compare(ref, dut)[1], "VA")["sweep"]
    check(not sweep["separated"] and sweep["why"], sweep)


def verdicts_have_their_exit_status(folder):
    """Limits of 1 %: 0.3 % with U, well within, on the edge, beyond."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap", "--err_pct", "0.9")
    u = "tve={},fe=1e-6,rfe=1e-4"
    cases = [([], OK, None),
             (["--limits", "2018:m", "--u", u.format(0.05)], OK, "PASS"),
             (["--limits", "2018:m", "--u", u.format(0.5)], INDETERMINATE,
              "INDETERMINATE"),
             (["--limits", "2018:M", "--rule", "simple", "--u",
               u.format(0.5)], OK, "PASS")]
    for args, want, word in cases:
        status, doc, err = compare(ref, dut, *args)
        check(status == want, args, status, err, doc and doc["judgement"])
        check((doc["judgement"] or {}).get("verdict") == word, doc)
        if word:
            check(doc["judgement"]["rule_text"], doc["judgement"])
            close(doc["judgement"]["limits"]["tve_pct"], 1, 0, "limit")
    dut = simulate(folder, "dut.pcap", "--err_pct", "1.3")
    status, doc, err = compare(ref, dut, "--limits", "2018:m", "--u",
                               u.format(0.05))
    check(status == FAIL and doc["judgement"]["verdict"] == "FAIL", status,
          err)
    figures = {(f["figure"], f["dut"]): f
               for f in doc["judgement"]["figures"]}
    check(figures["tve_pct", "VA"]["verdict"] == "FAIL", figures)
    close(figures["tve_pct", "VA"]["u"], 0.05, 1e-12, "U")


def the_table_says_what_the_json_says(folder):
    """Errors with their uncertainty, the map, the mark, the rule."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap", "--err_pct", "0.3")
    status, out, err = run("compare", ref, dut, "--limits", "2018:m", "--u",
                           "tve=0.065,me=0.065,fe=1e-6,rfe=1e-4")
    check(status == OK, err)
    for part in ("SIMULATED - NOT A CALIBRATION", "channel map, proposed",
                 "0.300 ± 0.065", "± unknown", "max |x| ± U (k = 2)",
                 "decision rule: ", "verdict: PASS", "IEC/IEEE 60255-118-1"):
        check(part in out, part, out)
    status, out, _ = run("compare", ref, dut, "--map", "VA=VA,IB=IB")
    check(status == OK and "channel map, given" in out, out)
    check("verdict" not in out, "verdict without limits", out)


def the_csv_has_a_line_for_each_instant(folder):
    """And its numbers are the errors."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap", "--err_pct", "0.3")
    path = os.path.join(folder, "errors.csv")
    check(run("compare", ref, dut, "--csv", path)[0] == OK)
    rows = list(csv.DictReader(open(path, newline="", encoding="utf-8")))
    check(len(rows) == 500, len(rows))
    check(rows[1]["time_utc"] == "2026-01-01T00:00:00.020000000Z", rows[1])
    for row in rows:
        check(row["left_out"] == "", row)
        close(float(row["VA_me_pct"]), 0.3, 1e-4, row)
        close(float(row["fe_hz"]), 0, 1e-5, row)
    status, _, err = run("compare", ref, dut, "--csv", path)
    check(status == 8 and "--force" in err, status, err)
    status, out, _ = run("compare", ref, dut, "--csv", "-")
    check(status == OK and out.startswith("time_utc,soc,fracsec,left_out"),
          out[:100])


def csv_and_capture_agree(folder):
    """A CSV of listen against a capture, and two of them."""
    ref = listen_csv(folder, "ref.csv")
    dut = listen_csv(folder, "dut.csv", "--err_deg", "0.1")
    capture = simulate(folder, "dut.pcap", "--err_deg", "0.1", duration="4s")
    for other in (dut, capture):
        status, doc, err = compare(ref, other)
        check(status == OK, err)
        check(doc["ref"]["rate"] == 50 and doc["compared"]["pairs"] == 200,
              doc["ref"], doc["compared"])
        for name in PHASORS:
            close(channel(doc, name)["pe_deg"]["mean"], 0.1, 1e-3, name)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def a_csv_of_simulated_data_says_so(folder):
    """No table of run, capture and estimate, or listen leads to a result
    without the mark; one whose notes are empty is a replay."""
    signal = ("--source", "mock:f=50.1", "--start", START, "--duration", "3s")
    made = {n: os.path.join(folder, n) for n in
            ("run.csv", "samples.cfg", "estimate.csv")}
    status, _, err = run("run", *signal, "--record", made["run.csv"],
                         "--record", made["samples.cfg"], "--listen",
                         "tcp:127.0.0.1:0")
    check(status == OK, err)
    status, _, err = run("estimate", made["samples.cfg"], "-o",
                         made["estimate.csv"])
    check(status == OK, err)
    listened = listen_csv(folder, "listen.csv", "--f", "50.1")
    for path in (made["run.csv"], made["estimate.csv"], listened):
        rows = rows_of(path)
        check(rows and all("sim" in r["notes"].split("+") for r in rows),
              path, rows[:1])
        status, doc, err = compare(path, path)
        check(status == OK and doc["simulated"] and doc["notice"] and
              doc["dut"]["origin"] == "SIMULATED", path, err, doc)
    # One row is enough; without any it is a replay.
    with open(made["run.csv"], newline="", encoding="utf-8") as f:
        text = f.read()
    bare = text.replace("+sim\r\n", "\r\n").replace("sim\r\n", "\r\n")
    head, _, tail = bare.rpartition("\r\n")
    for name, body, mark in (("bare.csv", bare, False),
                             ("one.csv", head + "sim\r\n" + tail, True)):
        path = os.path.join(folder, name)
        with open(path, "w", newline="", encoding="utf-8") as f:
            f.write(body)
        status, doc, err = compare(path, path)
        check(status == OK and doc["simulated"] == mark, name, err, doc)


def nonsense_is_refused():
    """With a sentence and exit status 2."""
    for args, says in [
            (["a"], "what with what?"),
            (["a", "b", "c"], "what with what?"),
            (["a", "b", "--limits", "2017:m"], "2018:m"),
            (["a", "b", "--limits", "2018"], "2018:m"),
            (["a", "b", "--limits", "2018:x"], "2018:m"),
            (["a", "b", "--limits", "2018:m", "--test", "steady"], "steady"),
            (["a", "b", "--test", "steady_phase"], "--limits"),
            (["a", "b", "--rule", "maybe"], "guard"),
            (["a", "b", "--u", "tve=x"], "tve"),
            (["a", "b", "--accept", "everything"], "unsync"),
            (["a", "b", "--window", "-1"], "--window"),
            (["a", "b", "--ref-idcode", "0"], "--ref-idcode"),
            (["a", "b", "--json", "--csv", "-"], "mix"),
            (["a", "b", "--mapp", "x"], "--map")]:
        status, out, err = run("compare", *args)
        check(status == USAGE and says in err, args, status, err)
        check(not out or "--json" in args, args, out)
        check(err.startswith("cisoid compare: ") and err.count("\n") == 1,
              args, err)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temp:
        errors_are_found(temp)
        a_sweep_separates_gain_phase_and_delay(temp)
        one_frequency_does_not(temp)
        verdicts_have_their_exit_status(temp)
        the_table_says_what_the_json_says(temp)
        the_csv_has_a_line_for_each_instant(temp)
        csv_and_capture_agree(temp)
        a_csv_of_simulated_data_says_so(temp)
    nonsense_is_refused()
