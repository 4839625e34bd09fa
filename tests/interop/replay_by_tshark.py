#!/usr/bin/env python3
"""A recording, replayed over UDP, is read by tshark as estimate computes it."""
import csv
import io
import math
import os
import shutil
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
sys.path.insert(0, os.path.dirname(__file__))
from program import Program, check, run  # noqa: E402
from stream_by_tshark import tshark  # noqa: E402

RECORD = os.path.join(os.environ.get("CISOID_DATA", ""), "comtrade",
                      "gen60_fault_5760.cfg")
RATE, TIME_BASE = 60, 1000000


def floats(packet, name):
    """The bytes that tshark assigns to the fields of that name."""
    blob = b"".join(bytes.fromhex(f.get("value"))
                    for f in packet.fields["synphasor." + name])
    return struct.unpack(f">{len(blob) // 4}f", blob)


def rows_of_estimate():
    """The reference: rows and the names of their channels."""
    status, out, err = run("estimate", RECORD, "--rate", str(RATE))
    check(status == 0, err)
    rows = list(csv.DictReader(io.StringIO(out)))
    names = [c[:-4] for c in rows[0] if c.endswith("_rms")]
    return rows, names


def capture(path, n):
    """run sends to a port that listen holds, and listen keeps n frames."""
    receiver = Program("listen", "udp:127.0.0.1:0", "--csv", os.devnull,
                       "--pcap", path, "--count", str(n))
    status, _, err = run("run", "--source", f"replay:{RECORD}", "--rate",
                         str(RATE), "--stream",
                         f"udp:127.0.0.1:{receiver.port('udp')}")
    check(status == 0, err)
    check(f"reports={n} " in err, err)
    check(receiver.end() == 0, receiver.stderr())
    return tshark(path)


def same(value, text, tol):
    """An empty cell is NaN; else equal to what float32 keeps."""
    if text == "":
        return math.isnan(value)
    return abs(value - float(text)) <= tol


def check_frame(packet, row, names):
    """Time on the grid; phasors and frequency to float precision."""
    k = round(float(row["fracsec"]) * RATE)
    soc = bytes.fromhex(packet.fields["synphasor.soc"][0].get("value"))
    check(int(row["soc"]) in (int.from_bytes(soc, order)
                              for order in ("little", "big")), row["time_utc"])
    check(packet.number("fracsec_raw") == round(k * TIME_BASE / RATE),
          row["time_utc"], packet.number("fracsec_raw"))
    phasors = floats(packet, "phasor")
    for i, name in enumerate(names):
        rms, deg = row[name + "_rms"], row[name + "_deg"]
        check(same(phasors[2 * i], rms, float(rms or 0) * 2**-23), name, row)
        # Half a unit of the last place of an angle up to pi.
        check(same(math.degrees(phasors[2 * i + 1]), deg,
                   math.degrees(2**-23)), name, row)
    freq, = floats(packet, "actual_frequency_value")
    rocof, = floats(packet, "rate_change_frequency")
    check(same(freq, row["freq_hz"], 64 * 2**-23), row)
    check(same(rocof, row["rocof_hz_per_s"],
               abs(float(row["rocof_hz_per_s"] or 0)) * 2**-23), row)


def main():
    """Needs tshark and the recording."""
    if not shutil.which("tshark") or not os.path.exists(RECORD):
        print("no tshark or no recording: skipped")
        sys.exit(77)
    rows, names = rows_of_estimate()
    with tempfile.TemporaryDirectory() as folder:
        packets = capture(os.path.join(folder, "replay.pcap"),
                          len(rows))
    check(all(p.texts("checksum.status") == ["1"] for p in packets), "CRC")
    kinds = [p.number("frtype") for p in packets]
    check(kinds[0] == 3, "CFG-2 comes before data")
    check([n.strip() for n in packets[0].texts("channel_name")] ==
          [n[:16] for n in names], names)
    data = [p for p, kind in zip(packets, kinds) if kind == 0]
    check(len(data) == len(rows), len(data), len(rows))
    for packet, row in zip(data, rows):
        check_frame(packet, row, names)


if __name__ == "__main__":
    main()
