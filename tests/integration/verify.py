#!/usr/bin/env python3
"""verify: rows, verdicts, files, refusals; the same whatever the processors."""
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import CISOID, check, run  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EDITION_2018 = "IEC/IEEE 60255-118-1:2018"
QUICK = ["--class", "p", "--test", "steady_magnitude_voltage"]


def verify(*args, status=0):
    """Runs it; checks the exit status; standard output."""
    got, out, err = run("verify", *args)
    check(got == status, f"verify {args}: exit status {got}: {err}")
    if status not in (0, 10):
        check(not out, f"verify {args}: {out}")
        check(len(err.splitlines()) == 1, f"verify {args}: {err}")
        return err
    check(not err, f"verify {args}: no terminal, but: {err}")
    return out


def document(*args, status=0):
    return json.loads(verify("--json", *args, status=status))


def limits(**where):
    """Rows of the table of limits, as its authors wrote it."""
    path = os.path.join(TOP, "host", "judge", "limits.csv")
    with open(path, encoding="utf-8", newline="") as table:
        return [row for row in csv.DictReader(table)
                if all(row[key] == str(value) for key, value in where.items())]


def number(text):
    return float(text) if text else None


# ---- rows ----

def the_table_has_a_row_for_each_test():
    out = verify(*QUICK, "--test", "steady_phase")
    rows = [line.split() for line in out.splitlines()
            if line.startswith("steady")]
    check([row[0] for row in rows] ==
          ["steady_magnitude_voltage", "steady_phase"], out)
    for row in rows:
        check(row[-1] == "PASS" and int(row[1]) > 0, row)
        check(len(row) == 15, "name, points, 3 x 4 columns, verdict:", row)
    check(float(rows[0][5]) == 1 and float(rows[0][9]) == 0.005, rows[0])
    check("PASS: 2 pass, 0 fail" in out, out)


def every_test_of_the_edition_has_a_row():
    # ls7 needs no rows to be designed, and is asked for no step.
    doc = document("--profile", "ls7", "--class", "p", status=10)
    there = limits(standard=EDITION_2018, f0_hz=50, report_rate_fps=50,
                   **{"class": "P"})
    check(sorted(t["test"] for t in doc["tests"]) ==
          sorted(row["test"] for row in there), doc["tests"])
    by_name = {t["test"]: t for t in doc["tests"]}
    for name in ("step_magnitude", "step_phase", "reporting_latency"):
        check(by_name[name]["verdict"] == "n/a", by_name[name])
    for row in there:
        test = by_name[row["test"]]
        if "step" in row["test"] or "latency" in row["test"]:
            continue
        for key, column in (("tve_pct", "max_tve_pct"),
                            ("fe_hz", "max_fe_hz"),
                            ("rfe_hz_per_s", "max_rfe_hz_s")):
            check(test[key]["limit"] == number(row[column]), test, row)
        check(test["confidence"] == row["confidence"], test)
        check(test["missing"] == 0 and test["flagged"] == 0, test)


def unverified_limits_never_fail():
    # Harmonics of class P in the edition of 2011 are of low confidence.
    doc = document("--edition", "2011", "--class", "p", "--test", "harmonic",
                   "--profile", "ls7", "--snr-db", "0")
    test = doc["tests"][0]
    check(test["confidence"] == "low" and test["unverified"], test)
    check(test["tve_pct"]["max"] > test["tve_pct"]["limit"], test)
    check(test["verdict"] == "n/a", test)
    check("unverified limit" in test["note"], test)
    check(doc["verdict"] == "n/a", doc["verdict"])


def noise_as_large_as_the_signal_fails():
    # docs/estimator.md, 10: 7e-4 % at 80 dB, so 7 % at 0 dB; the limit is 1 %.
    doc = document(*QUICK, "--snr-db", "0", status=10)
    check(doc["tests"][0]["verdict"] == "FAIL", doc)
    check(doc["verdict"] == "FAIL" and doc["snr_db"] == 0, doc)


