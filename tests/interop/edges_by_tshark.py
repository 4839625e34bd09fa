#!/usr/bin/env python3
"""Every FORMAT by CFG-1, 2 and 3 and its edge values: tshark, a decoder of our own
and decode read what was meant."""
import cmath
import math
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import c37_frames
import tshark
from program import check

# As make_edges.c has them.
ZERO, LARGEST, SMALLEST, NONE, NEGATIVE, N_EDGE = range(6)
N_PHASOR, N_ANALOG, N_DIGITAL = 3, 9, 3


class Stream:
    """What make_edges.c says of stream n."""

    def __init__(self, n):
        self.format, self.n_pmu = n % 16, 4 if n // 96 else 1
        self.type = ("cfg1", "cfg2", "cfg3")[n // 16 % 3]
        self.many = n // 48 % 2
        self.is_cfg3 = self.type == "cfg3"


def payloads(path):
    """The datagrams of the capture: 16 bytes of pcap, 28 of IP and UDP."""
    with open(path, "rb") as f:
        content = f.read()[24:]
    while content:
        size = struct.unpack("<I", content[8:12])[0]
        yield content[44:16 + size]
        content = content[16 + size:]


# ---- what was meant ----

def phasor(stream, edge, i):
    """V or A; half a count of 2.5 V is what int16 may be off by."""
    polar = stream.format & 1
    raw = {ZERO: 0,
           LARGEST: 65535 if polar else complex(32767, 32767),
           SMALLEST: -65535 if polar else complex(-32767, -32767),
           NONE: complex(math.nan, math.nan),
           NEGATIVE: cmath.rect(20000, math.radians(-40 * (i + 1)))}[edge]
    return 2.5 * raw * cmath.exp(-0.25j * i if stream.is_cfg3 else 0)


def phasor_tol(stream, rms):
    """Half a step of each component, in the frame's FORMAT."""
    if stream.format & 2:
        return rms * 2.0 ** -22
    if stream.format & 1:
        return math.hypot(1.25, rms * 0.5e-4) * 1.0001
    return math.hypot(1.25, 1.25) * 1.0001


def scalar(edge, most):
    return {ZERO: 0, LARGEST: most, SMALLEST: -most, NONE: math.nan,
            NEGATIVE: -0.125 * most}[edge]


def analog(stream, edge, i):
    # C rounds halves away from zero: 4095.875 has none.
    raw = scalar(edge, 32767)
    raw = raw if math.isnan(raw) else round(raw)
    raw += i if edge == ZERO else 0
    return raw * 0.5 - 3 if stream.is_cfg3 else raw


def check_pmu(stream, edge, p, got, *what):
    """Our own decoder's block against the formulas."""
    stat, phasors, freq_hz, rocof = got.pmus[p]
    check(stat == 0xFFFF >> edge, *what, "STAT")
    for i, value in enumerate(phasors):
        want = phasor(stream, edge, i)
        check(cmath.isnan(value) if cmath.isnan(want) else
              abs(value - want) <= phasor_tol(stream, abs(want)),
              *what, value, "is not", want)
    fnom = 50 if p % 2 else 60
    steps = (4e-6, 1.6e-5) if stream.format & 8 else (0.5001e-3, 0.5001e-2)
    for value, want, tol in ((freq_hz, fnom + scalar(edge, 32.767), steps[0]),
                             (rocof, scalar(edge, 327.67), steps[1])):
        tshark.close(None if math.isnan(value) else value, want, tol, *what)
    n_analog, n_digital = (9, 3) if stream.many else (0, 0)
    check(len(got.analogs[p]) == n_analog, *what, "analogs")
    for i, value in enumerate(got.analogs[p]):
        tshark.close(None if math.isnan(value) else value,
                     analog(stream, edge, i), 0, *what, "analog", i)
    check(got.digitals[p] == [(0xFFFF * edge + i) & 0xFFFF
                              for i in range(n_digital)], *what, "digitals")


def check_config(stream, config, *what):
    check(len(config.pmus) == stream.n_pmu, *what, "NUM_PMU")
    check(config.rate == (-5 if stream.many else 50), *what, "DATA_RATE")
    for p, pmu in enumerate(config.pmus):
        name = "Подстанция Ф-%d" if stream.is_cfg3 else "Station %d"
        check(pmu.station == name % p, *what, pmu.station)
        check((pmu.idcode, pmu.format, pmu.cfgcnt) ==
              (p + 1, stream.format, 65535), *what, "numbers")
        check(pmu.phasors == ["Ph %d" % i for i in range(3)], *what)
        check([kind for kind, _ in pmu.units] == [0, 0, 1], *what, "V or A")
        if stream.is_cfg3:
            check_description(p, pmu, *what)
        elif stream.many:
            check(list(pmu.anunits) == [i % 3 << 24 | 7 for i in range(9)],
                  *what, "ANUNIT")


def check_description(p, pmu, *what):
    check(pmu.g_pmu_id == bytes(16 * p + i for i in range(16)), *what)
    place = (-33.5, 151.25, 19.5) if p % 2 else (math.inf,) * 3
    check((pmu.lat_deg, pmu.lon_deg, pmu.elev_m) == place, *what, "place")
    check(pmu.svc_class == "MP"[p % 2], *what, "SVC_CLASS")
    check((pmu.window_us, pmu.grp_dly_us) == (80000 + p, 40000 + p), *what)
    check(pmu.components == [4, 5, 6], *what, "components")
    check(pmu.modified == [i << 7 for i in range(3)], *what, "flags")
    check(pmu.users == [0xA0 + i for i in range(3)], *what, "user")


# ---- decode against our own decoder ----

def null(value):
    return math.nan if value is None else value


def same_block(got, own, p, *what):
    stat, phasors, freq_hz, rocof = own.pmus[p]
    check(got["stat"] == stat, *what, "STAT")
    for ours, want in zip(got["phasors"], phasors):
        if cmath.isnan(want):
            check(ours["rms"] is None, *what, ours)
        else:
            check(abs(tshark.as_complex(ours) - want) <= 1e-12 * abs(want),
                  *what, ours, "is not", want)
    for ours, want in ((got["freq_hz"], freq_hz),
                       (got["rocof_hz_per_s"], rocof)):
        tshark.close(ours, want, 1e-12 * abs(null(want)), *what)
    for ours, want in zip(got["analogs"], own.analogs[p]):
        tshark.close(ours, want, 0, *what, "analog")
    check(got["digitals"] == own.digitals[p], *what, "digitals")


def check_stream(n, raws, ours):
    stream = Stream(n)
    config = c37_frames.Config(c37_frames.Frame(raws[0]))
    check(ours[0]["type"] == stream.type, n, ours[0]["type"])
    check(ours[0]["version"] == (2 if stream.is_cfg3 or n % 2 else 1), n)
    check_config(stream, config, "stream", n)
    check([p["station"] for p in ours[0]["pmus"]] ==
          [p.station for p in config.pmus], n, "stations")
    for edge in range(N_EDGE):
        own = c37_frames.Data(c37_frames.Frame(raws[1 + edge]), config)
        for p in range(stream.n_pmu):
            what = ("stream", n, stream.type, "edge", edge, "PMU", p)
            check_pmu(stream, edge, p, own, *what)
            same_block(ours[1 + edge]["pmus"][p], own, p, *what)


# ---- fragments, which this tshark does not put together ----

def series(raws):
    """Splits the frames where a CONT_IDX of 0 or 1 begins a series."""
    groups = []
    for raw in raws:
        if struct.unpack(">H", raw[14:16])[0] < 2:
            groups.append([])
        groups[-1].append(raw)
    return groups


def described(config):
    """All that a configuration says, for comparison."""
    return config.time_base, config.rate, [vars(p) for p in config.pmus]


def check_parts(path):
    """Our decoder puts together what ours took apart; decode shows with the last
    part the same as with the whole."""
    with open(path, "rb") as f:
        whole, each, one = series(list(c37_frames.split(f.read())))
    check(len(whole) == 1 and len(each) == len(one) > 3, len(each), len(one))
    want = c37_frames.Config(c37_frames.Frame(whole[0]))
    check(described(want) == described(c37_frames.joined(
        [c37_frames.Frame(raw) for raw in each])), "a CHK each")
    check(described(want) == described(c37_frames.joined_one_chk(one)),
          "one CHK")
    frames = tshark.decode(path)
    check([f["cont_idx"] for f in frames] ==
          [0] + (list(range(1, len(each))) + [65535]) * 2, "CONT_IDX")
    shown = [f for f in frames if "pmus" in f]
    check(len(shown) == 3, "three configurations", len(shown))
    check(shown[0]["pmus"] == shown[1]["pmus"] == shown[2]["pmus"], "parts")
    check([f["cont_idx"] for f in shown] == [0, 65535, 65535], "the last")
    check("one CHK" in shown[2]["note"], shown[2]["note"])
    out = subprocess.run([os.environ["CISOID"], "decode", "--tree", path],
                         capture_output=True, text=True, check=True).stdout
    # The tree shows the same fields below the last part as below the whole.
    trees = [t[t.index("TIME_BASE"):t.index("DATA_RATE")]
             for t in out.split("cfg3 frame") if "TIME_BASE" in t]
    check(len(trees) == 3 and trees[0] == trees[1] == trees[2], trees)


def main():
    tshark.need_tshark()
    make = os.path.join(os.environ["CISOID_BUILD"],
                        "tests/interop/make_edges")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "edges.pcap")
        parts = os.path.join(folder, "parts.bin")
        subprocess.run([make, path, parts], check=True)
        check_parts(parts)
        ours = tshark.decode(path)
        frames = tshark.read(path, "udp.port==4713")
        raws = list(payloads(path))
    check(all(f.crc_ok for f in frames), "tshark finds a wrong CRC")
    counts = tshark.same(ours, frames)
    check(counts == {"cfg1": 64, "cfg2": 64, "cfg3": 64, "cmd": 4,
                     "data": 192 * N_EDGE}, counts)
    for n in range(192):
        part = slice(n * (1 + N_EDGE), (n + 1) * (1 + N_EDGE))
        check_stream(n, raws[part], ours[part])
    check([f["extended"] for f in ours[-4:]] ==
          ["", "dead", "deadbeef", "deadbeef0102"], ours[-4:])


main()
