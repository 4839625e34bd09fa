#!/usr/bin/env python3
"""Frames of our encoders: tshark reads what was meant, and so does decode."""
import cmath
import math
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import subprocess

import tshark
from program import check

# As make_frames.c has them.
SOC, RATE, N_FRAME = 1700000000, 25, 5
PHUNIT = 15260


def name(i):
    """The second and later of one name differ in their last characters."""
    return "A channel with a" if i == 0 else "A channel with#%d" % (i + 1)


def check_names(config, fmt):
    for p, pmu in enumerate(config["pmus"]):
        check(pmu["station"] == "Shchit No%d" % p, pmu["station"])
        check(pmu["format"] == (fmt + 5 * p) & 15, "FORMAT")
        check([c["name"] for c in pmu["phasors"]] ==
              [name(i) for i in range(4)], pmu["phasors"])
        check([c["name"] for c in pmu["analogs"]] ==
              ["Aussere %d" % i for i in range(3)], pmu["analogs"])
        check([d["names"] for d in pmu["digitals"]] ==
              [["bit %d" % (16 * w + b) for b in range(16)]
               for w in range(2)], pmu["digitals"])


def phasor_tol(fmt, rms):
    """Half a step of each component, as the FORMAT rounds it."""
    if fmt & 2:
        return rms * 2.0 ** -23 * 2
    step = PHUNIT * 1e-5
    return math.hypot(step / 2, rms * 0.5e-4 if fmt & 1 else step / 2) * 1.001


def check_block(block, fmt, n, p):
    """The formulas of make_frames.c; the last frame holds no values."""
    none = n == N_FRAME - 1
    fnom = 60 if p == 2 else 50
    check(block["stat"] == n * 0x0421 + p * 0x1111, "STAT", block["stat"])
    for i, got in enumerate(block["phasors"]):
        rms = 1000 * (p + 1) + 100 * i + n
        want = cmath.rect(rms, math.radians(37 * i + 11 * n + p - 170))
        if none:
            check(got["rms"] is None and got["deg"] is None, got)
        else:
            check(abs(tshark.as_complex(got) - want) <= phasor_tol(fmt, rms),
                  fmt, n, p, got, "is not", want)
    freq_tol, rocof_tol = (4e-6, 3e-8) if fmt & 8 else (0.5e-3, 0.5e-2)
    tshark.close(block["freq_hz"],
                 math.nan if none else fnom + 0.01 * n - 0.02 * p,
                 freq_tol * 1.001, "FREQ", fmt, n, p)
    tshark.close(block["rocof_hz_per_s"],
                 math.nan if none else 0.1 * n - 0.3 + 0.01 * p,
                 rocof_tol * 1.001, "DFREQ", fmt, n, p)
    check(block["analogs"] == [None if none else 12.0 * n - i
                               for i in range(3)], block["analogs"])
    check(block["digitals"] == [0x1234 * (n + 1) + 7 * i + p
                                for i in range(2)], block["digitals"])


def check_stream(frames, fmt):
    check([f["type"] for f in frames] ==
          ["cfg1", "cfg2", "hdr"] + ["data"] * N_FRAME + ["cmd"] * 6,
          [f["type"] for f in frames])
    base = 16777215 if fmt % 2 else 1000000
    for frame in frames[:2]:
        check(frame["time_base"] == base and frame["data_rate"] == RATE, fmt)
        check(frame["soc"] == SOC, "SOC")
        check_names(frame, fmt)
    check(frames[1]["time_quality"] == 5 and frames[1]["leap"] == 1, "quality")
    check(frames[2]["text"] == "a header", frames[2])
    for n, frame in enumerate(frames[3:3 + N_FRAME]):
        check(frame["soc"] == SOC and frame["time_quality"] == n, frame)
        check(abs(frame["fracsec"] - n / RATE) <= 0.5001 / base, "FRACSEC")
        for p, block in enumerate(frame["pmus"]):
            check_block(block, (fmt + 5 * p) & 15, n, p)
    check([f["command"] for f in frames[-6:]] == [1, 2, 3, 4, 5, 6], "CMD")


def main():
    tshark.need_tshark()
    make = os.path.join(os.environ["CISOID_BUILD"],
                        "tests/interop/make_frames")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "frames.pcap")
        subprocess.run([make, path], check=True)
        ours = tshark.decode(path)
        frames = tshark.read(path, "udp.port==4713")
    check(all(f.crc_ok for f in frames), "tshark finds a wrong CRC")
    counts = tshark.same(ours, frames)
    check(counts == {"cfg1": 16, "cfg2": 16, "hdr": 16, "cmd": 96,
                     "data": 16 * N_FRAME}, counts)
    for fmt in range(16):
        check_stream([f for f in ours if f["idcode"] == 100 + fmt], fmt)


main()
