#!/usr/bin/env python3
"""decode names what departs from C37.118.2, each cause once, and nothing else."""
import binascii
import json
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from packets import Capture, command, config, data, frame
from program import check, run

FOLDER = tempfile.TemporaryDirectory()


def crc(raw, start=0xFFFF):
    return struct.pack(">H", binascii.crc_hqx(raw, start))


def resized(raw, size):
    return raw[:2] + struct.pack(">H", size) + raw[4:]


def cfg_body(rate=50, surplus=b"", counts=(1, 0, 0), station=b"STATION",
             names=(b"VA",), fnom=1, n_pmu=1, base=1000000, unit=1000,
             fmt=0xF, idcode=7):
    """A configuration's body with `surplus` where ANUNIT and DIGUNIT go."""
    pmu = struct.pack(">16sHHHHH", station.ljust(16), idcode, fmt, *counts)
    pmu += b"".join(n.ljust(16) for n in names)
    pmu += struct.pack(">I", unit) * len(names) + surplus
    pmu += struct.pack(">HH", fnom, 0)
    return struct.pack(">IH", base, n_pmu) + pmu + struct.pack(">h", rate)


def cfg(**how):
    return frame(3, 7, 1700000000, 0, cfg_body(**how))


def block(stat=0, mag=100.0, deg=0.5, freq=50.01, dfreq=-0.25):
    return struct.pack(">Hffff", stat, mag, deg, freq, dfreq)


def dat(n=0, body=None, soc=1700000001, fracsec=None, quality=0, version=1):
    return frame(0, 7, soc, n * 20000 if fracsec is None else fracsec,
                 block() if body is None else body, version, quality)


def decode(content, *options):
    path = os.path.join(FOLDER.name, "input")
    with open(path, "wb") as f:
        f.write(content)
    return run("decode", path, "--json", *options)


def codes(content):
    """The codes of each frame."""
    status, out, err = decode(content)
    check(status == 0, status, err)
    return [[f["code"] for f in json.loads(line)["findings"]]
            for line in out.splitlines()]


def expect(what, content, *want):
    got = codes(content)
    check(got == [list(w) for w in want], what, got, "wanted", want)


# ---- the frame that the linter is for ----

def everything_at_once():
    """Two surplus words, a rate of 0, an odd length, a CRC one byte short."""
    want = {"E-CFG-PHANTOM", "E-CFG-RATE", "E-FRM-ODD"}
    for rate in (0, 50):
        raw = frame(3, 7, 1700000000, 0,
                    cfg_body(rate=rate, surplus=bytes(8)))
        # CHK in one byte, and FRAMESIZE that counts it so.
        odd = resized(raw[:-2], len(raw) - 1)
        odd += crc(odd)[1:]
        got = codes(odd)
        check(set(got[0]) == want | {"E-FRM-CRC-SHORT"} and
              len(got[0]) == 4, "CHK of one byte", got)
        # One byte too many, and CHK computed over one byte less.
        odd = resized(raw[:-2] + b"\0", len(raw) + 1)
        odd += crc(odd[:-1])
        got = codes(odd)
        check(set(got[0]) == want | {"E-FRM-CRC-SPAN"} and
              len(got[0]) == 4, "CHK over a byte less", got)


# ---- CHK ----

def wrong_checks():
    raw = dat()
    body = raw[:-2]
    fits = config(7)[:0] + cfg()

    def case(what, chk, code):
        expect(what, fits + body + chk, [], [code])

    case("swapped", crc(body)[::-1], "E-FRM-CRC-ORDER")
    case("begun with 0", crc(body, 0), "E-FRM-CRC-INIT")
    case("one byte less", crc(body[:-1]), "E-FRM-CRC-SPAN")
    case("without AA", crc(body[1:]), "E-FRM-CRC-SPAN")
    case("with itself", crc(body + b"\0\0"), "E-FRM-CRC-SPAN")
    case("none", b"\0\0", "E-FRM-CRC-NONE")
    case("no reason", bytes(a ^ 0x5A for a in crc(body)), "E-FRM-CRC")
    wide = resized(body, len(body) + 4)
    expect("32 bits", fits + wide + struct.pack(">I", binascii.crc32(wide)),
           [], ["E-FRM-CRC-KIND"])


