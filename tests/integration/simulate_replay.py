#!/usr/bin/env python3
"""simulate --replay: frames as they were recorded, with the stamps of the rule.

Recordings are built here byte by byte, or written by our own commands; what must
come out follows from them and from the rule, and is read by the tests' own
decoder.
"""
import binascii
import csv
import math
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import c37_frames as c37  # noqa: E402
import packets  # noqa: E402
from program import Program, check, run  # noqa: E402

USAGE, INVALID = 2, 3
START = "2027-01-15T08:00:00Z"
SOC = 1800000000  # of it
RECORDED = 1700000001  # of the data of packets.py


def sent(path):
    """The frames of a capture of ours: one UDP datagram each."""
    return [record[16 + 42:] for record in packets.packets_of(path)[1]]


def data_of(frames, idcode=None):
    return [f for f in frames if f[1] >> 4 == c37.DATA and
            idcode in (None, struct.unpack(">H", f[4:6])[0])]


def stamp(frame):
    """SOC and FRACSEC without its flags."""
    soc, frac = struct.unpack(">II", frame[6:14])
    return soc, frac & 0xFFFFFF


def replay(folder, spec, *more, start=START):
    """What a replay writes at full speed: its frames, and what it says."""
    out = os.path.join(folder, "out.pcap")
    status, stdout, err = run("simulate", "--replay", spec, "--pace", "max",
                              "--start", start, "-f", "--stream",
                              "pcap:" + out, *more)
    check(status == 0 and stdout == "", spec, status, err)
    return sent(out), err


def same_but_for_time(was, now, *what):
    """All bytes but SOC, FRACSEC and CHK, and the CHK is right."""
    check(was[:6] == now[:6] and was[14:-2] == now[14:-2], *what, "bytes")
    check((was[10] ^ now[10]) & 0x8F == 0, *what, "time quality")
    check(c37.crc(now[:-2]) == struct.unpack(">H", now[-2:])[0], *what, "CHK")


def write(folder, name, capture):
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(capture.bytes)
    return path


# ---- captures ----

def spoil(frame):
    return frame[:-1] + bytes([frame[-1] ^ 1])


def frames_come_again_as_they_were(folder):
    """With a gap, doubles, a bad CRC, a late datagram, and one too short."""
    cap = packets.Capture()
    frames = [packets.data(7, n, stat=n, phasors=((100.0 + n, 0.5), (5, n)))
              for n in range(40)]
    short = packets.frame(0, 7, RECORDED, 39 * 20000, b"\0\0")
    cap.udp(frames[0])  # before the configuration
    cap.udp(packets.config(7))
    for n in [1, 2, 3, 3, 5, 4, 10, 11]:
        cap.udp(frames[n])
    cap.udp(spoil(frames[12]))
    cap.udp(short)
    cap.udp(frames[13])
    got, err = replay(folder, write(folder, "one.pcap", cap))
    kept = [0, 1, 2, 3, 4, 5, 10, 11, 13]
    check(len(data_of(got)) == len(kept), len(got), err)
    for n, now in zip(kept, data_of(got)):
        same_but_for_time(frames[n], now, n)
        check(stamp(now) == (SOC, n * 20000), n, stamp(now))
    check("with a wrong CRC: 1\n" in err, err)
    check("do not fit their configuration: 1\n" in err, err)
    check("time stamp of another one of their stream: 1\n" in err, err)
    config = c37.Config(c37.Frame(got[0]))
    check(config.rate == 50 and config.time_base == 1000000, config.rate)
    check(config.pmus[0].station == "STATION-SIM", config.pmus[0].station)


