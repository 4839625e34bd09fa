#!/usr/bin/env python3
"""Fleets of simulated PMUs: shards, restarts, slots, thousands."""
import json
import os
import socket
import struct
import sys
import tempfile
from datetime import datetime, timezone

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402
from synchro import Config, Frame  # noqa: E402

USAGE = 2
START = "2026-11-20T12:00:00Z"
SIGNAL = ["--f", "50.3", "--rocof", "0.1"]
NOISE = ["--mag_noise", "0.01", "--f_noise_mhz", "3", "--seed", "9"]
IMPAIR = ["--impair", "loss=5%,burst=3,dup=2%,crc=2%,length=2%,back=1%/2s"]


def records(path):
    """(time in us, payload) of each packet of a capture that we wrote."""
    blob, at, found = open(path, "rb").read(), 24, []
    while at < len(blob):
        s, us, length = struct.unpack("<III", blob[at:at + 12])
        # Ethernet, IPv4 without options, UDP.
        found.append((s * 1000000 + us, blob[at + 16 + 42:at + 16 + length]))
        at += 16 + length
    return found


def capture(folder, *args):
    """What a run of full speed writes."""
    path = os.path.join(folder, "x.pcap")
    status, _, err = run("simulate", "--pace", "max", "--force", "--stream",
                         f"pcap:{path}", *args)
    check(status == 0, args, err)
    return records(path)


def is_data(payload):
    """Of whatever version."""
    return payload[1] >> 4 == 0


def shards_make_up_the_whole(folder):
    """Byte for byte: packets in the order of their times, of which each stream
    has its own; configurations too."""
    for more in ([], ["--send", "burst"], NOISE, NOISE + IMPAIR,
                 ["--format", "rect,int", "--rate", "60", "--fnom", "60"],
                 ["--rate", "1/5", "--duration", "20s"],
                 ["--preset", "pdc-100", "--duration", "1s"]):
        args = ["--start", START, "--duration", "2s", *SIGNAL, "--count",
                "100", *more]
        whole = capture(folder, *args)
        check(len(whole) > 400, more, len(whole))
        for n in (2, 3):
            parts = [r for k in range(1, n + 1)
                     for r in capture(folder, *args, "--shard", f"{k}/{n}")]
            check(sorted(parts, key=lambda r: r[0]) == whole, more, n)


def an_impaired_shard_delays_the_same_frames(folder):
    """Frames of one time have no order among streams."""
    args = ["--start", START, "--duration", "3s", "--count", "40", *IMPAIR[:1],
            IMPAIR[1] + ",reorder=2%,delay=30ms,jitter=50ms,"
            "stop=0.5s/2s"]
    whole = capture(folder, *args)
    parts = [r for k in (1, 2) for r in
             capture(folder, *args, "--shard", f"{k}/2")]
    check(sorted(parts) == sorted(whole), len(parts), len(whole))
    times = [t for t, _ in whole]
    check(times == sorted(times), "late frames are written when they are due")


def who_begins_later_says_the_same(folder):
    """With the same t0: noise, ramp and impairments go on."""
    args = [*SIGNAL, *NOISE, *IMPAIR, "--count", "20", "--t0", START]
    whole = capture(folder, *args, "--start", START, "--duration", "5s")
    later = capture(folder, *args, "--start", "2026-11-20T12:00:03.5Z",
                    "--duration", "1.5s")
    began = later[0][0]
    # Of the first frames some were still on their way.
    want = [r for r in whole if is_data(r[1]) and r[0] >= began + 200000]
    got = [r for r in later if is_data(r[1]) and r[0] >= began + 200000]
    check(len(want) > 1000 and got == want, len(want), len(got))
    other = capture(folder, *SIGNAL, *NOISE, *IMPAIR, "--count", "20",
                    "--start", "2026-11-20T12:00:03.5Z", "--duration", "1.5s")
    check([r for r in other if is_data(r[1])][50:] !=
          [r for r in later if is_data(r[1])][50:], "t0 matters")


def a_signal_that_began_long_ago_is_where_it_must_be(folder):
    """Live, and at full speed at the same dates: all but STAT and quality."""
    path = os.path.join(folder, "live.pcap")
    args = ["--t0", "2001-01-01T00:00:00Z", *SIGNAL[:2], *NOISE, "--count",
            "3"]
    status, _, err = run("simulate", *args, "--duration", "0.2s", "--stream",
                         f"pcap:{path}")
    check(status == 0, err)
    live = [p for _, p in records(path) if is_data(p)]
    first = Frame(live[0])
    check(len(live) == 30, len(live))
    when = datetime.fromtimestamp(first.soc, timezone.utc)
    again = capture(folder, *args, "--duration", "1.2s", "--start",
                    when.strftime("%Y-%m-%dT%H:%M:%SZ"))
    again = {(p[4:10], p[11:14]): p[16:-2] for _, p in again if is_data(p)}
    for p in live:
        check(again.get((p[4:10], p[11:14])) == p[16:-2], p.hex())


