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

PPS_CHAN = 6
PPS_S = range(6)  # of the recording: seconds 1 to 3 have something wrong
MISSING_S, DOUBLE_S, LATE_S = 1, 2, 3
TAU_S, WIDTH_S, JITTER_S = 300e-6, 0.1, 20e-6
DOUBLED_S, OFFSET_S = 0.2, 250e-6

TIMER_S = 55.55e-6
PPM, PPM_PER_S, CHANGED_PPM = 30, 20, -70

GAIN_PPM = [0, 300, -500, 1000, 0, -20, 40, 5000]
DELAY_NS = [0, 0, 1000, -2500, 20000, 50, 0, 300]
OFFSET_V = [0, 0.01, 0, 0, -0.02, 0, 0, 0]
NOISE_V = 1e-3

SYNTH = """
put() { echo $2 > /sys/module/comedi_synth/parameters/$1; }
second() { now=$(date +%%s); while [ $(date +%%s) = $now ]; do :; done; }
second
daqprobe run -n 8 -e 2 -T 1 -C %(convert_ns)d -t 6.8 -w /out/scans.raw & pid=$!
second; echo "scan 0 at $now"; sleep .3; put pps_missing 1
second; sleep .3; put pps_missing 0; put pps_double_us 200000
second; sleep .3; put pps_double_us 0; put pps_offset_ns 250000
second; sleep .3; put pps_offset_ns 0
wait $pid; echo "synth: $?"

put clock_ppb 30000; put clock_ppb_per_s 20000
daqprobe run -n 8 -t 2.5 -w /out/drift.raw & pid=$!
sleep 1.3; put clock_ppb -70000; wait $pid; echo "drift: $?"

put same 1; put gain_ppm %(gain)s; put delay_ns %(delay)s
put offset_uv %(offset)s; put noise_uv 1000
daqprobe run -n 8 -e 2 -T 1 -t 2 -w /out/same.raw; echo "same: $?"

for fault in 1 2 3 5; do
  ( sleep 1; put fault $fault ) &
  daqprobe run -n 8 -e 2 -t 2; echo "fault $fault: $?"
  wait
  [ $fault != 3 ] || put fault 0
done
put fault 6; sleep .2
daqprobe run -n 8 -e 2 -t 1; echo "fault 6: $?"
""" % {
    "convert_ns": round(CONVERT_S * 1e9),
    "gain": ",".join(map(str, GAIN_PPM)),
    "delay": ",".join(map(str, DELAY_NS)),
    "offset": ",".join(str(round(v * 1e6)) for v in OFFSET_V)}

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


def read_codes(path):
    codes = array.array("H")
    with open(path, "rb") as raw:
        codes.frombytes(raw.read())
    assert len(codes) >= 8 * PERIOD, "only %d samples" % len(codes)
    return codes


def volts(codes, chan):
    return [code * CODE_V - 10 for code in codes[chan::8]]


def phasor_of(values):
    """Peak, over whole periods of 18 kHz."""
    n = len(values) // PERIOD * PERIOD
    return sum(v * cmath.exp(-2j * math.pi * (k % PERIOD) / PERIOD)
               for k, v in enumerate(values[:n])) * 2 / n


def check_scans(codes):
    """Scan 0 is on the second, scan k at k/18000 s, channel i 5 us later."""
    assert all(code == k % 65536 for k, code in enumerate(codes[7::8])), "lost"
    for chan, lag_deg in enumerate(LAG_DEG):
        truth = cmath.rect(PEAK_V, math.radians(-lag_deg) +
                           2 * math.pi * 50 * chan * CONVERT_S)
        error = abs(phasor_of(volts(codes, chan)) - truth)
        print("channel %d: %.3f codes from the truth" % (chan, error / CODE_V))
        assert error <= CODE_V / 2, error


def draw(seed, sigma):
    """comedi_synth's noise: the sum of three even draws by splitmix64."""
    mask, total = 2 ** 64 - 1, 0
    for i in (1, 2, 3):
        z = (seed + i) * 0x9E3779B97F4A7C15 & mask
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        total += ((z ^ z >> 31) >> 32) - 2 ** 31
    return total * sigma >> 31


def pulse_v(since_s):
    on = -math.expm1(-since_s / TAU_S) if since_s >= 0 else 0
    if since_s >= WIDTH_S:
        on -= -math.expm1(-(since_s - WIDTH_S) / TAU_S)
    return PEAK_V * on


