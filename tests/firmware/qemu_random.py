#!/usr/bin/env python3
"""qemu_random.py - ten minutes of noise on both inputs: bytes of any kind, and
lines that are nearly, or even, right. The image goes on telling, each second in
lines that are right, does not start again, and afterwards obeys and locks.

Ten minutes of virtual time, by a scan clock of 50 Hz; noise comes at each line's
full speed, a part of each second, for every byte costs the host as much as a
thousand instructions. tests/fuzz has the same parsers at full rate.
"""
import json
import random
import sys

import psyn
import qemu_front

UTC_S = 1800000000
SECONDS, AT_A_TIME = 600, 10
N_HOST, N_GPS = 120, 60
LOCK_S = 60
SLOW_HZ = 50
HEADS = ["PSYN", "PSYN,START,7", "PSYN,SET,8", "PSYN,QUERY,9", "GNRMC",
         "GPZDA", "GNGGA", ""]
WORDS = ["rate", "delay_ns", "leap", "id", "", "-", "0", "1", "50", "65535",
         "65536", "-1", "18000", "99999999999999999999", str(UTC_S), "A", "V",
         "N", "235960.00", "310699", "240000", "$", "*", "\0"]


def noise(rng, n):
    return bytes(rng.randrange(256) for _ in range(n))


def near(rng):
    """A line that begins well and goes on with what it may; its checksum is
    right."""
    body = ",".join([rng.choice(HEADS)] + [rng.choice(WORDS) for _ in
                                           range(rng.randrange(12))])
    return ("$%s*%s\r\n" % (body, psyn.checksum(body))).encode()


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
                 near(rng) if kind == 1 else damaged(rng, line))
    return text[:n]


def disturb(machine, rng, second):
    """In the first half of it; in the second the receiver may be heard."""
    commands = [psyn.frame("PSYN," + body) for body in
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
    said = qemu_front.messages(machine.text)
    names = qemu_front.names_of(said)
    assert names.count("BOOT") == 1 and "WATCHDOG" not in names
    reports = sum(m.kind == "T" for m in said)
    # One that is put back by an alignment, and the first.
    assert abs(reports - SECONDS) < 5, reports
    return reports


def check_order(machine):
    """Obeys, and locks to what is right again."""
    bench = qemu_front.Bench(machine, SECONDS)
    values = {"rate": qemu_front.RATE_HZ, "delay_ns": 0, "leap": 0}
    for seq, (key, value) in enumerate(values.items(), 1000):
        machine.host_text(bench.k + (seq - 999) / 10, b"\r\n" +
                          psyn.encode("SET", seq=seq, key=key, value=value))
    bench.second()
    assert {m.key: m.value for m in bench.new if m.kind == "ACK"} == values
    bench.until("LOCKED", LOCK_S)
    report, edges = bench.second()
    assert edges == report.edges == qemu_front.RATE_HZ, (edges, report)
    assert report.utc_s == UTC_S + bench.k - 1, report


def check_stack(path, free):
    """What was used is no more than what sizes.py says can be."""
    with open(path + ".json", encoding="utf-8") as f:
        sizes = json.load(f)
    assert sizes["stack_room"] - free <= sizes["stack"], (sizes, free)


def main():
    path = qemu_front.image("mps2.elf")
    if not path:
        print("no image, or no qemu-system-arm")
        return 77
    with qemu_front.Machine(path, UTC_S, 20, shift=6) as machine:
        machine.host_text(-0.09, psyn.encode("SET", seq=1, key="rate",
                                             value=SLOW_HZ))
        reports = check_noise(machine, random.Random(8))
        check_order(machine)
        check_stack(path, machine.report["stack_free"])
        print("%d seconds told; %d bytes of the stack never used"
              % (reports, machine.report["stack_free"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
