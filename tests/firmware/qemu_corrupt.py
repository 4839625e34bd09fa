#!/usr/bin/env python3
"""qemu_corrupt.py - a line with one byte damaged, whichever, is neither obeyed
nor believed, and that is told; the state and the date stay.
"""
import sys

import psyn
import qemu_front

UTC_S = 1800000000
LOCK_S = 60
# A digit, a case and a high bit; what begins, ends and splits a line; a break.
DAMAGE = [lambda b, bit=1 << bit: b ^ bit for bit in (0, 5, 7)] + \
    [lambda b, to=ord(to): to for to in "$*,\r\n\0"]
# As much as a line carries in most of a second.
SECOND_S = 0.8


def damaged(line):
    """Copies with one byte changed, at each place in each way."""
    for place, byte in enumerate(line):
        for harm in {h(byte) for h in DAMAGE} - {byte}:
            yield line[:place] + bytes([harm]) + line[place + 1:]


def batches(lines, baud):
    """By the second, each a text and how many lines it has."""
    most = int(SECOND_S * baud / 10)
    text, n = b"", 0
    for line in lines:
        if len(text) + len(line) > most:
            yield text, n
            text, n = b"", 0
        text, n = text + line, n + 1
    yield text, n


def count(bench, name):
    """How many of them the second told."""
    return sum(m.value for m in bench.new if m.kind == "E" and m.name == name)


def check(bench, send, lines, name):
    """Each is told, as one at least: a `$` or a line's end makes two of it."""
    sent = told = 0
    for text, n in batches(lines, qemu_front.HOST_BAUD):
        send(bench.k + 0.1, text, qemu_front.HOST_BAUD)
        report, edges = bench.second(text=b"")
        sent, told = sent + n, told + count(bench, name)
        assert edges == qemu_front.RATE_HZ, edges
        assert report.state == "LOCKED", report
        assert report.utc_s == UTC_S + bench.k - 1, report
        assert not [m for m in bench.new if m.kind in ("ACK", "NAK", "ID")]
    bench.second()
    told += count(bench, name)
    assert sent <= told <= 2 * sent, (sent, told)
    return sent


def commands():
    yield from damaged(psyn.encode("QUERY", seq=1, key="id"))
    yield from damaged(psyn.encode("SET", seq=2, key="rate", value=17000))
    yield from damaged(psyn.encode("START", seq=3, utc_s=UTC_S + 100))


def sentences(bench):
    """Of another day, so that one believed would show."""
    for line in qemu_front.nmea(UTC_S + 86400).splitlines(keepends=True):
        yield from damaged(line)


def main():
    path = qemu_front.image("mps2.elf")
    if not path:
        print("no image, or no qemu-system-arm")
        return 77
    with qemu_front.Machine(path, UTC_S) as machine:
        bench = qemu_front.Bench(machine)
        bench.until("LOCKED", LOCK_S)
        n_host = check(bench, machine.host_text, commands(), "LINE_BAD")
        n_gps = check(bench, machine.gps_text, sentences(bench), "NMEA_BAD")
        machine.host_text(bench.k + 0.5,
                          psyn.encode("QUERY", seq=9, key="rate"))
        bench.second()
        assert [m.value for m in bench.new if m.kind == "ACK"] == \
            [qemu_front.RATE_HZ], bench.new
        print("%d commands and %d sentences refused" % (n_host, n_gps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
