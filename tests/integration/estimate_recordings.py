#!/usr/bin/env python3
"""estimate on real recordings: the frequencies and magnitudes that other
readers found in them (SOURCES.md beside the recordings), and no memory error.
"""
import csv
import io
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import CISOID, check, run  # noqa: E402

DATA = os.path.join(os.environ.get("CISOID_DATA", ""), "comtrade")

# File, profile, rows to average, frequency, its tolerance, and magnitudes in
# percent. 5 mHz and 0.1 % as SOURCES.md claims; more where the recording itself
# moves by more from cycle to cycle (currents of a drive, a load transient).
# The figures are those of the first cycles: short windows find them.
FACTS = [
    ("keating_1999.CFG", "ls7:2", 2, 59.97, 0.03,
     {"U1": (348.9, 0.1), "U2": (352.1, 0.2), "U3": (345.9, 0.1)}),
    ("real_1999_bin.cfg", "p", 4, 50.025, 0.005,
     {"J2 -VA": (129.0, 0.1), "J2 -VB": (126.9, 0.1), "J2 -VC": (130.5, 0.1),
      "J1 -IA": (1.550, 0.5)}),
    ("gen60_fault_5760.cfg", "p", 2, 60.04, 0.005,
     {"VA_GC1": (7567, 0.1), "VB_GC1": (7580, 0.1), "VC_GC1": (7480, 0.1),
      "IA_GC1": (527, 0.1)}),
    ("line220kv_4rates.cfg", "p", 1, 50.014, 0.005,
     {"220kV母线Ⅰ_Ua": (60.24, 0.1), "220kV母线Ⅰ_Ub": (60.40, 0.1),
      "220kV母线Ⅰ_Uc": (60.42, 0.1)}),
    ("inject5a_1991_ascii.cfg", "p", 200, 50.006, 0.005,
     {"Ia": (5.008, 0.1), "Ic": (5.013, 0.1)}),
]

# Calm enough for half a second at a time: frequencies of the reference.
STEADY = {
    "real_1999_bin.cfg": 50.025,
    "inject5a_1991_ascii.cfg": 50.006,
}

# Readable all the same: how many rows there are at least, by the reference and
# by the shortest window.
OTHERS = {
    "bay110kv_skew_1200.cfg": (790, 800),
    "ascii_10rates_gbk.cfg": (0, 100),
    "relay_2013_binary32.cfg": (0, 3),
    "SEPAM_1997.CFG": (170, 190),
    "sample_ascii.cfg": (0, 0),
    "sample_ascii.cff": (0, 0),
}


def rows(name, *options):
    """Rows of an estimate that must succeed, and what was said."""
    status, out, err = run("estimate", os.path.join(DATA, name), *options)
    check(status == 0, f"{name}: exit status {status}: {err}")
    return list(csv.DictReader(io.StringIO(out, newline=""))), err


def mean(table, column):
    """Of the rows that have a value."""
    values = [float(row[column]) for row in table if row[column]]
    check(values, f"no value in {column}")
    return sum(values) / len(values)


def close(name, what, value, expected, tolerance):
    """Within the tolerance, or the end."""
    check(abs(value - expected) <= tolerance,
          f"{name}: {what} is {value}, expected {expected} +- {tolerance}")


def facts():
    """Frequencies and magnitudes."""
    for name, profile, n, f_hz, tol_hz, magnitudes in FACTS:
        table, _ = rows(name, "--profile", profile)
        check(len(table) >= n, f"{name}: {len(table)} rows")
        close(name, "freq_hz", mean(table[:n], "freq_hz"), f_hz, tol_hz)
        for channel, (rms, pct) in magnitudes.items():
            close(name, channel, mean(table[:n], channel + "_rms"), rms,
                  rms * pct / 100)


def steady():
    """The default profile finds the same frequency on the whole."""
    for name, f_hz in STEADY.items():
        table, _ = rows(name)
        close(name, "freq_hz", mean(table, "freq_hz"), f_hz, 0.005)


def shapes():
    """Every row is complete and in time order."""
    for name, counts in OTHERS.items():
        for least, profile in zip(counts, ("reference", "ls7")):
            table, err = rows(name, "--profile", profile)
            check(len(table) >= least, f"{name}: {len(table)} rows")
            check(least or "too short" in err, f"{name}: {err}")
            times = [row["time_utc"] for row in table]
            check(times == sorted(set(times)), f"{name}: times out of order")
            check(all(row["flags"] for row in table), f"{name}: no flags")
    table, err = rows("gen60_fault_5760.cfg", "--fit")
    check("VA_GC1_u_urad" in table[0], "no --fit columns")
    status, _, err = run("estimate", os.path.join(DATA, "sample_float32.cff"))
    check(status == 3 and "voltage or a current" in err, err)


def primary():
    """--primary multiplies by the transformer's ratio."""
    name = "line220kv_4rates.cfg"
    secondary, _ = rows(name, "--profile", "p")
    converted, _ = rows(name, "--profile", "p", "--primary")
    column = "220kV母线Ⅰ_Ua_rms"
    ratio = float(converted[0][column]) / float(secondary[0][column])
    close(name, "ratio", ratio, 2200, 2200 * 1e-9)


VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full"]


def valgrind_can():
    """Sanitizers and clang's debug information are beyond it."""
    return shutil.which("valgrind") and subprocess.run(
        [*VALGRIND, CISOID, "--version"], capture_output=True,
        check=False).returncode == 0


def memory():
    """No error that valgrind knows of."""
    if not valgrind_can():
        print("valgrind cannot run this program: memory is not checked")
        return
    for name, profile in (("keating_1999.CFG", "ls7"),
                          ("line220kv_4rates.cfg", "p")):
        done = subprocess.run(
            [*VALGRIND, CISOID, "estimate", os.path.join(DATA, name),
             "--profile", profile],
            capture_output=True, text=True, timeout=280, check=False)
        check(done.returncode == 0, f"{name}: {done.stderr[-2000:]}")


def main():
    """All of it, or nothing where the recordings are not."""
    if not os.path.isdir(DATA):
        print("the recordings are not here")
        sys.exit(77)
    facts()
    steady()
    shapes()
    primary()
    memory()


main()
