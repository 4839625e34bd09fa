#!/usr/bin/env python3
"""capture --tests: the standard's tests as recordings.

Each is read back by estimate, and compared with the closed form that index.csv
says it is: cisoid-simulate(1), SIGNAL KEYS.
"""
import cmath
import csv
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import CISOID, Program, check, run  # noqa: E402

USAGE, INVALID, STORAGE, ABORTED = 2, 3, 8, 12
T0, T0_SOC = "2026-01-02T03:04:05Z", 1767323045
CHANNELS = {"VA": 0, "VC": 2, "IB": 4}  # of the six, to be quick
TESTS = ("steady_frequency", "steady_magnitude_voltage",
         "steady_magnitude_current", "steady_phase", "harmonic",
         "out_of_band", "modulation_amplitude", "modulation_phase",
         "frequency_ramp", "step_magnitude", "step_phase",
         "reporting_latency")

# The fit that knows each test: exact but for what the file does to samples.
MODEL = {"steady_frequency": "steady", "steady_magnitude_voltage": "steady",
         "steady_magnitude_current": "steady", "steady_phase": "steady",
         "harmonic": "steady", "out_of_band": "tone",
         "modulation_amplitude": "mod", "modulation_phase": "mod",
         "frequency_ramp": "ramp", "step_magnitude": "step",
         "step_phase": "step", "reporting_latency": "steady"}


# ---- the closed form ----

class Truth:
    """Phasors of the keys in index.csv; t in s from t0."""

    def __init__(self, text):
        self.key = {"rocof": 0, "rocof_s": 0, "f_to": None, "am": 0,
                    "am_hz": 0, "pm": 0, "pm_hz": 0, "step_mag": 0,
                    "step_deg": 0, "step_s": math.inf}
        for item in text.split(","):
            name, value = item.split("=")
            self.key[name] = float(value)

    def turns(self, t):
        """The integral of f - fnom from 0."""
        k = self.key
        turns = (k["f"] - k["fnom"]) * t
        gone = max(t - k["rocof_s"], 0)
        if k["f_to"] is not None:
            last = (k["f_to"] - k["f"]) / k["rocof"]
            turns += (k["f_to"] - k["f"]) * max(gone - last, 0)
            gone = min(gone, last)
        return turns + k["rocof"] * gone * gone / 2

    def phasor(self, chan, t):
        k = self.key
        rms, deg = ((k["v"], k["v_deg"]) if chan < 3 else
                    (k["i"], k["i_deg"]))
        deg += (0, -120, 120)[chan % 3]
        rms *= 1 + k["am"] * math.cos(2 * math.pi * k["am_hz"] * t)
        rad = k["pm"] * math.cos(2 * math.pi * k["pm_hz"] * t - math.pi)
        if t >= k["step_s"]:
            rms *= 1 + k["step_mag"]
            deg += k["step_deg"]
        return cmath.rect(rms, 2 * math.pi * self.turns(t) +
                          math.radians(deg) + rad)


# ---- files ----

def write(folder, *args):
    """(exit status, index, standard error) of a library in folder/lib."""
    path = os.path.join(folder, "lib")
    status, out, err = run("capture", "--tests", path, "--start", T0, *args)
    check(out == "", "nothing on standard output", out)
    index = []
    if status == 0:
        with open(os.path.join(path, "index.csv"), newline="",
                  encoding="utf-8") as f:
            index = list(csv.DictReader(f))
    return status, index, err


def reports(path, *args):
    status, out, err = run("estimate", path, *args)
    check(status == 0, path, err)
    return list(csv.DictReader(out.splitlines()))


def near_a_step(truth, t, rate_hz=6400):
    """On either side of it is right within half a sample."""
    return abs(t - truth.key["step_s"]) < 0.5 / rate_hz


def check_recording(folder, row, error):
    """
    The largest TVE of the reports that count. `error` is how far the samples
    of a channel of 1 V may be from the formula, V: a bound. A fit of p
    parameters moves by at most sqrt(2 p) times that (the weights of one
    parameter and N samples have the norm sqrt(2 / N), and Cauchy and Schwarz);
    no model has more than 8.
    """
    truth = Truth(row["signal"])
    corners = [float(row[c]) for c in ("corner1_s", "corner2_s") if row[c]]
    exclusion, n = float(row["exclusion_s"] or 0), 0
    for rep in reports(os.path.join(folder, "lib", row["file"]), "--model",
                       MODEL[row["test"]], "--channels",
                       ",".join(CHANNELS)):
        t = int(rep["soc"]) - T0_SOC + float(rep["fracsec"])
        if not float(row["from_s"]) <= t <= float(row["to_s"]) or \
                any(abs(t - c) < exclusion for c in corners) or \
                near_a_step(truth, t):
            continue
        n += 1
        for name, i in CHANNELS.items():
            x = cmath.rect(float(rep[name + "_rms"]),
                           math.radians(float(rep[name + "_deg"])))
            true = truth.phasor(i, t)
            nominal = 120 if i < 3 else 5
            check(abs(x - true) <= 4 * error * nominal, row["file"], name, t,
                  abs(x - true) / abs(true))
    check(n > 0, row, "no report counts")


