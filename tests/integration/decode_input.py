#!/usr/bin/env python3
"""decode finds every frame once, in whatever it comes."""
import atexit
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
import packets
from packets import Capture, command, config, data
from program import CISOID, check

FOLDER = tempfile.mkdtemp()
atexit.register(shutil.rmtree, FOLDER)
CFG = config(7)
DATA = [data(7, n) for n in range(20)]


def decode(content, *options, name="input"):
    """(exit status, standard output, standard error) for a file's bytes."""
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as f:
        f.write(content)
    done = subprocess.run([CISOID, "decode", path, *options], check=False,
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def frames(content):
    status, out, err = decode(content, "--json")
    check(status == 0, status, err)
    return [json.loads(line) for line in out.splitlines()]


def expect(capture, numbers, *what, types=None):
    """The data frames come out in this order, each once and with values."""
    got = frames(capture.bytes)
    found = [round(f["fracsec"] * 50) for f in got if f["type"] == "data"]
    check(found == list(numbers), *what, found)
    for f in got:
        check(f["crc_ok"], *what, f)
        if f["type"] == "data":
            check(f["pmus"][0]["phasors"][0]["rms"] == 100, *what, f)
    if types:
        check([f["type"] for f in got] == types, *what, got)


def every_link_layer():
    for link in (packets.RAW, packets.ETHERNET, packets.NULL, packets.LOOP,
                 packets.SLL, packets.SLL2):
        for v6 in (False, True):
            for nano in (False, True):
                cap = Capture(link, nano, v6)
                cap.udp(CFG)
                cap.udp(DATA[3])
                expect(cap, [3], link, v6)
    cap = Capture()
    cap.udp(CFG, vlan=(5,))
    cap.udp(DATA[1], vlan=(5, 6))
    expect(cap, [1], "VLAN")
    status, _, err = decode(Capture(105).bytes)
    check(status == 3 and "link" in err, err)


def datagrams():
    cap = Capture()
    cap.udp(command(7, 5), way=1)
    cap.udp(CFG)
    cap.udp(b"".join(DATA[:3]))
    cap.udp(b"\x12\x34\x01\x00\x00\x01some DNS", ports=(53, 4000))
    cap.udp(DATA[3])
    expect(cap, range(4), "several in one",
           types=["cmd", "cfg2"] + ["data"] * 4)


def fragments():
    big = config(7, names=["CH%d" % i for i in range(150)])
    phasors = [(100.0, 0.1)] * 150
    random.seed(3)
    for order in (None, reversed, lambda p: random.sample(list(p), len(p))):
        cap = Capture()
        cap.udp_in_fragments(big, 1480, order)
        cap.udp_in_fragments(data(7, 9, phasors=phasors), 800, order)
        expect(cap, [9], "fragments")


def tcp_in_pieces():
    stream = CFG + b"".join(DATA)
    for size in (1, 3, 17, 50, 1400):
        cap = Capture()
        cap.syn(999)
        for at in range(0, len(stream), size):
            cap.tcp(1000 + at, stream[at:at + size])
        expect(cap, range(20), "pieces of", size)


def tcp_repeated_and_out_of_order():
    stream = CFG + b"".join(DATA)
    pieces = [(at, stream[at:at + 100]) for at in range(0, len(stream), 100)]
    random.seed(1)
    for _ in range(20):
        cap = Capture()
        # The sequence number wraps within the stream.
        first = 0xFFFFFFFF - 300
        cap.syn(first - 1)
        for i in range(0, len(pieces), 4):
            some = pieces[i:i + 4]
            some += [random.choice(pieces[:i + 1]) for _ in range(2)]
            random.shuffle(some)
            for at, piece in some:
                cap.tcp(first + at, piece)
        # Repeated in other pieces than the first time.
        cap.tcp(first + 50, stream[50:250])
        expect(cap, range(20), "shuffled")


def tcp_with_a_hole():
    stream = CFG + b"".join(DATA)
    n = len(DATA[0])
    at = len(CFG) + 3 * n - 10
    cap = Capture()
    cap.syn(999)
    cap.tcp(1000, stream[:at])
    rest = stream[at + 20:]
    cap.tcp(1000 + at + 20, rest[:2 * n])
    cap.tcp(5000, b"", way=1, ack=1000 + at + 20 + 2 * n, flags=0x10)
    cap.tcp(1000 + at + 20 + 2 * n, rest[2 * n:])
    # Frames 2 and 3 are hurt by the hole.
    expect(cap, [0, 1] + list(range(4, 20)), "a hole, acknowledged")
    cap = Capture()
    cap.syn(999)
    cap.tcp(1000, stream[:at])
    cap.tcp(1000 + at + 20, rest)
    expect(cap, [0, 1] + list(range(4, 20)), "a hole to the end")


def tcp_joined_late():
    stream = b"".join(DATA)
    cap = Capture()
    cap.udp(CFG, ports=(4712, 5000))
    cap.tcp(1000, stream[20:])
    expect(cap, range(1, 20), "joined late")


def conversations():
    """Two clients of one PMU and a web page, interleaved."""
    cap = Capture()
    page = b"GET / HTTP/1.1\r\nHost: pmu\r\n\r\n" * 10
    for port in (5000, 5001):
        cap.syn(1, way=1, ports=(4712, port))
        cap.syn(999, ports=(4712, port))
        cap.tcp(2, command(7, 5), way=1, ports=(4712, port))
        cap.tcp(1000, CFG, ports=(4712, port))
    cap.syn(0, ports=(80, 6000))
    for i in range(20):
        at = 1000 + len(CFG) + i * len(DATA[0])
        cap.tcp(at, DATA[i], ports=(4712, 5000 + i % 2))
        cap.tcp(1 + i * len(page), page, ports=(80, 6000))
        at += len(DATA[0])
    got = frames(cap.bytes)
    check([f["type"] for f in got].count("cmd") == 2, "commands")
    check(round(got[4]["fracsec"] * 50) == 0, "the first data")


def a_connection_anew():
    cap = Capture()
    for again in range(3):
        cap.syn(5000 * again + 999)
        cap.tcp(5000 * again + 1000, CFG + DATA[again])
    expect(cap, range(3), "connected anew")


def wrong_crc_is_shown():
    bad = bytearray(DATA[1])
    bad[20] ^= 1
    for content in (CFG + bad + DATA[2], bad + CFG + bad + DATA[2]):
        cap = Capture()
        cap.udp(content)
        raw = frames(content)
        for got in (raw, frames(cap.bytes)):
            check([f["crc_ok"] for f in got] ==
                  ([True, False, True] if content[1] == 0x31 else
                   [False, True, False, True]), got)
    status, out, _ = decode(bytes(bad), "--json")
    check(status == 0 and not json.loads(out)["crc_ok"], out)


def a_wrong_length_costs_one_frame():
    for length in (16, 20, len(DATA[1]) + 7, 4000, 65535):
        bad = bytearray(DATA[1])
        bad[2:4] = length.to_bytes(2, "big")
        stream = CFG + DATA[0] + bad + b"".join(DATA[2:])
        got = [round(f["fracsec"] * 50) for f in frames(stream)[1:]]
        check(got == [0] + list(range(2, 20)), length, got)
        cap = Capture()
        cap.syn(999)
        for at in range(0, len(stream), 40):
            cap.tcp(1000 + at, stream[at:at + 40])
        expect(cap, [0] + list(range(2, 20)), "length", length)


def data_before_a_configuration_say_so():
    got = frames(DATA[0] + config(8) + CFG + DATA[1])
    check(got[0]["pmus"] == [] and "note" in got[0], got[0])
    check("note" not in got[3] and got[3]["pmus"][0]["idcode"] == 7, got[3])


def cfg1_explains_only_for_want_of_cfg2():
    other = config(7, fmt=0, kind=2)
    cfg1 = config(7, kind=2)
    got = frames(CFG + other + DATA[0])
    check([f["type"] for f in got] == ["cfg2", "cfg1", "data"], got)
    check(got[2]["pmus"] and "note" not in got[2], got[2])
    got = frames(cfg1 + DATA[0] + CFG + DATA[1])
    check(got[1]["pmus"] and "CFG-1" in got[1]["note"], got[1])
    check(got[3]["pmus"] and "note" not in got[3], got[3])


def no_values_are_null():
    nan = float("nan")
    got = frames(CFG + data(7, 0, phasors=((nan, nan), (5.0, 0.0))))
    first, second = got[1]["pmus"][0]["phasors"]
    check(first == {"name": "VA", "rms": None, "deg": None}, first)
    check(second == {"name": "IA", "rms": 5, "deg": 0}, second)


def no_angle_is_shown_as_minus_180():
    # -pi in the next float above it is -179.999994; -3.14 is -179.908748.
    wire = CFG + data(7, 0, phasors=((100.0, -3.1415925), (5.0, -3.14)))
    for option, shown in (((), "180.000 deg"), (("--tree",), "-179.999")):
        status, out, err = decode(wire, *option)
        check(status == 0, status, err)
        check(" " + shown in out and "-180.000" not in out, out)
        check("-179.908" in out or "-179.909" in out, out)


def bytes_digits_and_pipes():
    stream = CFG + DATA[0] + command(7, 2)
    types = ["cfg2", "data", "cmd"]
    check([f["type"] for f in frames(stream)] == types, "bytes")
    check([f["type"] for f in frames(stream.hex().encode())] == types, "hex")
    spaced = stream.hex(" ", 2).upper().encode() + b"\n"
    check([f["type"] for f in frames(spaced)] == types, "spaced hex")
    cap = Capture()
    cap.udp(stream)
    for content in (stream, stream.hex().encode(), cap.bytes):
        done = subprocess.run([CISOID, "decode", "-", "--json"],
                              input=content, capture_output=True, check=True)
        check(len(done.stdout.splitlines()) == 3, "standard input")
    done = subprocess.run([CISOID, "decode", stream.hex(), "--json"],
                          capture_output=True, check=True)
    check(len(done.stdout.splitlines()) == 3, "digits given")
    done = subprocess.run([CISOID, "decode", "--tree", stream.hex()],
                          capture_output=True, check=True, text=True)
    for word in ("FRACSEC", "TIME_BASE", "PHUNIT", "DATA_RATE", "STAT",
                 "VA ", "DFREQ", "data on", "50.00999"):
        check(word in done.stdout, "no", word, "in the tree")


def nonsense_is_refused_with_a_sentence():
    cases = (
        (b"", "empty"),
        (b"\0" * 100, "not C37.118"),
        (b"hello world, no frame here", "not C37.118"),
        (b"aa0", "odd number"),
        (DATA[0][:-1], "cut off"),
        (DATA[0][:-1].hex().encode(), "cut off"),
        (Capture().bytes, "no frame"),
        (Capture().bytes[:10], "not a capture"),
        (bytes.fromhex("aa02001234"), ""),
    )
    for content, says in cases:
        status, out, err = decode(content)
        check(status == 3 and out == "" and says in err and
              err.count("\n") == 1, content[:20], status, out, err)
    for arguments, want in (((FOLDER,), 3), (("/none.pcap",), 3),
                            (("aaxx",), 3), (("aa1",), 3), ((), 2),
                            (("aa", "bb"), 2), (("--tree", "--json", "-"), 2),
                            (("--hex", "aa"), 2)):
        done = subprocess.run([CISOID, "decode", *arguments], check=False,
                              capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        check(done.returncode == want and done.stderr.count("\n") == 1,
              arguments, done)


def a_capture_cut_off_ends_where_it_ends():
    cap = Capture()
    cap.udp(CFG)
    cap.udp(DATA[0])
    cap.udp(DATA[1])
    status, out, err = decode(cap.bytes[:-20], "--json")
    check(status == 0 and len(out.splitlines()) == 2, status, out)
    check("ends after 2 packets" in err, err)


def garbage_never_crashes():
    random.seed(2)
    cap = Capture()
    cap.syn(999)
    cap.tcp(1000, CFG + DATA[0])
    cap.udp(CFG + DATA[1])
    cap.udp_in_fragments(CFG + DATA[1], 64)
    for _ in range(150):
        broken = bytearray(cap.bytes)
        for _ in range(random.randint(1, 30)):
            broken[random.randrange(24, len(broken))] = random.randrange(256)
        status, _, err = decode(bytes(broken), "--json")
        check(status in (0, 3), status, err)


def main():
    for test in (every_link_layer, datagrams, fragments, tcp_in_pieces,
                 tcp_repeated_and_out_of_order, tcp_with_a_hole,
                 tcp_joined_late, conversations, a_connection_anew,
                 wrong_crc_is_shown, a_wrong_length_costs_one_frame,
                 data_before_a_configuration_say_so,
                 cfg1_explains_only_for_want_of_cfg2, no_values_are_null,
                 no_angle_is_shown_as_minus_180, bytes_digits_and_pipes,
                 nonsense_is_refused_with_a_sentence,
                 a_capture_cut_off_ends_where_it_ends, garbage_never_crashes):
        print(test.__name__, flush=True)
        test()


main()
