#!/usr/bin/env python3
"""external.py - start and scan clock from outside: every scan has its UTC.

comedi_synth's scan 0 is on the whole second, scan k at k/18000 s, and its waves
are functions of UTC. So each phasor is judged absolutely: 0.0005 degree, which
is 28 ns at 50 Hz, and 20 ppm. Two runs: all eight inputs, sampled at once; then
six by one converter, 5 us apart, and a frequency that is not nominal, with V+.

A code of 16 bits of +-10 V is 6e-5 of the peak, its rounding 1.8e-5 rms; over
720 samples that leaves about 1 ppm and 0.0001 degree.
"""
import sys

import guest

MAX_DEG = 0.0005
MAX_PPM = 20
MUX_UHZ = 50030000

EXTERNAL = ",clock=external:2,start=external:1"
EIGHT = guest.Run(1, 10, 2, 31, "0+1+2+3+4+5+6+7", EXTERNAL)
MUX = guest.Run(2, 10, 2, 11, source=EXTERNAL + ",convert_ns=5000")
RUNS = (EIGHT, MUX)


def script(port):
    return """
%s || exit
rmmod comedi_synth
insmod /lib/modules/comedi_synth.ko mux=1 convert_ns=5000 freq_uhz=%d
%s
""" % (EIGHT.command(port), MUX_UHZ, MUX.command(port))


def errors(run, freq_uhz):
    """Of each report and phasor: degrees, and of the magnitude in ppm."""
    for i, (_, (_, phasors, _, _)) in enumerate(run.data):
        want = [guest.truth(run, i, lag, freq_uhz) for lag in guest.LAG_DEG]
        got = list(phasors[:6])
        if run is MUX:
            got.append(phasors[run.config.pmus[0].phasors.index("V+")])
            want.append(guest.sequence(want[:3]))
        for a, b in zip(got, want):
            yield guest.degrees(a / b), (abs(a / b) - 1) * 1e6


def check(run, freq_uhz):
    assert len(run.data) >= run.least(), (len(run.data), run.least())
    guest.check_grid(run)
    for frame, (stat, _, freq_hz, _) in run.data:
        assert stat >> 13 == 0, "STAT %#06x" % stat
        assert frame.time_quality == 0, frame.time_quality
        assert abs(freq_hz - freq_uhz * 1e-6) <= 1e-3, freq_hz
    both = list(errors(run, freq_uhz))
    angle_deg = max(abs(deg) for deg, _ in both)
    ppm = max(abs(part) for _, part in both)
    print("run %d: %d reports, %.6f degree and %.2f ppm at worst"
          % (run.idcode, len(run.data), angle_deg, ppm))
    assert angle_deg <= MAX_DEG, angle_deg
    assert ppm <= MAX_PPM, ppm


def main():
    module = guest.build_module("external")
    if not module:
        return guest.SKIPPED
    status, _ = guest.record(module, script, RUNS)
    if status == guest.SKIPPED:
        return guest.SKIPPED
    assert status == 0, "status %d in the guest" % status
    assert EIGHT.data and len(EIGHT.config.pmus[0].phasors) >= 8
    assert "V+" in MUX.config.pmus[0].phasors, MUX.config.pmus[0].phasors
    check(EIGHT, 50000000)
    check(MUX, MUX_UHZ)
    return 0


if __name__ == "__main__":
    sys.exit(main())