def check_pps(codes, scan0_s):
    """Every sample of every pulse, right, missing, double and late."""
    worst = 0
    for second in PPS_S:
        t0_s = draw(0x707073 + 3 * (scan0_s + second),
                    round(JITTER_S * 1e9)) * 1e-9
        t0_s += OFFSET_S if second == LATE_S else 0
        for k in range(0 if second == 0 else -1800, 9000):
            at_s = k / 18000 + PPS_CHAN * CONVERT_S - t0_s
            v = 0
            if second != MISSING_S:
                v = pulse_v(at_s)
            if second == DOUBLE_S:
                v += pulse_v(at_s - DOUBLED_S)
            code = codes[8 * (18000 * second + k) + PPS_CHAN]
            worst = max(worst, abs(code * CODE_V - 10 - v))
    # Half a code of rounding; of the rest, times in whole ns are most.
    print("PPS: %.3f codes from the curve" % (worst / CODE_V))
    assert worst <= CODE_V * 0.501 + PEAK_V * 2e-9 / TAU_S, worst


def lag_s(values, first, n):
    """What the clock has gained on 55.55 us a scan: least squares in the two
    parts of a wave of 50 Hz."""
    s_cc = s_cs = s_ss = s_c = s_s = 0
    for k in range(first, first + n):
        c, s = (f(2 * math.pi * 50 * TIMER_S * k) for f in (math.cos, math.sin))
        s_cc, s_cs, s_ss = s_cc + c * c, s_cs + c * s, s_ss + s * s
        s_c, s_s = s_c + c * values[k], s_s + s * values[k]
    in_phase = s_c * s_ss - s_s * s_cs
    ahead = s_c * s_cs - s_s * s_cc
    return -math.atan2(ahead, in_phase) / (2 * math.pi * 50)


def check_drift(codes):
    """30 ppm that grow by 20 ppm in every second, then 100 ppm less."""
    values, n = volts(codes, 0), 900
    lags = [lag_s(values, first, n)
            for first in range(0, len(values) - n + 1, n)]
    at_s = [(i + 0.5) * n * TIMER_S for i in range(len(lags))]
    off = [(lag - lags[0] + round((lags[0] - lag) * 50) / 50) * 1e6 -
           sum(sign * (PPM * t + PPM_PER_S * t * t / 2)
               for sign, t in ((1, t), (-1, at_s[0])))
           for lag, t in zip(lags, at_s)]
    before = max(abs(us) for us, t in zip(off, at_s) if t < 0.8)
    after = (off[-1] - off[-9]) / (at_s[-1] - at_s[-9])
    print("clock: %.4f us from the closed form; %.3f ppm after a change" %
          (before, after))
    # 0.06 codes rms after 900 samples; a parabola within a stretch is less.
    assert before <= 0.06 * CODE_V / PEAK_V / (2 * math.pi * 50) * 1e6 * 3
    assert abs(after - (CHANGED_PPM - PPM)) <= 0.1, after
    steps = [b - a for a, b in zip(off, off[1:])]
    assert min(steps) >= -100 * n * TIMER_S - 0.05, "the phase jumps"


def check_same(codes):
    """One signal, and the error of each input; noise of 1 mV."""
    n = 18000
    for chan in range(8):
        if chan == PPS_CHAN:
            continue
        values = volts(codes, chan)[:n]
        want = PEAK_V * (1 + GAIN_PPM[chan] * 1e-6) * cmath.exp(
            -2j * math.pi * 50 * DELAY_NS[chan] * 1e-9)
        error = abs(phasor_of(values) - want)
        table = [(want * cmath.exp(2j * math.pi * k / PERIOD)).real +
                 OFFSET_V[chan] for k in range(PERIOD)]
        rest = [v - table[k % PERIOD] for k, v in enumerate(values)]
        mean = math.fsum(rest) / n
        rms = math.sqrt(math.fsum(v * v for v in rest) / n)
        print("input %d: %.3f codes from the truth, mean %.3f, noise %.4f mV" %
              (chan, error / CODE_V, mean / CODE_V, rms * 1e3))
        # 1 mV over 18000 samples: 0.035 codes rms, of which five.
        assert error <= CODE_V * 0.18 and abs(mean) <= CODE_V * 0.18
        assert abs(rms / math.hypot(NOISE_V, CODE_V / 12 ** 0.5) - 1) <= 0.03


def check_synth(probe, out):
    """Signal and faults, where the module can be built."""
    module = guest.build_module("selftest")
    if not module:
        print("not checked: comedi_synth, for want of the kernel's headers")
        return
    _, output = guest.boot(
        SYNTH, "%s pps_chan=%d pps_jitter_ns=%d" %
        (module, PPS_CHAN, round(JITTER_S * 1e9)), [probe], ["-o", out])
    expect(output, "synth: 0", "drift: 0", "same: 0", "fault 1: 4",
           "fault 2: 4", "fault 3: 3", "fault 5: 5", "fault 6: 0")
    codes = read_codes(os.path.join(out, "scans.raw"))
    check_scans(codes[:8 * 36000])
    check_pps(codes, int(re.search(r"scan 0 at (\d+)", output).group(1)) + 1)
    check_drift(read_codes(os.path.join(out, "drift.raw")))
    check_same(read_codes(os.path.join(out, "same.raw")))


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