def tcp_is_put_together(folder):
    """Cut anywhere, sent twice, and by IPv6."""
    cap = packets.Capture(v6=True)
    stream = packets.config(7) + b"".join(packets.data(7, n)
                                          for n in range(30))
    cap.tcp(1, packets.command(7, 2), way=1, ack=1000)
    for at in range(0, len(stream), 37):
        cap.tcp(1000 + at, stream[at:at + 37], ack=19)
        if at % 3 == 0:
            cap.tcp(1000 + at, stream[at:at + 37], ack=19)
    got, _ = replay(folder, write(folder, "tcp.pcap", cap))
    check(len(data_of(got)) == 30, len(got))
    for n, now in enumerate(data_of(got)):
        same_but_for_time(packets.data(7, n), now, n)


def each_idcode_is_a_stream(folder):
    """Of two rates: 50 and 20 a second are on a grid of 100."""
    cap = packets.Capture()
    cap.udp(packets.config(7))
    cap.udp(packets.config(9, rate=20))
    for n in range(50):
        cap.udp(packets.data(7, n))
        if n < 20:
            cap.udp(packets.data(9, n, rate=20))
    path = write(folder, "two.pcap", cap)
    got, _ = replay(folder, path)
    check([stamp(f) for f in data_of(got, 7)] ==
          [(SOC, n * 20000) for n in range(50)], "IDCODE 7")
    check([stamp(f) for f in data_of(got, 9)] ==
          [(SOC, n * 50000) for n in range(20)], "IDCODE 9")
    parts = [replay(folder, path, "--shard", k)[0] for k in ("1/2", "2/2")]
    check(data_of(parts[0]) == data_of(got, 7) and
          data_of(parts[1]) == data_of(got, 9), "shards")


def an_idcode_that_comes_twice_is_numbered(folder):
    cap = packets.Capture()
    for way in (0, 1):
        cap.udp(packets.config(7), way=way)
        for n in range(10):
            cap.udp(packets.data(7, n), way=way)
    got, err = replay(folder, write(folder, "same.pcap", cap))
    check("IDCODE 7 also comes from 127.0.0.20:5000: it is sent as IDCODE 8"
          in err, err)
    check(len(data_of(got, 7)) == len(data_of(got, 8)) == 10, len(got))
    for frame in got:
        c37.Frame(frame)  # with a CHK that is right


def a_change_of_configuration_stays_one(folder):
    cap = packets.Capture()
    cap.udp(packets.config(7))
    for n in range(20):
        cap.udp(packets.data(7, n))
    cap.udp(packets.config(7, names=("VA", "IA", "VB")))
    wide = ((1.0, 0.0), (2.0, 0.0), (3.0, 0.0))
    for n in range(20, 40):
        cap.udp(packets.data(7, n, phasors=wide))
    got, _ = replay(folder, write(folder, "change.pcap", cap))
    kinds = [f[1] >> 4 for f in got]
    check(kinds == [3] + 20 * [0] + [3] + 20 * [0], kinds)
    check(len(c37.Config(c37.Frame(got[21])).pmus[0].phasors) == 3, "names")


def config3(idcode, fragments):
    """CFG-3 of one phasor: twice what the wire says, turned by 0.1 rad."""
    def named(text):
        return bytes([len(text.encode())]) + text.encode()

    body = struct.pack(">IH", 1000000, 1) + named("Umspannwerk Süd")
    body += struct.pack(">H16sHHHH", idcode, bytes(16), 0xF, 1, 0, 0)
    body += named("UA") + struct.pack(">HBBff", 0, 4, 0, 2.0, 0.1)
    body += struct.pack(">fffcii", math.inf, math.inf, math.inf, b"M", 0, 0)
    body += struct.pack(">HHh", 1, 0, 50)
    if not fragments:
        return [packets.frame(5, idcode, RECORDED, 0, b"\0\0" + body, 2)]
    return [packets.frame(5, idcode, RECORDED, 0, index + part, 2)
            for index, part in [(b"\0\1", body[:40]),
                                (b"\xff\xff", body[40:])]]


