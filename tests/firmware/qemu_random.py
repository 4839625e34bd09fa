#!/usr/bin/env python3
"""qemu_random.py - ten minutes of noise on both inputs: bytes of any kind, and
lines that are nearly, or even, right. The image goes on telling, each second in
lines that are right, does not start again, and afterwards obeys and locks.

Ten minutes of virtual time, by a scan clock of 50 Hz; noise comes at each line's
full speed, a part of each second, for every byte costs the host as much as a
thousand instructions. tests/fuzz has the same parsers at full rate.
"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "support"))
import qemu_front  # noqa: E402

UTC_S = 1800000000
SECONDS, AT_A_TIME = 600, 10
N_HOST, N_GPS = 60, 30
LOCK_S = 60
SLOW_HZ = 50
WORDS = ["PSYN", "START", "SET", "QUERY", "rate", "delay_ns", "leap", "id", "",
         "-", "0", "1", "7", "65535", "65536", "-1", "99999999999999999999",
         str(UTC_S), "GNRMC", "GPZDA", "GNGGA", "A", "V", "N", "E", "235960.00",
         "310699", "240000", "$", "*", "\0", "18000", "50"]


def noise(rng, n):
    return bytes(rng.randrange(256) for _ in range(n))


def near(rng, words):
    """A line of words that belong into one; the checksum is right."""
    return qemu_front.sentence(",".join(rng.choice(words)
                                        for _ in range(rng.randrange(12))))


def damaged(rng, line):
    line = bytearray(line)
    for _ in range(rng.randrange(1, 4)):
        line[rng.randrange(len(line))] = rng.randrange(256)
    return bytes(line)


def some(rng, n, lines):
    """Bytes of one of the kinds; never more than n."""
    text = b""
    while len(text) < n:
        kind = rng.randrange(3)
        line = rng.choice(lines)
        text += (noise(rng, n) if kind == 0 else
                 near(rng, WORDS) if kind == 1 else damaged(rng, line))
    return text[:n]


def disturb(machine, rng, second):
    """In the first half of it; in the second the receiver may be heard."""
    commands = [qemu_front.sentence("PSYN," + body) for body in
                ("QUERY,1,id", "SET,2,rate,50", "SET,3,delay_ns,100",
                 "SET,4,leap,0", "START,5,%d" % (UTC_S + second + 2))]
    said = qemu_front.nmea(UTC_S + second).splitlines(keepends=True)
    machine.host_text(second + rng.random(), some(rng, N_HOST, commands))
    machine.gps_text(second + rng.random() / 2, some(rng, N_GPS, said))


def check_noise(machine, rng):
    """T each second; no boot but the first."""
    for first in range(0, SECONDS, AT_A_TIME):
        for second in range(first, first + AT_A_TIME):
            machine.pulse(second)
            disturb(machine, rng, second)
        machine.run_to(first + AT_A_TIME - 0.05)
    said = qemu_front.lines(machine.text)
    assert [f[2] for f in said if f[0] == "E" and
            f[2] in ("BOOT", "WATCHDOG")] == ["BOOT"]
    reports = sum(f[0] == "T" for f in said)
    # One that is put back by an alignment, and the first.
    assert abs(reports - SECONDS) < 5, reports
    return reports


def check_order(machine):
    """Obeys, and locks to what is right again."""
    bench = qemu_front.Bench(machine, SECONDS)
    for seq, body in enumerate(("rate,18000", "delay_ns,0", "leap,0")):
        machine.host_text(bench.k + 0.1 + seq / 10, b"\r\n" +
                          qemu_front.sentence("PSYN,SET,%d,%s"
                                              % (1000 + seq, body)))
    bench.second()
    assert len([f for f in bench.new if f[0] == "ACK"]) == 3, bench.new
    bench.until("LOCKED", LOCK_S)
    report, edges = bench.second()
    assert edges == int(report[7]) == qemu_front.RATE_HZ, (edges, report)
    assert int(report[1]) == UTC_S + bench.k - 1, report


def main():
    path = qemu_front.image("mps2.elf")
    if not path:
        print("no image, or no qemu-system-arm")
        return 77
    with qemu_front.Machine(path, UTC_S, 20, shift=6) as machine:
        machine.host_text(-0.09, qemu_front.sentence("PSYN,SET,1,rate,%d"
                                                     % SLOW_HZ))
        reports = check_noise(machine, random.Random(8))
        check_order(machine)
        print("%d seconds told; %d bytes of the stack never used"
              % (reports, machine.report["stack_free"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