def slots_are_spread_or_not(folder):
    """i/count of the period, to the microsecond of a capture."""
    args = ["--start", START, "--duration", "40ms", "--count", "1000"]
    data = [r for r in capture(folder, *args) if is_data(r[1])]
    check(len(data) == 2000, len(data))
    t0 = data[0][0]
    check(t0 % 1000000 == 0, t0)
    check([t - t0 for t, _ in data] == [20 * i for i in range(2000)], "spread")
    data = [r for r in capture(folder, *args, "--send", "burst")
            if is_data(r[1])]
    check([t - t0 for t, _ in data] == [0] * 1000 + [20000] * 1000, "burst")
    check([Frame(p).idcode for _, p in data] == 2 * list(range(1, 1001)),
          "order")


def twenty_thousand_pmus_have_each_their_own(folder):
    """IDCODE, name and one configuration each, all frames whole."""
    found = [Frame(p) for _, p in
             capture(folder, "--count", "20000", "--duration", "40ms",
                     "--start", START, "--idcode", "101")]
    check(all(f.crc_ok for f in found), "CRC")
    data = [f for f in found if f.kind == "data"]
    check([f.idcode for f in data] == 2 * list(range(101, 20101)), "IDCODEs")
    cfgs = [Config(f) for f in found if f.kind == "cfg2"]
    check([c.idcode for c in cfgs] == list(range(101, 20101)), "of PMUs")
    check(cfgs[0].station == "CISOID-SIM-0001" and
          cfgs[-1].station == "CISOID-SIM-20000", cfgs[-1].station)
    check(len({c.station for c in cfgs}) == 20000, "names")