def steps_and_latency_are_within_the_class():
    doc = document("--class", "p", "--test", "step_phase", "--test",
                   "reporting_latency", "--repeats", "10")
    step, latency = doc["tests"]
    check(step["points"] == 20 and step["verdict"] == "PASS", step)
    # 4 cycles: half of them are 40 ms, and the limit is 2/50 s.
    check(abs(latency["latency_s"]["max"] - 0.04) < 1e-6, latency)
    check(latency["latency_s"]["limit"] == 0.04, latency)
    # The overshoot of the profile is 4.5 %, docs/estimator.md, 10.
    check(4 < step["step"]["overshoot_pct"]["max"] < 5, step)
    # The window spans the step for 80 ms: no response can last longer.
    for key in ("response_tve_s", "response_fe_s", "response_rfe_s"):
        check(0 < step["step"][key]["max"] < 0.08, key, step)


def a_limit_that_the_table_rounds_is_whole_reports():
    # 0.1333 s in the table: 2/15 s.
    doc = document("--class", "p", "--fnom", "60", "--rate", "15", "--test",
                   "reporting_latency")
    check(doc["tests"][0]["latency_s"]["limit"] == 2 / 15, doc["tests"])


def models_are_named_and_exact():
    # The acceptance figures of a test-aware fit, clean: % / Hz / Hz/s.
    args = ["--profile", "reference", "--model", "auto", "--class", "p",
            "--test", "frequency_ramp", "--test", "step_phase"]
    doc = document(*args)
    ramp, step = doc["tests"]
    check(ramp["by"] == "model ramp" and step["by"] == "model step", doc)
    check(ramp["verdict"] == "PASS" and step["verdict"] == "n/a", doc)
    for test in (ramp, step):
        for key, most in (("tve_pct", 1e-9), ("fe_hz", 1e-11),
                          ("rfe_hz_per_s", 1e-10)):
            check(test[key]["max"] <= most, key, test)


def a_model_that_does_not_hold_gives_way():
    args = ["--class", "p", "--test", "modulation_phase"]
    doc = document(*args, "--model", "steady")
    blind = document(*args)
    check(doc["tests"][0]["by"] == "p", doc)
    check("does not hold" in doc["tests"][0]["note"], doc)
    check(doc["tests"][0]["tve_pct"] == blind["tests"][0]["tve_pct"], doc)


def a_reference_too_coarse_for_a_limit_says_so():
    # Corners of ramps 2/Fs away, in a window of 25 reports; exact, the fit.
    args = ["--class", "p", "--rate", "100", "--test", "frequency_ramp",
            "--profile", "reference"]
    blind = document(*args)["tests"][0]
    times = blind["rfe_hz_per_s"]["limit"] / blind["rfe_hz_per_s"]["max"]
    check(1 < times < 10 and blind["verdict"] == "PASS", blind)
    check("cannot judge the limit of RFE, only %.1f times" % times
          in blind["note"], blind)
    known = document(*args, "--model", "auto")["tests"][0]
    check("cannot judge" not in (known["note"] or ""), known)


def json_and_points_agree(folder):
    path = os.path.join(folder, "points.csv")
    doc = document(*QUICK, "--test", "harmonic", "--points", path)
    with open(path, encoding="utf-8", newline="") as points:
        rows = list(csv.DictReader(points))
    for test in doc["tests"]:
        mine = [row for row in rows if row["test"] == test["test"]]
        check(len(mine) == test["points"], len(mine), test)
        check(sum(int(row["reports"]) for row in mine) == test["reports"],
              test)
        for key in ("tve_pct", "fe_hz", "rfe_hz_per_s"):
            check(max(float(row["max_" + key]) for row in mine) ==
                  test[key]["max"], key, test)
    orders = {float(row["parameter"]) for row in rows
              if row["test"] == "harmonic"}
    check(orders == set(range(2, 51)), orders)


# ---- repeatable ----

def on_one_processor():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def the_number_of_processors_does_not_matter(folder):
    outs = []
    for i, before in enumerate((None, on_one_processor)):
        path = os.path.join(folder, f"cores{i}.csv")
        done = subprocess.run(
            [CISOID, "verify", "--class", "p", "--test", "frequency_ramp",
             "--test", "modulation_phase", "--snr-db", "60", "--bits", "16",
             "--json", "--points", path],
            capture_output=True, check=True, timeout=120, preexec_fn=before)
        with open(path, "rb") as points:
            outs.append((done.stdout, points.read()))
    check(outs[0] == outs[1], "one processor, other figures")


