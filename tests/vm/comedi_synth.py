#!/usr/bin/env python3
"""comedi_synth.py - cisoid in a guest with our own board, comedi_synth.

The board has one converter, which takes 5 us for each of the six channels, and
a timebase of 50 ns: asked for 18 kHz it samples every 55550 ns. Its signal is
50 Hz, 5 V peak, currents 30 degrees behind the voltages, a function of UTC
alone: voltage A has the angle 0 at every instant k/N s with N up to 50. After
the run without faults it is made to fail in every way it knows.

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

RMS_V = 5 / math.sqrt(2)
LAG_DEG = [0, 120, 240, 30, 150, 270]
NAMES = ["VA", "VB", "VC", "IA", "IB", "IC", "V+", "I+"]
CODE = 20 / 65535 / 5  # of the peak
WIDE_CODE = CODE / 256 + 2e-7  # and the board's own cosine, frames in float32
START_DEG = 360 * 50 * 3e-3

CLEAN = guest.Run(1, 10, 2, 5)
FAULTS = guest.Run(2, 25, 2, 6)
PAUSE = guest.Run(3, 25, 2)
STOPPED = guest.Run(4, 10, 2)
WIDE = guest.Run(5, 10, 2, 3)
UNPLUG = guest.Run(6, 10, 2)
RUNS = (CLEAN, FAULTS, PAUSE, STOPPED, WIDE, UNPLUG)

SCRIPT = """
fault() { echo $1 > /sys/module/comedi_synth/parameters/fault; }
end() { wait $pid; echo "run $1: status $?"; }
term() {
  ( sleep 10; kill -9 $pid ) & killer=$!
  kill -TERM $pid; end $1; kill $killer
}
new_second() { now=$(date +%%s); while [ $(date +%%s) = $now ]; do :; done; }
%(clean)s & pid=$!
end clean
%(faults)s & pid=$!
sleep 3; fault 1; sleep 2; fault 2; end faults
%(pause)s & pid=$!
sleep 2; fault 3; sleep 1; fault 0; sleep 2
new_second; echo "pause ends at $(date +%%s)"; term pause
%(stopped)s & pid=$!
sleep 2; fault 3; sleep 1; term stopped; fault 0
rmmod comedi_synth && insmod /lib/modules/comedi_synth.ko bits=24
%(wide)s & pid=$!
end wide
%(unplug)s & pid=$!
sleep 2; fault 5; sleep 1; fault 6; sleep 3; term unplug
"""


def script(port):
    return SCRIPT % {
        "clean": CLEAN.command(port), "faults": FAULTS.command(port),
        "pause": PAUSE.command(port), "stopped": STOPPED.command(port),
        "wide": WIDE.command(port), "unplug": UNPLUG.command(port)}


def is_bad(report):
    """STAT 15-14: a PMU error, or no data at all (C37.118.2, 6.3)."""
    return report[1][0] >> 14 & 1 == 1


def degrees(phasor):
    return math.degrees(cmath.phase(phasor))


def worst_of(run, code):
    """Errors of frequency, magnitude and angle between channels."""
    freq_hz = magnitude = angle_deg = 0.0
    for report in run.data:
        if is_bad(report):
            continue
        _, phasors, freq, _ = report[1]
        freq_hz = max(freq_hz, abs(freq - 50))
        for phasor, lag_deg in zip(phasors, LAG_DEG):
            magnitude = max(magnitude, abs(abs(phasor) / RMS_V - 1))
            turned = phasor / phasors[0] * cmath.rect(1, math.radians(lag_deg))
            angle_deg = max(angle_deg, abs(degrees(turned)))
    print("run %d: %.6f mHz, %.7f %%, %.6f degree at worst"
          % (run.idcode, freq_hz * 1e3, magnitude * 100, angle_deg))
    assert freq_hz <= 1e-3, freq_hz
    assert magnitude <= code, magnitude
    assert angle_deg <= math.degrees(code / 2), angle_deg


def begun_deg(run):
    """UTC: voltage A has the angle 0, up to what nobody knows of the start."""
    angle = max(abs(degrees(r[1][1][0])) for r in run.data if not is_bad(r))
    print("run %d: begun within %.0f us" % (run.idcode, angle / 360 / 50 * 1e6))
    return angle


def check_starts():
    """A busy host may stall the guest in the middle of one start, not of two."""
    begun = sorted(map(begun_deg, RUNS))
    assert begun[-2] <= START_DEG, begun


def check_holes(run, n_holes):
    """Reports next to a hole are bad, and no more than four for each."""
    bad = [i for i, report in enumerate(run.data) if is_bad(report)]
    holes = [i for i in bad if i - 1 not in bad]
    print("run %d: bad reports %s of %d" % (run.idcode, bad, len(run.data)))
    assert len(holes) == n_holes, holes
    assert 0 < holes[0] and bad[-1] < len(run.data) - 1, bad
    return len(bad)


def check_end(run):
    """Once the samples end all reports are bad."""
    bad = [i for i, report in enumerate(run.data) if is_bad(report)]
    print("run %d: bad reports %s of %d" % (run.idcode, bad, len(run.data)))
    assert bad and 0 < bad[0] == len(run.data) - len(bad), bad


def check_pause(output):
    """A second without samples is a hole, and later reports are of their time:
    the last is not much older than the end."""
    n_bad = check_holes(PAUSE, 1)
    assert 0.8 <= n_bad / PAUSE.rate <= 1.5, n_bad
    end_s = int(re.search(r"pause ends at (\d+)", output).group(1))
    late_s = end_s - PAUSE.time_s(-1)
    print("run 3: the last report is %.2f s older than the end" % late_s)
    assert -0.2 <= late_s <= 0.3, late_s


def check_output(output):
    for name, status in (("clean", 0), ("faults", 0), ("pause", 0),
                         ("stopped", 0), ("wide", 0), ("unplug", 0)):
        assert "run %s: status %d\n" % (name, status) in output, name
    assert re.search(r"18001\.800180 Hz", output), "the rate is not told"
    for name, n in (("overflow", 1), ("device-error", 1), ("stalled", 2),
                    ("device-gone", 1)):
        found = re.findall("event=%s over=0" % name, output)
        assert len(found) == n, (name, found)
    assert re.search("event=device-gone over=1 .* duration_s=1[.]", output), \
        "nobody says that the board is back"


def check_all(output):
    check_output(output)
    for run in RUNS:
        assert run.config, "run %d sent no configuration" % run.idcode
        assert run.config.pmus[0].phasors == NAMES, run.config.pmus[0].phasors
        guest.check_grid(run)
        guest.check_time_quality(run)
        worst_of(run, WIDE_CODE if run is WIDE else CODE)
    check_starts()
    for run in (CLEAN, FAULTS, WIDE):
        assert len(run.data) >= run.least(), (run.idcode, len(run.data))
    for run in (CLEAN, WIDE):
        assert run.data and not any(map(is_bad, run.data)), run.idcode
    check_end(STOPPED)
    check_holes(UNPLUG, 1)
    assert check_holes(FAULTS, 2) <= 8
    check_pause(output)


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
