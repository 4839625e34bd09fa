#!/usr/bin/env python3
"""Corrections over frequency and level: bad transducers by mock, whose gain and
delay depend on both, one table for each channel, and the truth in closed form;
then where the correction and its uncertainty are shown.
"""
import cmath
import csv
import json
import math
import os
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402
from signal_truth import CHANNELS, PHASE_RAD, Signal  # noqa: E402
from synchro import SEND_HDR, command, split  # noqa: E402

START = "2026-11-20T12:00:00Z"
POSIX = 1795176000
DURATION = "1.2s"
SKEW_NS = 5000  # a multiplexed scan, told in the map

# Without noise, and with values that are linear between the rows, all there is
# to lose are digits: samples are recorded as FLOAT32, good to 6e-6 % each.
TVE_PCT = 1e-5

FREQS = (45, 49, 51, 55)
LEVELS = {"V": (50, 100, 150), "I": (1, 4, 8)}


def gain(chan, f, level):
    """Of a transducer: linear in frequency, in level, and in both."""
    x, y = (f - 50) / 5, level / LEVELS[CHANNELS[chan][0]][-1]
    return 1.002 + chan * 1e-3 + 2e-3 * x + 3e-3 * y - 1e-3 * x * y


def delay_ns(chan, f, level):
    """The same."""
    x, y = (f - 50) / 5, level / LEVELS[CHANNELS[chan][0]][-1]
    return 1500 * (chan - 2) + 400 * x - 700 * y + 250 * x * y


def write_map(folder, extra=""):
    """The constant part is the first channel's; the rest is in the tables."""
    with open(os.path.join(folder, "map.conf"), "w", encoding="utf-8") as out:
        for i, name in enumerate(CHANNELS):
            out.write(f"[channel.{name}]\ngain = 0.998\nratio = 2\n"
                      f"delay_ns = {i * SKEW_NS - 700}\n"
                      f"u_gain = 1e-5\nu_delay_ns = 20\n"
                      f"table = {name}.csv\n{extra}")
            write_table(os.path.join(folder, f"{name}.csv"), i)


