#!/usr/bin/env python3
"""comedi_test.py - cisoid in a guest with the kernel's comedi_test board.

The board makes a sawtooth (channel 0) and a square wave (channel 1) of 50 Hz
and amplitude A = 1 V, in steps of whole microseconds: asked for 18 kHz it
samples every 56 us. Frames leave the guest by UDP and are read here by the
tests' own decoder.

Expected: fundamental peaks 2 A/pi and 4 A/pi (Fourier series), 50 Hz, frames on
the grid of k/N s, and a time quality that says that nobody keeps the guest's
clock.

Harmonics of half the fundamental's size are more than a window of few cycles
can bear: the fit's rows t cos, t sin are not orthogonal to them. What they add
to frequency and magnitude depends on the wave's phase at the report instant and
falls with the square of the window: 0.07 % of the magnitude is left of it at 40
cycles. The phase is the same at all instants k/10 s of a 50 Hz wave, so angles
are wrong by a constant: frequency is read from their drift.

The emulated processor takes a hundred times longer for a fit than a real one,
so reports are few: k/10 s, and for the long window k/1 s.
"""
import cmath
import math
import os
import re
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import c37_frames as c37  # noqa: E402

A_V = 1.0
WANT_RMS_V = [2 * A_V / math.pi / math.sqrt(2), 4 * A_V / math.pi / math.sqrt(2)]


class Run:
    """One run of cisoid in the guest, told from others by its IDCODE."""

    def __init__(self, idcode, rate, window_cycles, duration_s):
        self.idcode, self.rate = idcode, rate
        self.window_cycles, self.duration_s = window_cycles, duration_s
        self.config = None
        self.data = []

    def command(self, port):
        return ("cisoid run --source comedi:dev=/dev/comedi0,rate=18000,"
                "channels=0+1 --profile ls7:%d --rate %d --idcode %d "
                "--stream udp:10.0.2.2:%d --duration %ds"
                % (self.window_cycles, self.rate, self.idcode, port,
                   self.duration_s))

    def least(self):
        """Reports that complete windows allow."""
        window_s = self.window_cycles / 50
        return math.floor((self.duration_s - window_s) * self.rate) - 1


SHORT_WINDOW = Run(7, 10, 2, 10)
LONG_WINDOW = Run(8, 1, 40, 7)
RUNS = {run.idcode: run for run in (SHORT_WINDOW, LONG_WINDOW)}


class Receiver(threading.Thread):
    """Collects datagrams until it is told to stop."""

    def __init__(self):
        super().__init__()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.settimeout(0.2)
        self.port = self.sock.getsockname()[1]
        self.datagrams = []
        self.stop = False

    def run(self):
        while True:
            try:
                self.datagrams.append(self.sock.recv(65536))
            except socket.timeout:
                if self.stop:
                    return


def run_guest(port):
    """Status and output of the runs, one after the other, in one guest."""
    cmd = [os.path.join(HERE, "comedi-vm.sh"), "-n", "-t", "240",
           "-m", "comedi_test amplitude=%d period=20000" % round(A_V * 1e6),
           "-i", os.environ["CISOID"], "--", "sh", "-c",
           " && ".join(run.command(port) for run in RUNS.values())]
    done = subprocess.run(cmd, stdout=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def sort_frames(datagrams):
    """To each run the configuration that came first, and its data."""
    for datagram in datagrams:
        for raw in c37.split(datagram):
            frame = c37.Frame(raw)
            run = RUNS[frame.idcode]
            if frame.kind == c37.CFG2:
                run.config = run.config or c37.Config(frame)
            elif frame.kind == c37.DATA:
                assert run.config, "data before the configuration"
                pmu = c37.Data(frame, run.config).pmus[0]
                run.data.append((frame, pmu))


def check_config(run):
    pmu = run.config.pmus[0]
    assert run.config.rate == run.rate, run.config.rate
    assert pmu.phasors == ["CH0", "CH1"], pmu.phasors
    assert pmu.fnom_hz == 50, pmu.fnom_hz


def check_grid(run):
    """Every time stamp is k/N s to TIME_BASE, and k counts without a gap."""
    before = None
    for frame, _ in run.data:
        k = round(frame.frac * run.rate / run.config.time_base)
        exact = k * run.config.time_base / run.rate
        assert k < run.rate and abs(frame.frac - exact) <= 0.5, frame.frac
        number = frame.soc * run.rate + k
        assert before in (None, number - 1), (before, number)
        before = number


def check_time_quality(run):
    """Nobody keeps the guest's clock: unknown everywhere (C37.118.2, 6.2.2)."""
    for frame, (stat, _, _, _) in run.data:
        assert frame.time_quality == 15, frame.time_quality
        assert stat >> 13 & 1 == 1, "PMU says that it is in sync"
        assert stat >> 6 & 7 == 7, "PMU claims a time quality"
        assert stat >> 4 & 3 == 3, "PMU claims to have been locked lately"
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
    """0.1 % in every report; frequency near enough to count no turn too few."""
    worst = max(abs(abs(phasors[c]) / WANT_RMS_V[c] - 1)
                for _, (_, phasors, _, _) in run.data for c in range(2))
    print("%.4f %% at worst" % (worst * 100))
    assert worst <= 1e-3, worst
    for _, (_, _, freq_hz, _) in run.data:
        assert abs(freq_hz - 50) < run.rate / 2, freq_hz


def main():
    receiver = Receiver()
    receiver.start()
    try:
        status, output = run_guest(receiver.port)
    finally:
        receiver.stop = True
        receiver.join()
    print(output)
    if status == 77:
        return 77
    assert status == 0, "status %d in the guest" % status
    assert re.search(r"17857\.14", output), "the board's own rate is not told"
    sort_frames(receiver.datagrams)
    for run in RUNS.values():
        print("%d data frames at %d/s" % (len(run.data), run.rate))
        assert run.config, "no configuration was received"
        assert len(run.data) >= run.least(), run.least()
        check_config(run)
        check_grid(run)
        check_time_quality(run)
        check_drift(run)
    check_values(LONG_WINDOW)
    return 0


if __name__ == "__main__":
    sys.exit(main())
