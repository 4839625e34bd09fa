#!/usr/bin/env python3
"""Captures of real PMUs: decode reads every field as tshark does."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import tshark
from program import check, run

# What the captures are known to hold. Three TCP segments of the last were sent
# twice: 425 data frames on the wire, 422 different ones.
CAPTURES = {
    "C37.118_1PMU_TCP.pcap": {"cmd": 3, "cfg2": 1, "data": 252},
    "C37.118_1PMU_UDP.pcap": {"cmd": 4, "cfg2": 1, "data": 356},
    "C37.118_1PMU_UDP_minimal_otherport.pcap":
        {"cmd": 3, "cfg2": 1, "data": 1},
    "c37_1100_clean_tcp.pcap": {"cmd": 3, "cfg2": 1, "data": 422},
}
PORTS = ("tcp.port==4712", "udp.port==4712", "udp.port==4713")


def shown(frame):
    """tshark passes over a header frame without text."""
    return frame["type"] != "hdr" or frame["text"] != ""


def main():
    data = os.path.join(os.environ["CISOID_DATA"], "pmu-capture")
    if not os.path.isdir(data):
        print("no captures: skipped")
        sys.exit(77)
    tshark.need_tshark()
    for name, want in CAPTURES.items():
        path = os.path.join(data, name)
        ours = tshark.decode(path)
        check(all(f["crc_ok"] for f in ours), name, "wrong CRC")
        counts = tshark.same([f for f in ours if shown(f)],
                             tshark.read(path, *PORTS), name)
        check(counts == want, name, counts)
    status, out, err = run("decode", os.path.join(data,
                                                  "Sample1344.PmuCapture"))
    check(status == 3 and out == "" and "not C37.118" in err
          and "IEEE 1344" in err, status, err)


main()