def what_only_cfg3_says_goes_out_in_it(folder):
    for fragments in (False, True):
        cap = packets.Capture()
        for frame in config3(7, fragments):
            cap.udp(frame)
        for n in range(10):
            cap.udp(packets.data(7, n, phasors=((100.0, 0.5),)))
        path = write(folder, "cfg3.pcap", cap)
        got, err = replay(folder, path)
        config = c37.Config(c37.Frame(got[0]))
        check([f[1] >> 4 for f in got] == [5] + 10 * [0], fragments)
        check(config.pmus[0].station == "Umspannwerk -SIM" and
              config.pmus[0].scales == [(2.0, struct.unpack(
                  ">f", struct.pack(">f", 0.1))[0])], vars(config.pmus[0]))
        check("CFG-3 goes out unasked" in err, err)
        got, err = replay(folder, path, "--cfg", "2")
        check(got[0][1] >> 4 == 3 and "receivers will read other values"
              in err, err)


# ---- time ----

def simulated(folder, name, *args):
    path = os.path.join(folder, name)
    status, _, err = run("simulate", "--pace", "max", "-f", "--stream",
                         "pcap:" + path, *args)
    check(status == 0, args, err)
    return path


def starts_keep_the_fraction_of_the_second(folder):
    """0.3 s of a second; the start is at 0.5: one second later."""
    path = simulated(folder, "sim.pcap", "--fnom", "60", "--f", "60.3",
                     "--start", "2026-11-20T12:00:00.3Z", "--duration", "3s")
    was = data_of(sent(path))
    for start, soc in [(START, SOC), ("2027-01-15T08:00:00.5Z", SOC + 1),
                       ("2027-01-15T08:00:00.3Z", SOC)]:
        now = data_of(replay(folder, path, start=start)[0])
        check(len(now) == 180, start, len(now))
        for a, b in zip(was, now):
            same_but_for_time(a, b, start)
            check(stamp(b) == (stamp(a)[0] - stamp(was[0])[0] + soc,
                               stamp(a)[1]), start, stamp(a), stamp(b))


def speeds_change_stamps_and_data_rate(folder):
    path = simulated(folder, "sim.pcap", "--start", START, "--duration", "4s")
    was = data_of(sent(path))
    for speed, rate in [("2", 100), ("0.5", 25), ("1/50", 1), ("0.01", -2)]:
        got, _ = replay(folder, "%s,speed=%s" % (path, speed))
        check(c37.Config(c37.Frame(got[0])).rate == rate, speed)
        now = data_of(got)
        check(len(now) == 200, speed, len(now))
        for n, (a, b) in enumerate(zip(was, now)):
            same_but_for_time(a, b, speed, n)
            t = n / rate if rate > 0 else -n * rate
            check(stamp(b) == (SOC + int(t), round(t % 1 * 1e6)), speed, n,
                  stamp(b))


