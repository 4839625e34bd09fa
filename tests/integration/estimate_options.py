#!/usr/bin/env python3
"""estimate: columns, options and exit statuses, on recordings made here."""
import csv
import io
import math
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import check, run  # noqa: E402

RATE = 4000
VOLTS, AMPS = 120.0, 5.0


def recording(path, seconds, f_hz=50.2, names=None, unit="V"):
    """A COMTRADE 2013 FLOAT32 pair: VA VB VC IA IB IC, exact but for float."""
    names = names or ["VA", "VB", "VC", "IA", "IB", "IC"]
    n = round(RATE * seconds)
    lines = ["TEST,1,2013", f"{len(names)},{len(names)}A,0D"]
    for i, name in enumerate(names):
        u = unit if i < 3 else "A"
        lines.append(f"{i + 1},{name},{name[-1]},,{u},1,0,0,-1,1,1,1,P")
    lines += ["50", "1", f"{RATE},{n}", "20/11/2026,12:00:00.000000000",
              "20/11/2026,12:00:00.000000000", "FLOAT32", "1", "0,0", "0,0"]
    with open(path + ".cfg", "w", encoding="utf-8", newline="") as cfg:
        cfg.write("\r\n".join(lines) + "\r\n")
    with open(path + ".dat", "wb") as dat:
        for k in range(n):
            t = k / RATE
            row = [math.sqrt(2) * (VOLTS if c < 3 else AMPS) * math.cos(
                2 * math.pi * (f_hz * t - c % 3 / 3))
                for c in range(len(names))]
            dat.write(struct.pack(f"<II{len(names)}f", k + 1,
                                  k * 1000000 // RATE, *row))
    return path + ".cfg"


def table(out):
    """Rows of the CSV as dictionaries."""
    return list(csv.DictReader(io.StringIO(out, newline="")))


def estimate(*args, status=0):
    """Runs it; checks the exit status; rows and standard error."""
    got, out, err = run("estimate", *args)
    check(got == status, f"estimate {args}: exit status {got}: {err}")
    return out, err


def columns(path):
    """As the manual has them, RFC 4180."""
    out, _ = estimate(path)
    head = out.splitlines()[0]
    check(head == "time_utc,soc,fracsec,freq_hz,rocof_hz_per_s,flags,"
          "VA_rms,VA_deg,VB_rms,VB_deg,VC_rms,VC_deg,IA_rms,IA_deg,IB_rms,"
          "IB_deg,IC_rms,IC_deg,V+_rms,V+_deg,I+_rms,I+_deg,notes", head)
    first = table(out)[0]
    # The reference takes a quarter of a second on either side.
    check(first["time_utc"] == "2026-11-20T12:00:00.260000000Z", first)
    check(first["soc"] == "1795176000", first)
    check(first["fracsec"] == "0.260000000", first)
    check(first["flags"] == "ok" and first["notes"] == "", first)
    # FLOAT32 rounds samples by 3e-8 of their size.
    check(abs(float(first["freq_hz"]) - 50.2) < 1e-6, first)
    check(abs(float(first["VA_rms"]) - VOLTS) < 1e-4, first)
    check(abs(float(first["V+_deg"]) - 360 * 0.2 * 0.26) < 1e-4, first)
    check(abs(float(first["IB_deg"]) + 120 - 360 * 0.2 * 0.26) < 1e-4, first)
    out, _ = estimate(path, "--fit")
    check(",IC_u_urad,notes" in out.splitlines()[0], "no fit columns")
    check(",VA_a1,VA_a2,VA_dc,VA_resid_ppm,VA_u_ppm,VA_u_urad,VB_a1" in out,
          "fit columns are not in order")


def instants(path):
    """Rates, also those whose instants are no whole nanoseconds."""
    ls7 = ["--profile", "ls7"]
    rows = table(estimate(path, *ls7, "--rate", "60", "--fnom", "60")[0])
    check(rows[0]["fracsec"] == "0.016666667", rows[0])
    check(abs(float(rows[0]["freq_hz"]) - 50.2) < 1e-5, rows[0])
    rows = table(estimate(path, *ls7, "--rate", "7")[0])
    check([r["fracsec"] for r in rows] ==
          ["0.142857143", "0.285714286", "0.428571429"], rows)


def selection(path):
    """--channels and --map."""
    rows = table(estimate(path, "--channels", "IB,VA")[0])
    check(list(rows[0])[6:] == ["IB_rms", "IB_deg", "VA_rms", "VA_deg",
                                "notes"], rows[0])
    rows = table(estimate(path, "--map", "VA=VB,VB=VC,VC=VA")[0])
    check(abs(float(rows[0]["VA_deg"]) + 120 - 360 * 0.2 * 0.26) < 1e-4,
          rows[0])
    _, err = estimate(path, "--channels", "VX", status=2)
    check("no channel \"VX\"" in err, err)
    _, err = estimate(path, "--map", "Q=VA", status=2)
    check("VA VB VC IA IB IC" in err, err)


def usage(path):
    """Nonsense is refused with a sentence."""
    for args, says in [(["--rate", "0"], "--rate"),
                       (["--rate", "nan"], "--rate"),
                       (["--fnom", "55"], "50 or 60"),
                       (["--profile", "r"], "p, m, reference, ls7"),
                       (["--profile", "m:3"], "only ls7"),
                       (["--profile", "ls7:1"], "2 to 500"),
                       (["--model", "ripple"], "steady, ramp, mod"),
                       (["--chanels", "VA"], "did you mean --channels"),
                       ([path], "one recording")]:
        _, err = estimate(path, *args, status=2)
        check(says in err, f"{args}: {err}")
    _, err = estimate(status=2)
    check("one recording" in err, err)


def files(path, folder):
    """What cannot be read, and where not to write."""
    empty = os.path.join(folder, "empty.cfg")
    open(empty, "wb").close()
    for name in empty, folder, os.path.join(folder, "none.cfg"):
        _, err = estimate(name, status=3)
        check(name in err and len(err.splitlines()) == 1, err)
    target = os.path.join(folder, "out.csv")
    estimate(path, "-o", target)
    with open(target, newline="", encoding="utf-8") as f:
        text = f.read()
    check(text.count("\n") == text.count("\r\n") > 20, "not RFC 4180")
    _, err = estimate(path, "-o", target, status=8)
    check("--force" in err, err)
    estimate(path, "-o", target, "--force")
    _, err = estimate(path, "-o", folder, status=8)
    check("is a directory" in err, err)
    if os.path.exists("/dev/full"):
        estimate(path, "-o", "/dev/full", status=8)


def shortness(folder):
    """Too short: a header, no rows, and a profile that fits."""
    path = recording(os.path.join(folder, "short"), 0.4)
    out, err = estimate(path)
    check(len(out.splitlines()) == 1 and "m fits" in err, out, err)
    path = recording(os.path.join(folder, "short"), 0.09)
    out, err = estimate(path)
    check(len(out.splitlines()) == 1 and "p fits" in err, out, err)
    check(len(table(estimate(path, "--profile", "p")[0])) >= 1, "p does not")
    out, err = estimate(path, "--profile", "ls7:6")
    check(len(out.splitlines()) == 1, out)
    # The window of 80 ms around 40 ms is within the 90 ms; that of 100 ms in
    # none. At 10 reports a second only 0 ms is.
    check("ls7:4 fits" in err, err)
    check(len(table(estimate(path, "--profile", "ls7:4")[0])) >= 1,
          "it does not")
    _, err = estimate(path, "--profile", "ls7:6", "--rate", "10")
    check("no profile fits" in err, err)
    _, err = estimate(path, "--profile", "ls7:2", "--rate", "10")
    check("a higher --rate" in err, err)
    # What is said to fit does.
    path = recording(os.path.join(folder, "edge"), 0.06)
    for cycles, rate, fits in ((3, 50, "ls7:2"), (4, 60, "ls7:2"),
                               (3, 60, "ls7:2")):
        _, err = estimate(path, "--profile", f"ls7:{cycles}", "--rate",
                          str(rate))
        if "fits" in err:
            check(f"{fits} fits" in err, cycles, rate, err)
            out, _ = estimate(path, "--profile", fits, "--rate", str(rate))
            check(len(out.splitlines()) > 1, fits, rate, out)
    path = recording(os.path.join(folder, "tiny"), 0.01)
    _, err = estimate(path, "--strict", status=7)
    check("no profile fits" in err, err)
    path = recording(os.path.join(folder, "one"), 1 / RATE)
    estimate(path)


def strictness(path, folder):
    """7 where something is wrong, 0 where nothing is or only remarked on."""
    estimate(path, "--strict")
    remark = recording(os.path.join(folder, "remark"), 1)
    with open(remark, encoding="utf-8", newline="") as cfg:
        text = cfg.read().replace(",1,1,P", ",100,1,S")
    with open(remark, "w", encoding="utf-8", newline="") as cfg:
        cfg.write(text)
    _, err = estimate(remark, "--strict")
    check("secondary side on 6 of 6" in err, err)
    cut = recording(os.path.join(folder, "cut"), 1)
    with open(cut[:-3] + "dat", "r+b") as dat:
        dat.truncate(1500 * 32 + 5)
    estimate(cut)
    _, err = estimate(cut, "--strict", status=7)
    check("1500" in err, err)
    slow = recording(os.path.join(folder, "far"), 1, f_hz=70)
    out, err = estimate(slow, "--strict", status=7)
    check({"nofit", "nosignal"} & {r["flags"] for r in table(out)}, out)
    check("no fundamental" in err, err)
    holed = recording(os.path.join(folder, "holed"), 1)
    with open(holed[:-3] + "dat", "r+b") as dat:
        dat.seek(2000 * 32 + 8)
        dat.write(struct.pack("<6f", *[math.nan] * 6))
    out, err = estimate(holed, "--strict", status=7)
    check(all("gap" in r["flags"] for r in table(out)), out)
    check("no fundamental" not in err, err)


def names(folder):
    """A quote in a name is doubled; kV are V; units must be V or A."""
    path = recording(os.path.join(folder, "names"), 0.1,
                     names=['V"A', "V B", "VC"], unit="kV")
    out, _ = estimate(path, "--profile", "ls7")
    check('"V""A_rms"' in out.splitlines()[0], out.splitlines()[0])
    check(abs(float(table(out)[0]['V"A_rms']) / 1000 - VOLTS) < 1e-4, out)
    path = recording(os.path.join(folder, "bar"), 0.1,
                     names=["VA", "VB", "VC"], unit="bar")
    _, err = estimate(path, status=3)
    check("voltage" in err, err)


def main():
    """All of it in one temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = recording(os.path.join(folder, "good"), 1)
        columns(path)
        instants(recording(os.path.join(folder, "half"), 0.5))
        selection(path)
        usage(path)
        files(path, folder)
        shortness(folder)
        strictness(path, folder)
        names(folder)


main()
