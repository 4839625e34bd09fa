#!/usr/bin/env python3
"""Captures of real PMUs, replayed: tshark reads the same in both, but for time."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import tshark
from program import check, run

# Name and data frames; SOC of the first. No leap second is near any of them.
CAPTURES = {
    "C37.118_1PMU_TCP.pcap": (252, 1217606730),
    "C37.118_1PMU_UDP.pcap": (356, 1217607491),
    "C37.118_1PMU_UDP_minimal_otherport.pcap": (1, 1217607491),
    "c37_1100_clean_tcp.pcap": (422, 1500875059),
}
PORTS = ("tcp.port==4712", "udp.port==4712", "udp.port==4713")
START, SOC = "2027-01-15T08:00:00Z", 1800000000

# What a replay changes, and where tshark found the configuration.
NEW = ("soc", "checksum", "checksum.status", "station_name_data",
       "data.conf_frame")


def fields(frame):
    """All that tshark shows of a frame but its time."""
    return [(f.get("name"), f.get("show"), f.get("value"))
            for f in frame.tree.iter("field")
            if f.get("name", "").replace("synphasor.", "") not in NEW and
            not f.get("show", "").startswith(("Station", "Data"))]


def distinct(frames):
    """TCP segments that were sent twice make frames that are there twice."""
    found = {}
    for frame in frames:
        if frame.type == "data":
            found.setdefault(frame.key(), frame)
    return [found[key] for key in sorted(found)]


def check_capture(path, out, n_data, soc):
    status, _, err = run("simulate", "--replay", path, "--pace", "max",
                         "--start", START, "-f", "--stream", "pcap:" + out)
    check(status == 0, path, err)
    was = distinct(tshark.read(path, *PORTS))
    now = tshark.read(out, *PORTS)
    check(all(f.crc_ok for f in now), path, "CRC")
    check(now[0].type == "cfg2", path, now[0].type)
    config = [f for f in now if f.type == "cfg2"]
    check(all("SIM" in f.parts("Station #")[0].tree.get("show")
              for f in config), path, "SIM")
    now = [f for f in now if f.type == "data"]
    check(len(was) == len(now) == n_data, path, len(was), len(now))
    for a, b in zip(was, now):
        check((b.soc - a.soc, b.fracsec_raw) == (SOC - soc, a.fracsec_raw),
              path, a.key(), b.key())
        check(len(fields(a)) > 20, path, fields(a))
        check(fields(a) == fields(b), path, a.key(),
              [pair for pair in zip(fields(a), fields(b))
               if pair[0] != pair[1]])


def main():
    data = os.path.join(os.environ["CISOID_DATA"], "pmu-capture")
    if not os.path.isdir(data):
        print("no captures: skipped")
        sys.exit(77)
    tshark.need_tshark()
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.pcap")
        for name, want in CAPTURES.items():
            check_capture(os.path.join(data, name), out, *want)
    status, _, err = run("simulate", "--replay",
                         os.path.join(data, "Sample1344.PmuCapture"))
    check(status == 3 and "IEEE 1344" in err, status, err)


main()