def a_fleet_arrives_whole_at_one_port():
    """By the clock: 200 PMUs, 50 frames/s, one second; and what is told."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(60)
    program = Program("simulate", "--count", "200", "--duration", "1s",
                      "--json", "--cfg-every", "0", "--stream",
                      f"udp:127.0.0.1:{sock.getsockname()[1]}")
    found = [Frame(sock.recv(65536)) for _ in range(200 * 51)]
    check(program.end() == 0, program.stderr())
    data = [f for f in found if f.kind == "data"]
    check(len(data) == 10000, len(data))
    check([f.idcode for f in data] == 50 * list(range(1, 201)), "order")
    told = set()
    for f in found:
        check(f.kind == "data" or f.idcode not in told, "configured twice")
        told.add(f.idcode)
    doc = json.loads(program.process.stdout.read())
    check(doc["frames"] == doc["sent"] == 10000 and doc["dropped"] == 0 and
          doc["streams"] == 200 and doc["impaired"] is None, doc)
    check(0 <= doc["late_s"]["p50"] <= doc["late_s"]["p99"] <=
          doc["late_s"]["max"] and abs(doc["off_ppm"]) < 1e5, doc)
    check("pace: frames_per_s=" in program.stderr(), program.stderr())


def what_was_impaired_is_told(folder):
    """And is what is missing."""
    path = os.path.join(folder, "i.pcap")
    status, out, err = run("simulate", "--count", "50", "--duration", "20s",
                           "--pace", "max", "--start", START, "--stream",
                           f"pcap:{path}", "--json", "--impair",
                           "loss=1%,dup=0.5%,crc=0.5%")
    doc = json.loads(out)
    frames = [Frame(p) for _, p in records(path) if is_data(p)]
    kinds = doc["impaired"]
    check(status == 0 and doc["frames"] == 50000, doc)
    check(len(frames) == 50000 - kinds["lost"] + kinds["doubled"], doc)
    check(sum(not f.crc_ok for f in frames) == kinds["bad_crc"], doc)
    # Five standard deviations of a binomial distribution.
    for kind, share in (("lost", .01), ("doubled", .005), ("bad_crc", .005)):
        check(abs(kinds[kind] - 50000 * share) < 5 * (50000 * share) ** .5,
              kind, doc)
    check(f"impaired: lost={kinds['lost']} doubled={kinds['doubled']} "
          f"bad_crc={kinds['bad_crc']}\n" in err, err)


def a_configuration_goes_before_the_data_that_need_it(folder):
    """PMU 2 gets two analogs after half a second, and is PMU 2 no more; PMU 3
    is silent for a while."""
    path = os.path.join(folder, "s.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"count": 3, "events": [
            {"at": 0.5, "type": "config_change", "pmus": "2", "announce": 0.2,
             "analogs": 2, "station": "NEW-SIM"},
            {"at": 0.2, "type": "outage", "pmus": "3", "for": 0.4,
             "mode": "silent"}]}, f)
    args = ["--scenario", path, "--start", START, "--duration", "1s"]
    found = [Frame(p) for _, p in capture(folder, *args)]
    check([f.idcode for f in found if f.kind == "cfg2"] == [1, 2, 3, 2],
          "configurations")
    second = [f for f in found if f.idcode == 2]
    at = [f.kind for f in second].index("cfg2", 1)
    check(at == 26 and Config(second[at]).n_analog == 2 and
          Config(second[at]).station == "NEW-SIM" and
          Config(second[at]).cfgcnt == 1, at)
    lengths = [f.length for f in second if f.kind == "data"]
    check(lengths == 25 * [lengths[0]] + 25 * [lengths[0] + 8], lengths)
    announced = [f.body[0] >> 2 & 1 for f in second if f.kind == "data"]
    check(announced == 15 * [0] + 10 * [1] + 25 * [0], announced)
    silent = [f for f in found if f.idcode == 3 and f.kind == "data"]
    check(len(silent) == 30, len(silent))
    # A concentrator fills in: bit 15, no values.
    many = [Frame(p) for _, p in capture(folder, *args, "--concentrate")]
    check([f.kind for f in many].count("cfg2") == 2, "of all")
    data = [f for f in many if f.kind == "data"]
    size = (len(data[0].body)) // 3
    for k, f in enumerate(data):
        stat = struct.unpack(">H", f.body[-size:-size + 2])[0]
        check((stat & 0x8000 != 0) == (10 <= k < 30), k, hex(stat))


def nonsense_is_refused():
    """With a sentence, and nothing is sent."""
    for args, says in [
            (["--count", "20001"], "20000"),
            (["--count", "0"], "--count"),
            (["--count", "2", "--idcode", "65534"], "65534"),
            (["--shard", "1/2"], "--count says"),
            (["--shard", "1/2", "--count", "9"], "same --start or --t0"),
            (["--shard", "0/2", "--count", "9"], "K/N"),
            (["--shard", "3/2", "--count", "9"], "K/N"),
            (["--shard", "1/0", "--count", "9"], "K/N"),
            (["--shard", "1", "--count", "9"], "K/N"),
            (["--shard", "1/2/3", "--count", "9"], "K/N"),
            (["--shard", "-1/2", "--count", "9"], "K/N"),
            (["--shard", "1/99999", "--count", "9"], "K/N"),
            (["--shard", "4294967297/2", "--count", "9"], "K/N"),
            (["--shard", "", "--count", "9"], "K/N"),
            (["--shard", "1/2", "--count", "9", "--concentrate", "--start",
              START], "--concentrate"),
            (["--send", "often"], "neither spread nor burst"),
            (["--t0", "soon"], "--t0"),
            (["--t0", "2026-11-20T12:00:00.5Z"], "whole second"),
            (["--t0", "2110-01-01T00:00:00Z"], "1970 to 2106"),
            (["--t0", "2026-11-20T12:00:01Z", "--start", START],
             "after the frames"),
            (["--impair", "loss=200%"], "--impair"),
            (["--impair", "lost=1%"], "--impair"),
            (["--stream", "udp:127.0.0.1:65000,ports=each", "--count", "600"],
             "65535")]:
        status, out, err = run("simulate", "--stream", "udp:127.0.0.1:9",
                               "--duration", "1s", "--pace", "max", *args)
        check(status == USAGE and says in err and out == "" and
              err.startswith("cisoid simulate: ") and err.count("\n") == 1,
              args, status, err)


def standard_output_is_for_one_thing():
    """A capture or a document; the refusal is the document."""
    status, out, err = run("simulate", "--json", "--stream", "pcap:-",
                           "--duration", "1s", "--pace", "max")
    check(status == USAGE and "standard output" in err and
          json.loads(out)["error"]["code"] == "E-USAGE", status, out, err)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as tmp:
        shards_make_up_the_whole(tmp)
        an_impaired_shard_delays_the_same_frames(tmp)
        who_begins_later_says_the_same(tmp)
        a_signal_that_began_long_ago_is_where_it_must_be(tmp)
        slots_are_spread_or_not(tmp)
        twenty_thousand_pmus_have_each_their_own(tmp)
        a_fleet_arrives_whole_at_one_port()
        what_was_impaired_is_told(tmp)
        a_configuration_goes_before_the_data_that_need_it(tmp)
        nonsense_is_refused()
        standard_output_is_for_one_thing()
