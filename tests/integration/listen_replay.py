#!/usr/bin/env python3
"""Recorded PMUs, played to listen from a socket in the segments they came in."""
import cmath
import json
import math
import os
import socket
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from c37_frames import CFG2, COMMAND, DATA, Config, Data, Frame  # noqa: E402
from peers import DATA_ON, SEND_CFG2, TcpPeer  # noqa: E402
from program import Program, check, run  # noqa: E402
from synchro import pcap_payloads  # noqa: E402

# IDCODE and data frames of each; see tests/interop/decode_captures.py.
TCP = {"C37.118_1PMU_TCP.pcap": 252, "c37_1100_clean_tcp.pcap": 422}
UDP = {"C37.118_1PMU_UDP.pcap": 356,
       "C37.118_1PMU_UDP_minimal_otherport.pcap": 1}


def packets(path):
    """IPv4 packets of a capture of Ethernet or raw IP."""
    with open(path, "rb") as f:
        blob = f.read()
    order = "<" if blob[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    link = struct.unpack(order + "I", blob[20:24])[0] & 0xFFFF
    at = 24
    while at + 16 <= len(blob):
        length = struct.unpack(order + "I", blob[at + 8:at + 12])[0]
        packet = blob[at + 16:at + 16 + length]
        at += 16 + length
        yield packet[14:] if link == 1 else packet


def tcp_segments(path):
    """New bytes of the direction that brings most, a segment each."""
    flows = {}
    for ip in packets(path):
        size = (ip[0] & 15) * 4
        if ip[9] != 6:
            continue
        total = struct.unpack(">H", ip[2:4])[0]
        tcp = ip[size:total]
        seq = struct.unpack(">I", tcp[4:8])[0]
        payload = tcp[(tcp[12] >> 4) * 4:]
        if not payload:
            continue
        flow = flows.setdefault((ip[12:20], tcp[:4]), {"next": seq, "all": []})
        old = flow["next"] - seq
        if old < len(payload):
            flow["all"].append(payload[max(0, old):])
            flow["next"] = seq + len(payload)
    return max((f["all"] for f in flows.values()), key=lambda s: sum(map(len,
                                                                         s)))


def frames_of(blob):
    """Whole frames, one behind the other."""
    frames = []
    while len(blob) >= 4:
        length = struct.unpack(">H", blob[2:4])[0]
        frame = Frame(bytes(blob[:length]))
        frame.raw = bytes(blob[:length])
        frames.append(frame)
        blob = blob[length:]
    return frames


def same_values(shown, frames, config):
    """JSON objects against a decoder that shares nothing with ours."""
    check(len(shown) == len(frames), len(shown), len(frames))
    for obj, frame in zip(shown, frames):
        check(obj["soc"] == frame.soc, obj)
        for pmu, (stat, phasors, freq_hz, _) in zip(
                obj["pmus"], Data(frame, config).pmus):
            check(pmu["stat"] == stat, obj)
            check(math.isclose(pmu["freq_hz"], freq_hz, rel_tol=1e-6), obj)
            for got, want in zip(pmu["phasors"], phasors):
                # Both are exact but for the rounding of doubles.
                value = cmath.rect(got["rms"], math.radians(got["deg"]))
                check(abs(value - want) <= 1e-9 * (1 + abs(want)), got, want)


def by_tcp(path, n_data):
    """The configuration on command, then the rest as it was cut."""
    segments = tcp_segments(path)
    frames = frames_of(b"".join(segments))
    cfg = next(f for f in frames if f.kind == CFG2)
    data = [f for f in frames if f.kind == DATA]
    check(len(data) == n_data, path, len(data))

    def script(talk):
        talk.until(DATA_ON, {SEND_CFG2: cfg.raw})
        talk.send(*segments)
        talk.hold()

    peer = TcpPeer(script)
    status, out, err = run("listen", f"tcp:127.0.0.1:{peer.port}", "--idcode",
                           str(cfg.idcode), "--json", "--count", str(n_data))
    check(status == 0, err)
    shown = [json.loads(line) for line in out.splitlines()]
    same_values([o for o in shown if o["type"] == "data"], data, Config(cfg))
    check("crc_errors=0 unread=0" in err, err)


def by_udp(path, n_data):
    """Unasked, each datagram as it was; the file gives what it lacks."""
    frames = [f for p in pcap_payloads(path) for f in frames_of(p)
              if p[:1] == b"\xaa"]
    frames = [f for f in frames if f.kind != COMMAND]
    cfg = next(f for f in frames if f.kind == CFG2)
    data = [f for f in frames if f.kind == DATA]
    check(len(data) == n_data, path, len(data))
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "table.csv")
        program = Program("listen", "udp:127.0.0.1:0", "--count", str(n_data),
                          "--cfg-file", path, "--stats",
                          os.path.join(folder, "stats.json"), "--pcap",
                          os.path.join(folder, "copy.pcap"), "--csv", table)
        port = program.port("udp")
        program.wait_for("configuration station")
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for frame in frames:
            out.sendto(frame.raw, ("127.0.0.1", port))
        check(program.end() == 0, program.stderr())
        copied = [f for p in pcap_payloads(os.path.join(folder, "copy.pcap"))
                  for f in frames_of(p)]
        check([f.raw for f in copied if f.kind == DATA] ==
              [f.raw for f in data], path)
        with open(table, encoding="utf-8") as f:
            check(len(f.readlines()) == n_data + 1, path)
    check(f"frames={n_data} " in program.stderr(), program.stderr())
    check(cfg.idcode == data[0].idcode, path)


def main():
    folder = os.path.join(os.environ["CISOID_DATA"], "pmu-capture")
    if not os.path.isdir(folder):
        print("no captures: skipped")
        sys.exit(77)
    for name, n in TCP.items():
        by_tcp(os.path.join(folder, name), n)
    for name, n in UDP.items():
        by_udp(os.path.join(folder, name), n)


main()
