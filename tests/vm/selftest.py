#!/usr/bin/env python3
"""selftest.py - whether the guest, the probe and comedi_synth can be trusted.

usage: selftest.py DAQPROBE

The probe and not the program: what fails here is the kit, or the kernel.
"""
import array
import cmath
import math
import os
import re
import shutil
import sys

import guest

PERIOD = 360  # scans of 18 kHz in one period of 50 Hz
LAG_DEG = [0, 120, 240, 30, 150, 270]
CONVERT_S = 5e-6
PEAK_V = 5
CODE_V = 20 / 65535

SYNTH = """
daqprobe run -n 8 -e 2 -T 1 -C %d -t 2.2 -w /out/scans.raw; echo "synth: $?"
for fault in 1 2 3 5; do
  ( sleep 1; echo $fault > /sys/module/comedi_synth/parameters/fault ) &
  daqprobe run -n 8 -e 2 -t 2; echo "fault $fault: $?"
  wait
  [ $fault != 3 ] || echo 0 > /sys/module/comedi_synth/parameters/fault
done
""" % round(CONVERT_S * 1e9)

BOARD = """
daqprobe run -n 8 -t 2 -p 20000; echo "read: $?"
daqprobe run -n 8 -t 2 -b 65536 -S 500; echo "stall: $?"
"""


def expect(output, *results):
    print(output)
    for result in results:
        assert re.search("^%s$" % result, output, re.M), result


def check_runner(out):
    """Status, output and files come back; the time limit ends what does not."""
    status, output = guest.boot(
        "echo said; cp /app/given /out/kept; exit 42",
        options=["-o", out, "-i", __file__ + ":/app/given"])
    if status == guest.SKIPPED:
        return status
    assert status == 42, status
    expect(output, "said")
    with open(os.path.join(out, "kept"), "rb") as kept, \
            open(__file__, "rb") as given:
        assert kept.read() == given.read(), "a file did not survive the guest"
    status, _ = guest.boot("sleep 60", options=["-t", "5"])
    assert status == 124, status
    return 0


def check_board(probe):
    """comedi_test: no sample out of place, and an overrun is told."""
    _, output = guest.boot(BOARD, "comedi_test period=20000", [probe])
    expect(output, "read: 0", "stall: 4")


def check_scans(path):
    """Scan 0 is on the second, scan k at k/18000 s, channel i 5 us later."""
    codes = array.array("H")
    with open(path, "rb") as raw:
        codes.frombytes(raw.read())
    n_scan = len(codes) // 8 // PERIOD * PERIOD
    assert n_scan >= PERIOD, "only %d samples" % len(codes)
    assert all(codes[8 * k + 7] == k % 65536 for k in range(n_scan)), "lost"
    for chan, lag_deg in enumerate(LAG_DEG):
        total = sum((codes[8 * k + chan] * CODE_V - 10) *
                    cmath.exp(-2j * math.pi * k / PERIOD)
                    for k in range(n_scan))
        truth = cmath.rect(PEAK_V, math.radians(-lag_deg) +
                           2 * math.pi * 50 * chan * CONVERT_S)
        error = abs(total * 2 / n_scan - truth)
        print("channel %d: %.3f codes from the truth" % (chan, error / CODE_V))
        assert error <= CODE_V / 2, error


def check_synth(probe, out):
    """Signal and faults, where the module can be built."""
    module = guest.build_module("selftest")
    if not module:
        print("not checked: comedi_synth, for want of the kernel's headers")
        return
    _, output = guest.boot(SYNTH, module, [probe], ["-o", out])
    expect(output, "synth: 0", "fault 1: 4", "fault 2: 4", "fault 3: 3",
           "fault 5: 5")
    check_scans(os.path.join(out, "scans.raw"))


def main():
    probe = sys.argv[1]
    out = os.path.join(os.environ["CISOID_BUILD"], "tests", "vm", "selftest")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    if check_runner(out) == guest.SKIPPED:
        return guest.SKIPPED
    check_board(probe)
    check_synth(probe, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