def the_seed_makes_the_noise():
    args = QUICK + ["--snr-db", "60"]
    first = document(*args)["tests"]
    check(document(*args, "--seed", "1")["tests"] == first, "not repeatable")
    check(document(*args, "--seed", "2")["tests"] != first, "seed not used")


# ---- files ----

def pictures_are_xml(folder):
    plots = os.path.join(folder, "plots")
    args = QUICK + ["--test", "frequency_ramp", "--plots", plots]
    verify(*args)
    names = sorted(os.listdir(plots))
    check(names == ["frequency_ramp.svg", "frequency_ramp_trace.svg",
                    "steady_magnitude_voltage.svg"], names)
    for name in names:
        root = xml.parse(os.path.join(plots, name)).getroot()
        check(root.tag == "{http://www.w3.org/2000/svg}svg", name)
    err = verify(*args, status=8)
    check("--force" in err, err)
    verify(*args, "--force")


def outputs_that_cannot_be_written_are_refused(folder):
    there = os.path.join(folder, "there.csv")
    with open(there, "w", encoding="utf-8") as f:
        f.write("mine")
    nowhere = os.path.join(folder, "no", "such")
    for args in (["--points", folder], ["--points", there],
                 ["--points", nowhere], ["--plots", there],
                 ["--plots", os.path.join(nowhere, "deep")]):
        verify(*QUICK, *args, status=8)
    with open(there, encoding="utf-8") as f:
        check(f.read() == "mine", "overwritten")
    for name in ("-", ""):
        verify(*QUICK, "--points", name, status=2)


def an_interrupt_leaves_nothing(folder):
    points = os.path.join(folder, "cut.csv")
    plots = os.path.join(folder, "cut")
    done = subprocess.Popen([CISOID, "verify", "--repeats", "1000",
                             "--points", points, "--plots", plots],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)
    while not os.path.exists(plots) and done.poll() is None:
        time.sleep(0.01)
    done.send_signal(signal.SIGINT)
    out, err = done.communicate(timeout=60)
    check(done.returncode == 12, done.returncode, err)
    check(not out and "aborted" in err, out, err)
    check(not [n for n in os.listdir(folder) if n.startswith("cut")],
          os.listdir(folder))


# ---- refusals ----

def nonsense_is_refused_with_a_reason():
    for args in (["--rate", "0"], ["--rate", "1e9"], ["--rate", "x"],
                 ["--snr-db", "nan"], ["--snr-db", "1dB"], ["--bits", "65"],
                 ["--bits", "-1"], ["--seed", "x"], ["--repeats", "1"],
                 ["--repeats", "1e9"], ["--class", "q"], ["--fnom", "55"],
                 ["--edition", "2005"], ["--profile", "nosuch"],
                 ["--model", "nosuch"], ["--test", "nosuch"], ["operand"]):
        verify(*args, status=2)
    err = verify("--test", "step_phas", status=2)
    check("step_phase" in err, err)


def what_does_not_go_together_is_refused():
    err = verify("--rate", "7", status=3)
    check("10, 25, 50, 100" in err, err)
    err = verify("--rate", "1/5", status=3)
    check("10, 25, 50, 100" in err, err)
    err = verify("--fnom", "60", "--rate", "50", status=3)
    check("10, 12, 15, 20, 30, 60, 120" in err, err)
    err = verify("--class", "p", "--test", "out_of_band", status=3)
    check("out_of_band" in err, err)


def main():
    with tempfile.TemporaryDirectory() as folder:
        nonsense_is_refused_with_a_reason()
        what_does_not_go_together_is_refused()
        the_table_has_a_row_for_each_test()
        every_test_of_the_edition_has_a_row()
        unverified_limits_never_fail()
        noise_as_large_as_the_signal_fails()
        steps_and_latency_are_within_the_class()
        a_limit_that_the_table_rounds_is_whole_reports()
        models_are_named_and_exact()
        a_model_that_does_not_hold_gives_way()
        a_reference_too_coarse_for_a_limit_says_so()
        json_and_points_agree(folder)
        the_number_of_processors_does_not_matter(folder)
        the_seed_makes_the_noise()
        pictures_are_xml(folder)
        outputs_that_cannot_be_written_are_refused(folder)
        an_interrupt_leaves_nothing(folder)


if __name__ == "__main__":
    main()
