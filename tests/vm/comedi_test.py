#!/usr/bin/env python3
"""comedi_test.py - cisoid in a guest with the kernel's comedi_test board.

The board makes a sawtooth (channel 0) and a square wave (channel 1) of 50 Hz
and amplitude A = 1 V, in steps of whole microseconds: asked for 18 kHz it
samples every 56 us. Frames leave the guest by UDP and are read here by the
tests' own decoder.

Expected: fundamental peaks 2 A/pi and 4 A/pi (Fourier series), 50 Hz, frames on
the grid of k/50 s, and a time quality that says that nobody keeps the guest's
clock.
"""
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

DURATION_S = 10
RATE = 50
A_V = 1.0


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
    """Status and output of cisoid in the guest."""
    source = "comedi:dev=/dev/comedi0,rate=18000,channels=0+1"
    cmd = [os.path.join(HERE, "comedi-vm.sh"), "-n", "-t", "240",
           "-m", "comedi_test amplitude=%d period=20000" % round(A_V * 1e6),
           "-i", os.environ["CISOID"], "--",
           "cisoid", "run", "--source", source, "--rate", str(RATE),
           "--idcode", "7", "--stream", "udp:10.0.2.2:%d" % port,
           "--duration", "%ds" % DURATION_S]
    done = subprocess.run(cmd, stdout=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def read_frames(datagrams):
    """The configuration that came first, and the data frames after it."""
    config, data = None, []
    for datagram in datagrams:
        for raw in c37.split(datagram):
            frame = c37.Frame(raw)
            assert frame.idcode == 7, frame.idcode
            if frame.kind == c37.CFG2:
                config = config or c37.Config(frame)
            elif frame.kind == c37.DATA:
                assert config, "data before the configuration"
                data.append((frame, c37.Data(frame, config).pmus[0]))
    return config, data


def check_config(config):
    assert config.rate == RATE, config.rate
    assert config.pmus[0].phasors == ["CH0", "CH1"], config.pmus[0].phasors
    assert config.pmus[0].fnom_hz == 50


def check_grid(config, data):
    """Every time stamp is k/50 s, and none is missing or repeated."""
    before = None
    for frame, _ in data:
        k = frame.frac * RATE / config.time_base
        assert k == int(k) and k < RATE, (frame.frac, config.time_base)
        number = frame.soc * RATE + int(k)
        assert before in (None, number - 1), (before, number)
        before = number


def check_time_quality(data):
    """Nobody keeps the guest's clock: unknown everywhere (C37.118.2, 6.2.2)."""
    for frame, (stat, _, _, _) in data:
        assert frame.time_quality == 15, frame.time_quality
        assert stat >> 13 & 1 == 1, "PMU says that it is in sync"
        assert stat >> 6 & 7 == 7, "PMU claims a time quality"
        assert stat >> 4 & 3 == 3, "PMU claims to have been locked lately"
        assert stat >> 14 == 0, "PMU says that its data are invalid"


def check_values(data):
    """1 mHz and 0.1 %, in every report."""
    want = [2 * A_V / math.pi / math.sqrt(2), 4 * A_V / math.pi / math.sqrt(2)]
    worst_f = max(abs(freq - 50) for _, (_, _, freq, _) in data)
    worst_a = max(abs(abs(ph[c]) / want[c] - 1)
                  for _, (_, ph, _, _) in data for c in range(2))
    print("largest errors: %.3f mHz, %.4f %%" % (worst_f * 1e3, worst_a * 100))
    assert worst_f <= 1e-3, worst_f
    assert worst_a <= 1e-3, worst_a


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
    config, data = read_frames(receiver.datagrams)
    print("%d data frames" % len(data))
    # The first and the last window are not complete.
    assert len(data) >= (DURATION_S - 1) * RATE, len(data)
    check_config(config)
    check_grid(config, data)
    check_time_quality(data)
    check_values(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