def ending_in(tail):
    """A command whose right CHK ends so."""
    for soc in range(1700000000, 1700300000):
        raw = frame(4, 7, soc, 0, b"\0\2")
        if raw.endswith(tail):
            return raw
    raise AssertionError("no such CHK")


def right_checks_of_zeros():
    """They fit a frame that is shorter by a byte or two, too."""
    for tail in (b"\0", b"\0\0"):
        raw = ending_in(tail)
        expect("good", raw, [])
        expect("spoilt", raw[:-1] + b"\1", ["E-FRM-CRC"])
    _, _, err = decode(cfg() + dat() + ending_in(b"\0")[:-1])
    check("E-FRM-CRC-SHORT in 1 frame" in err and "SIZE" not in err, err)
    more = resized(dat()[:-2], 35)
    _, _, err = decode(cfg() + more + crc(more) + dat(1))
    check("E-FRM-SIZE in 1 frame" in err and "E-FRM-ODD" in err, err)


# ---- a CHK of one byte, which a stream shows by the next frame alone ----

def short(raw):
    return raw[:-2] + raw[-1:]


def by_tcp(*frames):
    cap = Capture()
    cap.syn(999)
    at = 1000
    for raw in frames:
        cap.tcp(at, raw)
        at += len(raw)
    return cap.bytes


def short_checks_in_streams():
    for what, frames, n in (
            ("all data", [cfg()] + [short(dat(k)) for k in range(9)], 9),
            ("one", [cfg(), dat(0), short(dat(1)), dat(2), dat(3)], 1),
            ("the last", [cfg(), dat(0), short(dat(1))], 1),
            ("the configuration", [short(cfg()), dat(0), dat(1)], 1)):
        for content in (b"".join(frames), by_tcp(*frames)):
            status, out, err = decode(content, "--strict")
            check(status == 7 and len(out.splitlines()) == len(frames) - n and
                  f"E-FRM-CRC-SHORT in {n} frame" in err and
                  "belong to no frame" in err, what, status, out, err)
    every = [short(cfg()), short(dat(0)), short(dat(1))]
    status, _, err = decode(b"".join(every))
    check(status == 3 and "E-FRM-CRC-SHORT" in err, err)
    path = os.path.join(FOLDER.name, "input")
    with open(path, "wb") as f:
        f.write(by_tcp(*every))
    status, out, _ = run("decode", path)
    check(status == 3 and "E-FRM-CRC-SHORT" in out, out)
    # What is no frame of the stream is only counted.
    status, _, err = decode(b"welcome\r\n" + cfg() + dat(0), "--strict")
    check(status == 0 and "9 of " in err and "E-" not in err, err)


# ---- configurations ----