def write_table(path, chan):
    """What is left, by level as the reports have it before the table."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("level_rms,freq_hz,gain,delay_ns,u_gain,u_delay_ns\n")
        for level in LEVELS[CHANNELS[chan][0]]:
            for f in FREQS:
                out.write(f"{level},{f},{gain(chan, f, level)!r},"
                          f"{delay_ns(chan, f, level)!r},3e-5,40\n")


def spoiled(f, truth):
    """The keys of mock for what the channels deliver, so that the correction
    at the level of the report before the table is the truth."""
    keys = [f"f={f}", f"skew_ns={SKEW_NS}", "declared=0"]
    for i, name in enumerate(CHANNELS):
        low, high = 0.5 * truth[i], 1.5 * truth[i]
        for _ in range(80):  # level * gain(level) = truth: it grows with level
            level = (low + high) / 2
            low, high = ((level, high) if level * gain(i, f, level) < truth[i]
                         else (low, level))
        keys.append(f"{name.lower()}={level / 2 / 0.998!r}")
        # The correction adds -late; the map has -700 ns of it.
        keys.append(f"delay_ns_{name.lower()}="
                    f"{700 - delay_ns(i, f, level)!r}")
    return "mock:" + ",".join(keys)


def reports(path):
    """Rows of a CSV."""
    with open(path, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def phasor(row, name):
    """Of one row."""
    return cmath.rect(float(row[f"{name}_rms"]),
                      math.radians(float(row[f"{name}_deg"])))


def record(folder, name, spec):
    """A recording of a spoiled signal: the name of its CFG."""
    cfg = os.path.join(folder, f"{name}.cfg")
    status, _, said = run("capture", "--source", spec, "--start", START,
                          "--duration", DURATION, "-o", cfg)
    check(status == 0, said)
    return cfg


def correct(folder, cfg, name):
    """Its reports, corrected: the rows."""
    out = os.path.join(folder, f"{name}.csv")
    status, _, said = run("run", "-C", os.path.join(folder, "map.conf"),
                          "--source", f"replay:{cfg}", "--listen",
                          "tcp:127.0.0.1:0", "--profile", "m", "--record", out)
    check(status == 0, said)
    return reports(out), said


def worst_tve(rows, f, truth):
    """The largest over all channels and both positive sequences, %."""
    worst = 0
    for row in rows:
        t = int(row["soc"]) - POSIX + float(row["fracsec"])
        turn = cmath.exp(2j * math.pi * (f - 50) * t)
        want = {c: truth[i] * turn * cmath.exp(1j * PHASE_RAD[i % 3])
                for i, c in enumerate(CHANNELS)}
        a = cmath.exp(2j * math.pi / 3)
        for kind in "VI":
            x = [want[kind + p] for p in "ABC"]
            want[kind + "+"] = (x[0] + a * x[1] + a * a * x[2]) / 3
        for name, true in want.items():
            worst = max(worst, 100 * abs(phasor(row, name) - true) / abs(true))
    return worst


def check_truth(folder):
    """Frequencies and levels on, between and beside the rows."""
    cases = [(45, 120, 5), (47.3, 60, 2), (50, 148, 7), (52.9, 101, 4),
             (55, 75, 6.5)]
    for f, v, i in cases:
        truth = [v, v * 1.01, v * 0.98, i, i * 0.97, i * 1.02]
        cfg = record(folder, f"f{f}", spoiled(f, truth))
        rows, _ = correct(folder, cfg, f"f{f}")
        check(len(rows) >= 20, f, len(rows))
        check(all(r["flags"] == "ok" and "uncal" not in r["notes"]
                  for r in rows), f, rows[0])
        tve = worst_tve(rows, f, truth)
        check(tve <= TVE_PCT, f, "Hz: TVE", tve, "%")
        print(f"{f} Hz, {v} V, {i} A: TVE at most {tve:.1e} %")


def check_uncertainty(folder):
    """Columns, and what compare makes of them."""
    cfg = os.path.join(folder, "f50.cfg")
    rows = reports(os.path.join(folder, "f50.csv"))
    for name in CHANNELS:
        level = float(rows[0][f"{name}_rms"])
        g = gain(CHANNELS.index(name), 50, level)
        # The estimator's own is below 1 ppm: FLOAT32.
        for column, u in (("ppm", math.hypot(1e-5 / 0.998, 3e-5 / g)),
                          ("urad", 2 * math.pi * 50 * math.hypot(20e-9,
                                                                 40e-9))):
            found = 1e-6 * float(rows[0][f"{name}_u_{column}"])
            check(abs(found - u) <= 1e-7, name, column, found, u)
    # The PMU is the recording without correction.
    raw = os.path.join(folder, "raw.csv")
    check(run("estimate", cfg, "-o", raw, "--profile", "m")[0] == 0)
    status, text, said = run("compare", os.path.join(folder, "f50.csv"), raw,
                             "--json", "--accept", "unsync")
    check(status == 0, said)
    for chan in json.loads(text)["channels"]:
        check(5e-3 < chan["me_pct"]["u"] < 8e-3, chan["dut"], chan["me_pct"])


def check_unstated(folder):
    """What is not stated is unknown: no number, and none in compare."""
    cfg = os.path.join(folder, "f50.cfg")
    out = os.path.join(folder, "unstated.csv")
    status, _, said = run("run", "--set", "channel.VA.u_gain=1e-4",
                          "--source", f"replay:{cfg}", "--listen",
                          "tcp:127.0.0.1:0", "--profile", "m", "--record", out)
    check(status == 0, said)
    row = reports(out)[0]
    check(abs(float(row["VA_u_ppm"]) - 100) < 1, row["VA_u_ppm"])
    check(row["VA_u_urad"] == row["VB_u_ppm"] == row["VB_u_urad"] == "", row)
    status, text, said = run("compare", out, os.path.join(folder, "raw.csv"),
                             "--json", "--accept", "unsync")
    check(status == 0, said)
    for chan in json.loads(text)["channels"]:
        u = chan["me_pct"]["u"]
        known = chan["dut"] == "VA"
        check(abs(u - 0.02) < 1e-4 if known else u is None, chan)
        check(chan["tve_pct"]["u"] is None, chan)


def check_held(folder):
    """Outside its table a report is noted, and its uncertainty is larger."""
    cfg = record(folder, "beside", "mock:f=57,v=60,i=2")
    rows, _ = correct(folder, cfg, "beside")
    check(rows and all("uncal" in r["notes"] for r in rows), rows[0])
    # The straight line of gain goes on by 2e-3 a 5 Hz, less the saddle's.
    check(float(rows[0]["VA_u_ppm"]) > 400, rows[0])


def check_shown(folder):
    """Log, configuration, header frame, and what stands beside recordings."""
    conf = os.path.join(folder, "map.conf")
    status, out, said = run("config", "show", "-C", conf)
    check(status == 0 and "rows=12 freq_hz=45..55 level_rms=50..150" in out,
          out, said)
    status, out, said = run("config", "check", "-C", conf)
    check(status == 0, said)
    ref = Program("run", "-C", conf, "--source", "mock:skew_ns=5000",
                  "--duration", "2s", "--listen", "tcp:127.0.0.1:0",
                  "--profile", "p", "--record",
                  os.path.join(folder, "shown.csv"), "--record",
                  os.path.join(folder, "shown.cfg"))
    ref.wait_for(r'corrected: channel="VA" table=".*VA.csv" rows=12 ')
    with socket.create_connection(("127.0.0.1", ref.port()),
                                  timeout=60) as line:
        line.sendall(command(1, SEND_HDR))
        stream, frames = bytearray(), []
        while not frames:
            stream += line.recv(4096)
            frames = split(stream)
    check("corrected: " + " ".join(CHANNELS)
          in frames[0].body.decode("ascii"))
    check(ref.end() == 0, ref.stderr())
    with open(os.path.join(folder, "shown.csv.json"), encoding="utf-8") as f:
        told = json.load(f)
    check([c["name"] for c in told["channels"]] == list(CHANNELS), told)
    first = told["channels"][0]
    check(first["gain"] == 0.998 and first["ratio"] == 2
          and first["table"]["rows"] == 12
          and first["table"]["freq_hz"] == [45, 55], first)
    check([round(c["scan_ns"]) for c in told["channels"]]
          == [5000 * i for i in range(6)], told)
    with open(os.path.join(folder, "shown.hdr"), encoding="utf-8") as f:
        text = f.read()
    check("as delivered" in text and "rows=12" in text, text)
    # Readers take the recordings as they are; what is there is not replaced.
    check(run("estimate", os.path.join(folder, "shown.cfg"), "-o",
              os.path.join(folder, "again.csv"))[0] == 0)
    os.unlink(os.path.join(folder, "shown.csv"))
    status, _, said = run("run", "-C", conf, "--source", "mock:", "--duration",
                          "1s", "--record", os.path.join(folder, "shown.csv"))
    check(status == 8 and "shown.csv.json: exists" in said, status, said)


def check_refusals(folder):
    """A bad table: exit status 3, with file, line and column."""
    bad = os.path.join(folder, "bad.csv")
    with open(bad, "w", encoding="utf-8") as out:
        out.write("freq_hz,gain\n45,1\n55,x\n")
    why = f'{bad}:3:2: gain: "x" is not a number'
    conf = os.path.join(folder, "bad.conf")
    with open(conf, "w", encoding="utf-8") as out:
        out.write("[channel.VA]\ntable = bad.csv\n")
    for args in (("run", "--source", "mock:", "--duration", "1s"),
                 ("config", "check")):
        status, _, said = run(*args, "-C", conf)
        check(status == 3 and f"{conf}:2: table: {why}" in said, status, said)
    status, out, _ = run("config", "show", "-C", conf)
    check(status == 0 and f"# no table: {why}" in out, out)


def main():
    """One folder for all."""
    with tempfile.TemporaryDirectory() as folder:
        write_map(folder)
        check_truth(folder)
        check_uncertainty(folder)
        check_unstated(folder)
        check_held(folder)
        check_shown(folder)
        check_refusals(folder)


main()
