#!/usr/bin/env python3
"""comedi_synth.py - cisoid in a guest with our own board, comedi_synth.

The board has one converter, which takes 5 us for each of the six channels, and
a timebase of 50 ns: asked for 18 kHz it samples every 55550 ns. Its signal is
50 Hz, 5 V peak, currents 30 degrees behind the voltages, a function of UTC
alone: voltage A has the angle 0 at every instant k/N s with N up to 50. After
runs of 16 and 24 bits its own clock stops and goes on, and it is unplugged; what
else can fail is for faults.py, with an external clock.

The tolerances: a code of 16 bits is 20 V / 65535 = 0.3 mV, 6e-5 of the peak; it
is not averaged over hundreds of samples by chance alone, so one code is
allowed for the magnitude and the arc of half of it, 0.0018 degree, between
channels. The converter's own delay is 0.09 degree for each channel.

Where it begins is known to the program within a period and 1 ms (18 degrees)
for the driver's start, besides the time that the command takes.
"""
import cmath
import math
import re
import sys

import guest

RMS_V = guest.PEAK_V / math.sqrt(2)
NAMES = ["VA", "VB", "VC", "IA", "IB", "IC", "V+", "I+"]
CODE = 20 / 65535 / 5  # of the peak
WIDE_CODE = CODE / 256 + 2e-7  # and the board's own cosine, frames in float32
START_DEG = 360 * 50 * 3e-3

CLEAN = guest.Run(1, 10, 2, 5)
WIDE = guest.Run(2, 10, 2, 3)
PAUSE = guest.Run(3, 25, 2)
UNPLUG = guest.Run(4, 10, 2)
RUNS = (CLEAN, WIDE, PAUSE, UNPLUG)

SCRIPT = """
term() {
  ( sleep 10; kill -9 $pid ) & killer=$!
  kill -TERM $pid; wait $pid; echo "run $1: status $?"; kill $killer
}
%(clean)s; echo "run clean: status $?"
rmmod comedi_synth && insmod /lib/modules/comedi_synth.ko bits=24
%(wide)s; echo "run wide: status $?"
rmmod comedi_synth && insmod /lib/modules/comedi_synth.ko
%(pause)s & pid=$!
sleep 2; put fault 3; sleep 1; put fault 0; sleep 2
second; echo "pause ends at $(date +%%s)"; put fault 3; sleep .5; term pause
put fault 0
%(unplug)s & pid=$!
sleep 2; put fault 5; sleep 1; term unplug
"""


def script(port):
    return guest.SHELL + SCRIPT % {
        "clean": CLEAN.command(port), "wide": WIDE.command(port),
        "pause": PAUSE.command(port), "unplug": UNPLUG.command(port)}


def worst_of(run, code):
    """Errors of frequency, magnitude and angle between channels."""
    freq_hz = magnitude = angle_deg = 0.0
    for report in run.data:
        if guest.is_bad(report):
            continue
        _, phasors, freq, _ = report[1]
        freq_hz = max(freq_hz, abs(freq - 50))
        for phasor, lag_deg in zip(phasors, guest.LAG_DEG):
            magnitude = max(magnitude, abs(abs(phasor) / RMS_V - 1))
            turned = phasor / phasors[0] * cmath.rect(1, math.radians(lag_deg))
            angle_deg = max(angle_deg, abs(guest.degrees(turned)))
    print("run %d: %.6f mHz, %.7f %%, %.6f degree at worst"
          % (run.idcode, freq_hz * 1e3, magnitude * 100, angle_deg))
    assert freq_hz <= 1e-3, freq_hz
    assert magnitude <= code, magnitude
    assert angle_deg <= math.degrees(code / 2), angle_deg


def begun_deg(run):
    """UTC: voltage A has the angle 0, up to what nobody knows of the start."""
    angle = max(abs(guest.degrees(r[1][1][0]))
                for r in run.data if not guest.is_bad(r))
    print("run %d: begun within %.0f us" % (run.idcode, angle / 360 / 50 * 1e6))
    return angle


def check_starts():
    """A busy host may stall the guest in the middle of one start, not of two."""
    begun = sorted(map(begun_deg, RUNS))
    assert begun[-2] <= START_DEG, begun


def check_pause(output):
    """A second without samples is a hole, and later reports are of their time:
    the last good one is not much older than the end."""
    bad = [i for i, report in enumerate(PAUSE.data) if guest.is_bad(report)]
    end = len(PAUSE.data)
    while end - 1 in bad:
        end -= 1
    hole = [i for i in bad if i < end]
    print("run 3: bad reports %s of %d" % (bad, len(PAUSE.data)))
    assert hole and hole == list(range(hole[0], hole[-1] + 1)), bad
    assert 0.8 <= len(hole) / PAUSE.rate <= 1.5, len(hole)
    end_s = int(re.search(r"pause ends at (\d+)", output).group(1))
    late_s = end_s - PAUSE.time_s(end - 1)
    print("run 3: the last report is %.2f s older than the end" % late_s)
    # The guest takes its time to stop the clock once more.
    assert -0.5 <= late_s <= 0.3, late_s
    assert "event=stalled over=1" in output, "nobody tells of the pause"


def check_output(output):
    for name in ("clean", "wide", "pause", "unplug"):
        assert "run %s: status 0\n" % name in output, name
    assert re.search(r"18001\.800180 Hz", output), "the rate is not told"
    assert "event=device-gone over=0" in output, "nobody misses the board"


def check_all(output):
    check_output(output)
    for run in RUNS:
        assert run.config, "run %d sent no configuration" % run.idcode
        assert run.config.pmus[0].phasors == NAMES, run.config.pmus[0].phasors
        guest.check_grid(run)
        guest.check_time_quality(run)
        worst_of(run, WIDE_CODE if run is WIDE else CODE)
    check_starts()
    for run in (CLEAN, WIDE):
        assert len(run.data) >= run.least(), (run.idcode, len(run.data))
        assert not any(map(guest.is_bad, run.data)), run.idcode
    check_pause(output)
    assert guest.is_bad(UNPLUG.data[-1]), "frames without a board, unflagged"


def main():
    module = guest.build_module("comedi_synth")
    if not module:
        return guest.SKIPPED
    status, output = guest.record(module + " mux=1 convert_ns=5000", script,
                                  RUNS)
    if status == guest.SKIPPED:
        return guest.SKIPPED
    check_all(output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