def configurations():
    expect("good", cfg(), [])
    expect("one surplus word", cfg(surplus=bytes(4)), ["E-CFG-PHANTOM"])
    expect("other words", cfg(surplus=bytes(6)),
           ["E-CFG-SURPLUS", "E-CFG-RATE"])
    expect("a rate of 0", cfg(rate=0), ["E-CFG-RATE"])
    expect("one frame in 5 s", cfg(rate=-5), ["I-CFG-SLOW"])
    expect("a base of 0", cfg(base=0), ["E-CFG-TIMEBASE"])
    expect("flags", cfg(base=0x7F0F4240), ["W-CFG-TIMEBASE"])
    expect("no PMU", cfg(n_pmu=0), ["E-CFG-NUMPMU"])
    expect("a PMU more", cfg(n_pmu=2), ["E-CFG-NUMPMU"])
    expect("counts", cfg(counts=(9, 0, 0)), ["E-CFG-COUNTS"])
    expect("FNOM", cfg(fnom=50), ["E-CFG-FNOM"])
    expect("FORMAT", cfg(fmt=0x1F), ["W-CFG-FORMAT"])
    expect("scale", cfg(fmt=0, unit=0), ["E-CFG-PHUNIT"])
    expect("kind", cfg(unit=0x05000001), ["W-CFG-PHUNIT"])
    expect("IDCODE", cfg(idcode=0), ["E-CFG-IDCODE"])
    expect("NUL", cfg(names=(b"VA" + bytes(14),)), ["W-CFG-NAME-PAD"])
    expect("blank", cfg(names=(b"",)), ["W-CFG-NAME-BLANK"])
    expect("Latin", cfg(names=("V\u00e9".encode("latin-1"),)),
           ["W-CFG-NAME-ASCII"])
    expect("UTF-8", cfg(names=("V\u00e9".encode(),)), ["W-CFG-NAME-ASCII"])
    expect("cut", cfg(names=(b"123456789012345\xc3",)), ["W-CFG-NAME-CUT"])
    expect("twice", cfg(names=(b"VA", b"VA"), counts=(2, 0, 0)),
           ["W-CFG-NAME-TWICE"])
    body = cfg_body()
    two = body[:4] + b"\0\2" + body[6:-2] * 2 + body[-2:]
    # The second half of the doubled body begins with another TIME_BASE.
    pmu = body[6:-2]
    two = body[:4] + b"\0\2" + pmu + pmu + body[-2:]
    expect("two PMUs alike", frame(3, 7, 1700000000, 0, two),
           ["E-CFG-IDCODE-TWICE", "W-CFG-STATION-TWICE"])
    expect("changed, not counted", cfg() + cfg(names=(b"VB",)), [],
           ["W-CFG-CFGCNT"])


# ---- data ----

def values():
    def case(what, body, *want, **how):
        expect(what, cfg() + dat(body=body, **how), [], want)

    case("good", block())
    case("a deviation", block(freq=0.01), "E-DATA-FREQ")
    case("millihertz", block(freq=50010.0), "E-DATA-FREQ")
    case("a placeholder", block(freq=65.536), "W-DATA-FREQ-NONE")
    case("no value", block(mag=float("nan")), "W-DATA-NAN")
    case("no value, told", block(stat=0x4000, mag=float("nan")))
    case("infinity", block(mag=float("inf")), "E-DATA-INF")
    case("degrees", block(deg=120.0), "W-DATA-ANGLE")
    case("below 0", block(mag=-1.0), "E-DATA-MAGNITUDE")
    case("surplus", block() + bytes(6), "E-DATA-PHANTOM")
    case("other words", block() + bytes(10), "E-DATA-LEN")
    case("int16", struct.pack(">Hhhhh", 0, 1, 1, 0, 0), "E-DATA-FORMAT")
    case("odd", block() + b"\0", "E-FRM-ODD")
    case("in sync?", block(), "W-STAT-SYNC", quality=0xF)
    case("no PMU_TQ", block(), "W-STAT-TQ", version=2)
    case("unlocked", block(stat=0x0030), "W-STAT-UNLOCKED")
    case("a reason", block(stat=0x0001), "I-STAT-TRIGGER")
    ints = cfg(fmt=0)
    expect("frequency itself",
           ints + dat(body=struct.pack(">HhhHh", 0, 1, 1, 50000, 0)), [],
           ["E-DATA-FREQ-INT"])
    expect("saturated",
           ints + dat(body=struct.pack(">Hhhhh", 0, 32767, 1, 0, 0)), [],
           ["W-DATA-RANGE"])


