#!/usr/bin/env python3
"""estimate --model: held, refused and told, on recordings made here."""
import csv
import io
import math
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import check, run  # noqa: E402

RATE, SECONDS, PEAK = 2000, 2, 100.0


def recording(path, wave, names=("VA", "VB", "VC"), gap=0):
    """A COMTRADE 2013 FLOAT32 pair; wave(t, c) is the sample of channel c.
    From the middle on the samples are `gap` s later, in a rate of its own."""
    n = RATE * SECONDS
    lines = ["TEST,1,2013", f"{len(names)},{len(names)}A,0D"]
    lines += [f"{i + 1},{name},{name[-1]},,V,1,0,0,-1,1,1,1,P"
              for i, name in enumerate(names)]
    lines += ["50", "1", f"{RATE},{n}"] if not gap else ["50", "0", f"0,{n}"]
    lines += ["20/11/2026,12:00:00.000000000"] * 2
    lines += ["FLOAT32", "1000", "0,0", "0,0"]  # stamps in us
    with open(path + ".cfg", "w", encoding="utf-8", newline="") as cfg:
        cfg.write("\r\n".join(lines) + "\r\n")
    with open(path + ".dat", "wb") as dat:
        for k in range(n):
            t = k / RATE + (gap if k >= n // 2 else 0)
            row = [wave(t, c) for c in range(len(names))]
            dat.write(struct.pack(f"<II{len(names)}f", k + 1,
                                  round(t * 1000000), *row))
    return path + ".cfg"


def estimate(path, *args):
    """Rows as dictionaries, and what was said."""
    status, out, err = run("estimate", path, *args)
    check(status == 0, f"{args}: exit status {status}: {err}")
    return list(csv.DictReader(io.StringIO(out, newline=""))), err


def cosine(f_hz, extra=lambda t, angle: 0):
    """Three phases of f_hz."""
    def wave(t, c):
        angle = 2 * math.pi * (f_hz * t - c / 3)
        return PEAK * (math.cos(angle) + extra(t, angle))
    return wave


def holds(folder):
    """A model that holds: the values are its own, nothing is said. FLOAT32
    rounds samples by 3e-8, and 4000 of them leave less than that."""
    path = recording(os.path.join(folder, "held"), cosine(
        50.3, lambda t, angle: 0.04 * math.cos(3 * angle + 1)))
    rows, err = estimate(path, "--model", "steady")
    check("model" not in err, err)
    for row in rows:
        check(row["notes"] == "" and row["flags"] == "ok", row)
        check(abs(float(row["freq_hz"]) - 50.3) < 1e-8, row)
        check(abs(float(row["rocof_hz_per_s"])) < 1e-9, row)
        check(abs(float(row["VA_rms"]) - PEAK / math.sqrt(2)) < 3e-6, row)
    blind, _ = estimate(path)
    check([r["fracsec"] for r in rows] == [r["fracsec"] for r in blind],
          "other instants than the profile's")
    rows, _ = estimate(path, "--model", "ramp", "--channels", "VC,VA", "--fit",
                       "--profile", "ls7", "--rate", "5")
    check("VC_u_ppm" in rows[0] and len(rows) == 9, rows[0])
    check(float(rows[0]["VA_resid_ppm"]) < 0.1, rows[0])


def refused(folder):
    """A model that does not: the profile's values, a note, and the reason."""
    path = recording(os.path.join(folder, "drift"), cosine(
        50.3, lambda t, angle: math.cos(angle + math.pi * 1e-3 * t * t) -
        math.cos(angle)))
    rows, err = estimate(path, "--model", "steady")
    check("VA VB VC: not by the model \"steady\": the residual" in err, err)
    blind, _ = estimate(path)
    for row, plain in zip(rows, blind):
        check(row["notes"] == "blind", row)
        row["notes"] = ""
        check(row == plain, f"{row} is not {plain}")
    rows, err = estimate(path, "--model", "ramp")
    check("model" not in err and rows[0]["notes"] == "", err)
    check(abs(float(rows[0]["rocof_hz_per_s"]) - 1e-3) < 1e-7, rows[0])


def gap(folder):
    """A recording in two pieces is not fitted."""
    path = recording(os.path.join(folder, "gap"), cosine(50), gap=0.3)
    rows, err = estimate(path, "--model", "steady", "--profile", "ls7")
    check("the recording has a gap" in err, err)
    check(rows and all("blind" in r["notes"] for r in rows), rows)


def main():
    """All of it in one temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        holds(folder)
        refused(folder)
        gap(folder)


main()