# Half a step of 16 bits: the range is 1.5 nominal peaks, 2.5 of currents
# tested to 200 %.
BINARY = 2.5 * math.sqrt(2) / 32767 / 2
# Half a unit in the last of 24 places, of peaks to 1.2 times the nominal.
FLOAT32 = 1.2 * math.sqrt(2) * 2 ** -24


# ---- what is so ----

def every_test_is_recorded(folder):
    """By default for class m at 50 Hz; every file is in the index."""
    status, index, err = write(folder, "--sample-rate", "6400")
    check(status == 0 and "index.csv" in err, err)
    lib = os.path.join(folder, "lib")
    check([t for t in TESTS if not any(r["test"] == t for r in index)] == [],
          "a test is missing")
    files = {r["file"] for r in index}
    check(len(files) == len(index), "names are unique")
    check(files | {f[:-3] + "dat" for f in files} |
          {"index.csv", "README.txt"} == set(os.listdir(lib)),
          "folder and index agree")
    # The ends of each sweep, and both ramps whole.
    for test, least, most in (("steady_frequency", 45, 55),
                              ("steady_magnitude_voltage", 10, 120),
                              ("harmonic", 2, 50), ("out_of_band", 10, 100),
                              ("modulation_phase", 0.1, 5),
                              ("step_phase", -10, 10)):
        values = [float(r["parameter"]) for r in index if r["test"] == test]
        check((min(values), max(values)) == (least, most), test, values)
    ramps = [r for r in index if r["test"] == "frequency_ramp"]
    # 2 s at rest, 10 Hz at 1 Hz/s, at rest again.
    check([float(r["duration_s"]) > 12.5 for r in ramps] == [True, True],
          ramps)
    for test in TESTS:
        rows = [r for r in index if r["test"] == test]
        check_recording(folder, rows[len(rows) // 2], BINARY)


def the_cfg_is_of_1999_and_secondary(folder):
    """What any test set reads: 16 bits; of 2013 on demand."""
    lib = os.path.join(folder, "lib")
    with open(os.path.join(lib, "harmonic_0001.cfg"), newline="",
              encoding="ascii") as f:
        lines = f.read().split("\r\n")
    check(lines[0] == "CISOID-SIM,harmonic_0001,1999", lines)
    check(all(line.endswith(",1,1,S") for line in lines[2:8]), lines)
    check(lines[8:14] == ["50", "1", "6400,32000",
                          "02/01/2026,03:04:05.000000",
                          "02/01/2026,03:04:05.000000", "BINARY"], lines)
    size = os.path.getsize(os.path.join(lib, "harmonic_0001.dat"))
    check(size == 32000 * (8 + 6 * 2), size)


def floats_are_nearer(folder):
    """2013; one folder after the other, with --force."""
    keep = os.path.join(folder, "lib", "notes.txt")
    with open(keep, "w", encoding="ascii") as f:
        f.write("mine")
    status, index, err = write(folder, "--force", "--format", "float32",
                               "--test", "step_phase", "--test",
                               "frequency_ramp", "--test",
                               "modulation_amplitude", "--class", "p",
                               "--station", "LAB")
    check(status == 0, err)
    check({r["test"] for r in index} == {"step_phase", "frequency_ramp",
                                         "modulation_amplitude"}, index)
    check(os.path.exists(keep), "other files stay")
    for test in ("step_phase", "frequency_ramp", "modulation_amplitude"):
        rows = [r for r in index if r["test"] == test]
        check_recording(folder, rows[-1], FLOAT32)
    with open(os.path.join(folder, "lib", rows[-1]["file"]),
              encoding="ascii") as f:
        check(f.readline().startswith("LAB-SIM,modulation_amplitude_0020,"
                                      "2013"), "first line")


def all_points_are_those_of_verify(folder):
    """Steady phases: 73 at rest, 25 turning either way."""
    status, index, err = write(folder, "--force", "--points", "all",
                               "--test", "steady_phase", "--fnom", "60",
                               "--rate", "30", "--sample-rate", "6400")
    check(status == 0, err)
    check(len(index) == 73 + 2 * 25, len(index))
    check(all("fnom=60," in r["signal"] for r in index), index[0])


def nonsense_is_refused(folder):
    """With a sentence, and nothing is left."""
    lib = os.path.join(folder, "lib")
    plain = os.path.join(folder, "plain")
    with open(plain, "w", encoding="ascii"):
        pass
    new = os.path.join(folder, "new")
    before = sorted(os.listdir(folder))
    for status, word, args in (
            (STORAGE, "is not empty; --force", ["--tests", lib]),
            (STORAGE, "not a folder", ["--tests", plain]),
            (STORAGE, "No such file", ["--tests", new + "/a/b"]),
            (USAGE, "name a folder", ["--tests", ""]),
            (USAGE, "--test goes with --tests", ["--test", "harmonic"]),
            (USAGE, "--class goes with --tests",
             ["--class", "p", "--source", "mock:", "-o", "a.cfg"]),
            (USAGE, "no --source", ["--tests", new, "--source", "mock:"]),
            (USAGE, "no --source", ["--tests", new, "--duration", "1s"]),
            (USAGE, "did you mean", ["--tests", new, "--test", "harmonics"]),
            (USAGE, "not p or m", ["--tests", new, "--class", "x"]),
            (USAGE, "--edition", ["--tests", new, "--edition", "2005"]),
            (USAGE, "--sample-rate", ["--tests", new, "--sample-rate", "nan"]),
            (USAGE, "--sample-rate", ["--tests", new, "--sample-rate", "50"]),
            (USAGE, "--points", ["--tests", new, "--points", "many"]),
            (INVALID, "49", ["--tests", new, "--rate", "49"]),
            (INVALID, "1/5", ["--tests", new, "--rate", "1/5"]),
            (INVALID, "no test out_of_band",
             ["--tests", new, "--class", "p", "--test", "out_of_band"])):
        got, out, err = run("capture", *args)
        check(got == status and word in err and out == "", args, got, err)
        check(err.count("\n") <= 2, args, err)
    check(sorted(os.listdir(folder)) == before, os.listdir(folder))


def a_folder_may_be_named_as_one_likes(folder):
    """With slashes, an empty one, the one one is in."""
    args = ("--test", "reporting_latency", "--sample-rate", "6400")
    files = ["README.txt", "index.csv", "reporting_latency_0001.cfg",
             "reporting_latency_0001.dat"]
    empty = os.path.join(folder, "empty")
    os.mkdir(empty)
    for path, where in ((empty, None), (os.path.join(folder, "a//"), None),
                        (".", os.path.join(folder, "here"))):
        if where:
            os.mkdir(where)
        done = subprocess.run([os.path.abspath(CISOID), "capture", "--tests",
                               path, *args], cwd=where, capture_output=True,
                              text=True, timeout=60, check=False)
        check(done.returncode == 0, path, done.stderr)
        check(sorted(os.listdir(where or path)) == files, path)


def a_full_disk_leaves_nothing_behind(folder):
    """Files may not grow beyond 100 kB; a folder that exists stays empty."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    there = os.path.join(folder, "there")
    os.mkdir(there)
    before = sorted(os.listdir(folder))
    for path in (os.path.join(folder, "full"), there):
        done = subprocess.run([CISOID, "capture", "--tests", path],
                              capture_output=True, text=True, timeout=60,
                              preexec_fn=limit, check=False)
        check(done.returncode == STORAGE and "too large" in done.stderr,
              done.returncode, done.stderr)
        check(sorted(os.listdir(folder)) == before, os.listdir(folder))
    check(os.listdir(there) == [], os.listdir(there))


def an_interrupt_leaves_nothing_behind(folder):
    """Status 12, once files are being written."""
    before = sorted(os.listdir(folder))
    program = Program("capture", "--tests", os.path.join(folder, "half"),
                      "--points", "all")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(os.listdir(folder)) == \
            len(before):
        pass
    check(program.end(signal.SIGINT) == ABORTED, program.stderr())
    check("nothing is written" in program.stderr(), program.stderr())
    check(sorted(os.listdir(folder)) == before, os.listdir(folder))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        every_test_is_recorded(where)
        the_cfg_is_of_1999_and_secondary(where)
        floats_are_nearer(where)
        all_points_are_those_of_verify(where)
        nonsense_is_refused(where)
        a_folder_may_be_named_as_one_likes(where)
        a_full_disk_leaves_nothing_behind(where)
        an_interrupt_leaves_nothing_behind(where)