def times():
    def case(what, frames, *want):
        expect(what, cfg() + b"".join(frames), [], *want)

    def at(*n):
        return [dat(k) for k in n]

    case("good", at(0, 1, 2), [], [], [])
    case("a gap", at(0, 1, 4, 5), [], [], ["W-TIME-GAP"], [])
    case("twice", at(0, 1, 1), [], [], ["W-TIME-REPEAT"])
    case("back", at(0, 1, 2, 1, 3), [], [], [], ["W-TIME-BACK"], [])
    case("half the rate", at(*range(0, 18, 2)), *([[]] * 8),
         ["E-TIME-RATE"])
    case("off the grid", [dat(fracsec=3000), dat(fracsec=23000)],
         ["W-TIME-GRID"], ["W-TIME-GRID"])
    case("FRACSEC", [dat(fracsec=1000000)], ["E-TIME-FRACSEC"])
    case("1970", [dat(soc=5)], ["W-TIME-EPOCH"])
    base = cfg(base=16777215)
    frames = b"".join(dat(fracsec=16777215 * k // 50) for k in range(50))
    expect("rounded", base + frames, *([[]] * 51))
    cap = Capture()
    cap.udp(cfg())
    cap.udp(dat(soc=1700000000 - 86400))
    expect("a day off", cap.bytes, [], ["W-TIME-FAR"])


def others():
    expect("command", command(7, 7), ["W-CMD-UNKNOWN"])
    expect("good command", command(7, 5), [])
    expect("header", frame(1, 7, 1700000000, 0, b"PMU\0"), ["W-HDR-ASCII"])
    expect("version", frame(4, 7, 1700000000, 0, b"\0\1", version=0),
           ["E-FRM-VERSION"])
    expect("IDCODE", frame(1, 0, 1700000000, 0, b"PMU"), ["E-FRM-IDCODE"])


def outputs():
    status, out, err = decode(cfg(rate=0))
    found = json.loads(out)["findings"]
    check(found[0]["severity"] == "E" and found[0]["clause"] and
          "DATA_RATE" in found[0]["text"], found)
    check("E-CFG-RATE in 1 frame" in err, err)
    status, _, _ = decode(cfg(rate=0), "--strict")
    check(status == 7, "--strict", status)
    status, _, _ = decode(cfg(names=(b"",)), "--strict")
    check(status == 0, "--strict and warnings", status)
    for option in ((), ("--tree",)):
        status, out, _ = run("decode", cfg(rate=0).hex(), *option)
        check(status == 0 and "    E-CFG-RATE (6.4, table 9)" in out, out)
    raw = dat()
    cap = Capture()
    cap.udp(cfg())
    cap.udp(raw[:-1])
    path = os.path.join(FOLDER.name, "input")
    with open(path, "wb") as f:
        f.write(cap.bytes)
    status, out, err = run("decode", path)
    check(status == 0 and "no frame: 33 bytes in packet 2" in out and
          "    E-FRM-CRC-SHORT" in out and "E-FRM-ODD in 1 frame" in err,
          status, out, err)
    status, _, err = run("decode", raw[:-1].hex())
    check(status == 3 and "E-FRM-CRC-SHORT" in err and "E-FRM-ODD" in err,
          err)
    status, _, err = run("decode", bytes(
        raw[k ^ 1] for k in range(len(raw))).hex())
    check(status == 3 and "E-FRM-SYNC" in err, err)


def captures():
    """What the public captures depart in, each judged by hand."""
    folder = os.path.join(os.environ.get("CISOID_DATA", ""), "pmu-capture")
    if not os.path.isdir(folder):
        return
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".pcap"):
            continue
        status, out, err = run("decode", "--json",
                               os.path.join(folder, name))
        found = [f["code"] for line in out.splitlines()
                 for f in json.loads(line)["findings"]]
        # Each sender's clock is off, by 29 seconds to five days.
        check(found == ["W-TIME-FAR"], name, found)


everything_at_once()
wrong_checks()
right_checks_of_zeros()
short_checks_in_streams()
configurations()
values()
times()
others()
outputs()
captures()
