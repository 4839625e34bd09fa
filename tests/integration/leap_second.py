#!/usr/bin/env python3
"""A stream across the leap second of 2016: bits, grid, CSV; tshark's reading.

C37.118.2-2011 6.2.2: pending not more than 60 s and not less than 1 s before,
cleared in the second after; occurred from the first second after, for 24 h.
"""
import csv
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tshark  # noqa: E402
from program import Program, check, run  # noqa: E402
from synchro import Config, Frame, pcap_payloads  # noqa: E402

AFTER = 1483228800  # SOC of 2017-01-01T00:00:00Z, and of 23:59:60 before it
RATE = 50
PENDING, OCCURRED = 0x10, 0x20


def simulate(path, start, seconds, rate=RATE):
    status, _, err = run("simulate", "--start", start, "--pace", "max",
                         "--rate", str(rate), "--duration", f"{seconds}s",
                         "--stream", "pcap:" + path)
    check(status == 0, err)
    frames = [Frame(raw) for raw in pcap_payloads(path)]
    check(all(f.crc_ok for f in frames), "CRC")
    return frames


def want(start_s, seconds):
    """(SOC, FRACSEC, bits) of every frame, from seconds before 00:00:00 of
    which 23:59:60 is number -1, 23:59:59 number -2 and so on."""
    for s in range(start_s, start_s + seconds):
        soc = AFTER + s if s >= 0 else AFTER + s + 1
        bits = OCCURRED if s >= 0 else PENDING if s >= -61 else 0
        for k in range(RATE):
            yield soc, k * 1000000 // RATE, bits


def check_frames(frames):
    data = [f for f in frames if f.kind == "data"]
    got = [(f.soc, f.fracsec, f.time_quality & 0x70) for f in data]
    check(got == list(want(-91, 150)), "data frames across the leap second")
    for f in frames:
        if f.kind == "cfg2":
            bits = PENDING if AFTER - 60 <= f.soc < AFTER else 0
            check(f.time_quality & 0x70 in
                  ((PENDING, OCCURRED) if f.soc == AFTER else (bits,)),
                  "CFG-2 of", f.soc, hex(f.time_quality))
    Config(next(f for f in frames if f.kind == "cfg2"))


def check_next_day(folder):
    frames = simulate(folder + "/day.pcap", "2017-01-01T23:59:50Z", 20)
    for f in frames:
        bits = OCCURRED if f.soc < AFTER + 86400 else 0
        check(f.time_quality & 0x70 == bits, "after 24 h", f.soc)


def check_tshark(path):
    if not shutil.which("tshark"):
        return
    bits = [("lsocc", OCCURRED), ("lspend", PENDING), ("lsdir", 0x40)]
    got = [(f.soc, f.fracsec_raw, sum(bit for name, bit in bits
                                      if f.number("timeqal." + name)))
           for f in tshark.read(path) if f.type == "data"]
    check(got == list(want(-91, 150)), "as tshark reads it")


def utc(s, k):
    """The time of frame k of second s, as want() counts."""
    if s == -1:
        return f"2016-12-31T23:59:60.{k * 20:03d}"
    day = "2017-01-01T00:%02d" if s >= 0 else "2016-12-31T23:%02d"
    t = s if s >= 0 else 3601 + s
    return (day % (t // 60)) + f":{t % 60:02d}.{k * 20:03d}"


def check_decode(path):
    status, text, err = run("decode", path)
    check(status == 0 and "W-" not in text + err, err)
    times = [line.split()[0] for line in text.splitlines()
             if line.split()[1] == "data"]
    check([t[:23] for t in times] ==
          [utc(s, k) for s in range(-91, 59) for k in range(RATE)],
          "times of decode")


def check_slow_rate(folder):
    """One frame in 5 s: on multiples of 5 s of UTC, 6 s apart over the leap."""
    frames = simulate(folder + "/slow.pcap", "2016-12-31T23:59:40Z", 60, 0.2)
    socs = [f.soc for f in frames if f.kind == "data"]
    check(socs == list(range(AFTER - 20, AFTER + 40, 5)), "one in 5 s:", socs)
    status, text, err = run("decode", folder + "/slow.pcap")
    check(status == 0 and "W-" not in text + err, err)


def check_listen(folder):
    """Our own client keeps 23:59:60 and 00:00:00 apart."""
    server = Program("simulate", "--start", "2016-12-31T23:59:58Z", "--pace",
                     "max", "--duration", "6s", "--listen",
                     "tcp:127.0.0.1:0")
    path = folder + "/leap.csv"
    status, _, err = run("listen", f"tcp:127.0.0.1:{server.port()}", "--idcode",
                         "1", "--csv", path, "--duration", "5s")
    check(status == 0, err)
    check("gaps=0 duplicates=0 late=0" in err, err)
    with open(path, newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    check([r["time_utc"][:23] for r in rows] ==
          [utc(s, k) for s in range(-3, 2) for k in range(RATE)],
          "times of the CSV", [r["time_utc"] for r in rows[45:110:5]])
    check([int(r["soc"]) for r in rows[100:150]] == [AFTER] * 50, "SOC")
    server.end()


with tempfile.TemporaryDirectory() as tmp:
    check_frames(simulate(tmp + "/leap.pcap", "2016-12-31T23:58:30Z", 150))
    check_tshark(tmp + "/leap.pcap")
    check_decode(tmp + "/leap.pcap")
    check_next_day(tmp)
    check_slow_rate(tmp)
    check_listen(tmp)