def loops_repeat_no_stamp(folder):
    """4 s at 50 a second without a gap; 90 frames with one of 10."""
    for length, turn in [("4s", 200), ("1800ms", 100)]:
        path = simulated(folder, "sim.pcap", "--start", START, "--duration",
                         length, "--mag_noise", "0.1")
        was = data_of(sent(path))
        now = data_of(replay(folder, path + ",loop=1", "--duration",
                             "9s")[0])
        places = [n for n in range(450) if n % turn < len(was)]
        check(len(now) == len(places), length, len(now), len(places))
        for n, frame in zip(places, now):
            same_but_for_time(was[n % turn], frame, length, n)
            check(stamp(frame) == (SOC + n // 50, n % 50 * 20000), n)


# ---- live, and CSV ----

def recorded_by_listen(folder, spec, *more):
    """A replay in real time, as `listen` writes it: rows of a CSV."""
    out = os.path.join(folder, "live.csv")
    pmu = Program("simulate", "--replay", spec, "--listen", "tcp:127.0.0.1:0",
                  *more)
    port = pmu.wait_for(r"listening on tcp:127\.0\.0\.1:(\d+)").group(1)
    status, _, err = run("listen", "tcp:127.0.0.1:" + port, "--count", "30",
                         "-f", "--csv", out, "--pcap",
                         os.path.join(folder, "live.pcap"))
    pmu.process.terminate()
    pmu.process.wait()
    check(status == 0, spec, err)
    with open(out, newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def same_row(a, b):
    """To the rounding of a float: 2^-24, and of an angle 180 of these."""
    return all(abs(float(a[key]) - float(b[key])) <=
               max(abs(float(a[key])), 180) * 2 ** -23
               for key in a if key.endswith(("_rms", "_deg", "freq_hz")))


def listen_gets_what_listen_recorded(folder):
    """Of its capture and of its CSV; a client comes somewhere in a turn."""
    path = simulated(folder, "sim.pcap", "--f", "50.02", "--start", START,
                     "--duration", "40s", "--mag_noise", "0.1")
    first = recorded_by_listen(folder, path + ",loop=1")
    check(len(first) == 30, len(first))
    names = [os.path.join(folder, "live." + end) for end in ("csv", "pcap")]
    for name in names:
        os.rename(name, name.replace("live", "kept"))
    for name in names:
        again = recorded_by_listen(folder, name.replace("live", "kept") +
                                   ",loop=1")
        for row in again:
            match = [was for was in first if same_row(was, row)]
            check(len(match) == 1, name, row, len(match))
            check(match[0]["fracsec"] == row["fracsec"], name, row)
        check(len({row["VA_rms"] for row in again}) == 30, name, len(again))


def reports_become_frames(folder):
    """Values of a table to the rounding of a float, 2^-24; angles 2^-24 pi."""
    path = os.path.join(folder, "table.csv")
    rows = []
    for n in range(30):
        rows.append(["2026-11-20T12:00:%06.3fZ" % (n / 10), 59.9 + n * 1e-3,
                     -0.5, "unsync" if n == 5 else "ok", 7000 + n,
                     -180 + 12.0 * n])
    rows[7][4:] = ["", ""]
    with open(path, "w", encoding="utf-8") as out:
        out.write("time_utc,freq_hz,rocof_hz_per_s,flags,VA_rms,VA_deg\n")
        for row in rows:
            out.write(",".join(str(v) for v in row) + "\n")
    got, _ = replay(folder, path, "--idcode", "77", "--station", "NORTH")
    config = c37.Config(c37.Frame(got[0]))
    pmu = config.pmus[0]
    check((config.rate, pmu.station, pmu.idcode, pmu.fnom_hz, pmu.phasors) ==
          (10, "NORTH-SIM", 77, 60, ["VA"]), vars(pmu))
    check(len(data_of(got)) == 30, len(got))
    for n, (raw, row) in enumerate(zip(data_of(got), rows)):
        frame = c37.Frame(raw)
        stat, phasors, freq, rocof = c37.Data(frame, config).pmus[0]
        check(stamp(raw) == (SOC + n // 10, n % 10 * 100000), n, stamp(raw))
        check(abs(freq - row[1]) < 60 * 2 ** -24 and rocof == -0.5, n, freq)
        check(bool(stat & 0x2000) == (n == 5), n, hex(stat))
        check((frame.time_quality == 15) == (n == 5), n, frame.time_quality)
        if n == 7:
            check(math.isnan(phasors[0].real), n)
            continue
        want = row[4] * complex(math.cos(math.radians(row[5])),
                                math.sin(math.radians(row[5])))
        check(abs(phasors[0] - want) < row[4] * 5 * 2 ** -24, n, phasors)
    got, _ = replay(folder, path, "--format", "rect,int")
    config = c37.Config(c37.Frame(got[0]))
    largest = max(abs(c37.Data(c37.Frame(f), config).pmus[0][1][0])
                  for f in data_of(got)[8:])
    # A bit of int16 at 1.5 times the largest is 7029 * 1.5 / 32767 = 0.32 V.
    check(abs(largest - 7029) < 0.5, largest)


def pmus_of_a_table_are_streams(folder):
    path = os.path.join(folder, "three.csv")
    with open(path, "w", encoding="utf-8") as out:
        out.write("time_utc,A:freq_hz,A:VA_rms,A:VA_deg,B#61:freq_hz,"
                  "B#61:VA_rms,B#61:VA_deg\n")
        for n in range(10):
            out.write("2026-11-20T12:00:%06.3fZ,50,%d,0,50.1,%d,90\n"
                      % (n / 10, n, 100 + n))
    got, _ = replay(folder, path)
    for idcode, station, first in [(1, "A-SIM", 0), (61, "B-SIM", 100)]:
        mine = [f for f in got if struct.unpack(">H", f[4:6])[0] == idcode]
        config = c37.Config(c37.Frame(mine[0]))
        check(config.pmus[0].station == station, config.pmus[0].station)
        check([round(abs(c37.Data(c37.Frame(f), config).pmus[0][1][0]), 9)
               for f in data_of(mine)] == [first + n for n in range(10)],
              idcode)


def the_header_says_replay(folder):
    """To whoever asks, with the IDCODE of the recording."""
    import socket
    path = simulated(folder, "sim.pcap", "--idcode", "300", "--start", START,
                     "--duration", "4s")
    pmu = Program("simulate", "--replay", path + ",loop=1", "--listen",
                  "tcp:127.0.0.1:0")
    port = pmu.wait_for(r"listening on tcp:127\.0\.0\.1:(\d+)").group(1)
    with socket.create_connection(("127.0.0.1", int(port)), 60) as peer:
        peer.sendall(packets.command(300, 3))
        raw = b""
        while len(raw) < 4 or len(raw) < struct.unpack(">H", raw[2:4])[0]:
            part = peer.recv(4096)
            check(part, "closed")
            raw += part
    pmu.process.terminate()
    pmu.process.wait()
    check(c37.Frame(raw).idcode == 300 and b"REPLAY" in raw, raw)


# ---- refusals ----

def nonsense_is_refused(folder):
    """Status, and a part of the sentence; one line of it."""
    def file(name, content):
        path = os.path.join(folder, name)
        with open(path, "wb") as out:
            out.write(content)
        return path

    good = simulated(folder, "sim.pcap", "--start", START, "--duration", "2s")
    mute = packets.Capture()
    deaf = packets.Capture()
    gap = packets.Capture()
    for n in range(5):
        mute.udp(packets.data(7, n))
        deaf.udp(packets.config(7))
        gap.udp(packets.config(7))
    later = bytearray(packets.data(7, 1))
    struct.pack_into(">I", later, 6, RECORDED + 100000)
    struct.pack_into(">H", later, len(later) - 2,
                     binascii.crc_hqx(bytes(later[:-2]), 0xFFFF))
    gap.udp(packets.data(7, 0))
    gap.udp(bytes(later))
    os.mkdir(os.path.join(folder, "folder"))
    cases = [
        (good + ",speed=1.01", USAGE, "the nearest that works is 1 or 1.02"),
        (good + ",speed=0", USAGE, "0.01 to 100"),
        (good + ",speed=x", USAGE, "0.01 to 100"),
        (good + ",speed=1,speed=2", USAGE, "speed is given twice"),
        (good + ",spede=1", USAGE, 'did you mean "speed"'),
        (good + ",loop=yes", USAGE, "neither 0 nor 1"),
        (",loop=1", USAGE, "names no file"),
        (os.path.join(folder, "none"), INVALID, "No such file"),
        (os.path.join(folder, "folder"), INVALID, "is a directory"),
        ("/dev/null", INVALID, "is not a file that can be read twice"),
        (file("empty", b""), INVALID, "is empty"),
        (file("noise", bytes(range(256)) * 9), INVALID, "no frame"),
        (file("cut.pcap", open(good, "rb").read()[:20]), INVALID,
         "not a capture"),
        (file("bare.pcap", open(good, "rb").read()[:24]), INVALID,
         "no frame of C37.118 in 0 packets"),
        (write(folder, "mute.pcap", mute), INVALID,
         "no configuration that explains them: record from the beginning"),
        (write(folder, "deaf.pcap", deaf), INVALID, "none of them data"),
        (write(folder, "gap.pcap", gap), INVALID, "more than a day between"),
        (file("a.csv", b"a,b\n1,2\n"), INVALID, "is no table of reports"),
        (file("b.csv", b"time_utc,freq_hz\n"), INVALID, "holds no reports"),
        (file("c.csv", b"time_utc,freq_hz\n2026-11-20T12:00:00Z,x\n"),
         INVALID, "not a number"),
    ]
    for spec, status, says in cases:
        got, out, err = run("simulate", "--pace", "max", "--start", START,
                            "--stream", "pcap:" +
                            os.path.join(folder, "no.pcap"), "--replay", spec)
        lines = [line for line in err.splitlines() if "warning" not in line]
        check(got == status and says in err, spec, got, err)
        check(len(lines) == 1 and out == "", spec, err)
        check(not os.path.exists(os.path.join(folder, "no.pcap")), spec)


def options_that_do_not_go_with_it_are_named(folder):
    good = simulated(folder, "sim.pcap", "--start", START, "--duration", "2s")
    table = os.path.join(folder, "t.csv")
    with open(table, "w", encoding="utf-8") as out:
        out.write("time_utc,freq_hz\n2026-11-20T12:00:00Z,50\n"
                  "2026-11-20T12:00:01Z,50\n")
    for spec, option, value, bad in [
            (good, "f", "50.1", True), (good, "mag_noise", "0.1", True),
            (good, "rate", "25", True), (good, "count", "2", True),
            (good, "analogs", "1", True), (good, "preset", "ramp", True),
            (good, "format", "int", True), (good, "c37", "2005", True),
            (good, "idcode", "5", True), (good, "station", "X", True),
            (good, "time-base", "1000", True), (table, "f", "50.1", True),
            (table, "count", "2", True), (table, "format", "int", False),
            (table, "station", "X", False), (good, "cfg-every", "1", False),
            (good, "for", "pmuct", False), (good, "seed", "3", False)]:
        status, _, err = run("simulate", "--pace", "max", "--start", START,
                             "-f", "--stream", "pcap:" +
                             os.path.join(folder, "o.pcap"), "--replay", spec,
                             "--" + option, value)
        if bad:
            check(status == USAGE, option, status, err)
            check("--%s: does not go with --replay" % option in err, err)
        else:
            check(status == 0, option, status, err)


def a_recording_is_never_written_over(folder):
    good = simulated(folder, "sim.pcap", "--start", START, "--duration", "2s")
    size = os.path.getsize(good)
    status, _, err = run("simulate", "--replay", good, "--pace", "max",
                         "--start", START, "-f", "--stream", "pcap:" + good)
    check(status != 0 and os.path.getsize(good) == size, status, err)


def main():
    for case in [frames_come_again_as_they_were, tcp_is_put_together,
                 each_idcode_is_a_stream,
                 an_idcode_that_comes_twice_is_numbered,
                 a_change_of_configuration_stays_one,
                 what_only_cfg3_says_goes_out_in_it,
                 starts_keep_the_fraction_of_the_second,
                 speeds_change_stamps_and_data_rate, loops_repeat_no_stamp,
                 listen_gets_what_listen_recorded, reports_become_frames,
                 pmus_of_a_table_are_streams, the_header_says_replay,
                 nonsense_is_refused,
                 options_that_do_not_go_with_it_are_named,
                 a_recording_is_never_written_over]:
        with tempfile.TemporaryDirectory() as folder:
            case(folder)


if __name__ == "__main__":
    main()
