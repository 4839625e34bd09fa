#!/usr/bin/env python3
"""comedi_test.py - cisoid in a guest with the kernel's comedi_test board.

The board makes a sawtooth (channel 0) and a square wave (channel 1) of 50 Hz
and amplitude A = 1 V, in steps of whole microseconds: asked for 18 kHz it
samples every 56 us.

Expected: fundamental peaks 2 A/pi and 4 A/pi (Fourier series), 50 Hz, frames on
the grid of k/N s, and a time quality that says that nobody keeps the guest's
clock.

Harmonics of half the fundamental's size are more than a window of few cycles
can bear: the fit's rows t cos, t sin are not orthogonal to them. What they add
to frequency and magnitude depends on the wave's phase at the report instant and
falls with the square of the window: with 200 cycles the worst phase leaves
0.5 mHz and 0.003 %. So FREQ and the magnitudes are judged there. Of the short
window the frequency is read from the drift of the angles, which are wrong by a
constant: the phase is the same at all instants k/10 s of a 50 Hz wave.

The emulated processor takes a hundred times longer for a fit than a real one,
so reports are few: k/10 s, and for the long window k/1 s.
"""
import cmath
import math
import re
import sys

import guest

A_V = 1.0
WANT_RMS_V = [2 * A_V / math.pi / math.sqrt(2), 4 * A_V / math.pi / math.sqrt(2)]

SHORT_WINDOW = guest.Run(7, 10, 2, 10, "0+1")
LONG_WINDOW = guest.Run(8, 1, 200, 8, "0+1")
RUNS = (SHORT_WINDOW, LONG_WINDOW)


def check_config(run):
    pmu = run.config.pmus[0]
    assert run.config.rate == run.rate, run.config.rate
    assert pmu.phasors == ["CH0", "CH1"], pmu.phasors
    assert pmu.fnom_hz == 50, pmu.fnom_hz


def check_valid(run):
    for _, (stat, _, _, _) in run.data:
        assert stat >> 14 == 0, "PMU says that its data are invalid"


def check_drift(run):
    """1 mHz, from the angles of both channels over the whole run."""
    for chan in range(2):
        angle, last = 0.0, None
        for _, (_, phasors, _, _) in run.data:
            if last:
                angle += cmath.phase(phasors[chan] / last)
            last = phasors[chan]
        span_s = (len(run.data) - 1) / run.rate
        error_hz = angle / (2 * math.pi * span_s)
        print("CH%d: %.4f mHz by drift of the angle" % (chan, error_hz * 1e3))
        assert abs(error_hz) <= 1e-3, error_hz


def check_values(run):
    """FREQ to 1 mHz and magnitudes to 0.1 %, in every report."""
    worst = max(abs(abs(phasors[c]) / WANT_RMS_V[c] - 1)
                for _, (_, phasors, _, _) in run.data for c in range(2))
    worst_hz = max(abs(freq_hz - 50) for _, (_, _, freq_hz, _) in run.data)
    print("%.4f %% and %.4f mHz at worst" % (worst * 100, worst_hz * 1e3))
    assert worst <= 1e-3, worst
    assert worst_hz <= 1e-3, worst_hz


def main():
    status, output = guest.record(
        "comedi_test amplitude=%d period=20000" % round(A_V * 1e6),
        lambda port: " && ".join(run.command(port) for run in RUNS), RUNS)
    if status == guest.SKIPPED:
        return guest.SKIPPED
    assert status == 0, "status %d in the guest" % status
    assert re.search(r"17857\.14", output), "the board's own rate is not told"
    for run in RUNS:
        print("%d data frames at %d/s" % (len(run.data), run.rate))
        assert run.config, "no configuration was received"
        assert len(run.data) >= run.least(), run.least()
        check_config(run)
        guest.check_grid(run)
        guest.check_time_quality(run)
        check_valid(run)
        check_drift(run)
    check_values(LONG_WINDOW)
    return 0


if __name__ == "__main__":
    sys.exit(main())
