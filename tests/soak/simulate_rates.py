#!/usr/bin/env python3
"""simulate at 50, 100, 200 and 240 frames a second, side by side: none is lost,
all lie on the k/N grid, and the rate is that of the clock within 10 ppm.

simulate_rates.py [SECONDS]; ten minutes where it is not told.
"""
import json
import os
import selectors
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 600
RATES = {50: 50, 100: 50, 200: 50, 240: 60}
TIME_BASE = 1000000


class Receiver:
    """Counts what comes of one rate, and when."""

    def __init__(self, rate):
        self.rate = rate
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self.n, self.first, self.last = 0, None, None
        self.began = None
        self.sum_d = self.sum_kd = 0.0

    def receive(self):
        """All that is there; each frame is the one behind the last."""
        while True:
            try:
                frame = self.sock.recv(65536)
            except BlockingIOError:
                return
            if frame[1] >> 4 & 7:
                continue
            soc, frac = struct.unpack(">II", frame[6:14])
            k = round((frac & 0xFFFFFF) * self.rate / TIME_BASE)
            # FRACSEC is the rounding of k/N.
            check(abs((frac & 0xFFFFFF) * self.rate - k * TIME_BASE) * 2
                  <= self.rate, self.rate, "not on the grid", frac & 0xFFFFFF)
            at = soc * self.rate + k
            check(self.last in (None, at - 1), self.rate, "after", self.last,
                  "came", at)
            self.first = at if self.first is None else self.first
            self.last = at
            now = time.clock_gettime(time.CLOCK_REALTIME)
            self.began = self.began or now
            off = now - self.began - self.n / self.rate
            self.sum_d += off
            self.sum_kd += self.n * off
            self.n += 1

    def off_ppm(self):
        """The straight line through all arrivals, least squares."""
        n = self.n
        slope = ((self.sum_kd - (n - 1) / 2 * self.sum_d) /
                 (n * (n * n - 1) / 12))
        return (1 / (1 + slope * self.rate) - 1) * 1e6


def report(receiver, doc):
    """What was promised."""
    want = receiver.rate * SECONDS
    ppm = receiver.off_ppm()
    print(f"{receiver.rate} frames/s: frames={receiver.n} of {want} "
          f"received_off_ppm={ppm:+.3f} sent_off_ppm={doc['off_ppm']:+.3f} "
          f"late_p50_ms={doc['late_s']['p50'] * 1e3:.3f} "
          f"late_p99_ms={doc['late_s']['p99'] * 1e3:.3f} "
          f"late_max_ms={doc['late_s']['max'] * 1e3:.3f}", flush=True)
    check(doc["frames"] == doc["sent"] == want and doc["dropped"] == 0 and
          doc["skipped"] == 0, doc)
    check(receiver.n == want and receiver.last - receiver.first == want - 1,
          "lost")
    # Shorter runs are for trying it out.
    limit = 10 * max(1, 600 / SECONDS)
    check(abs(doc["off_ppm"]) <= limit and abs(ppm) <= limit, "rate")


def main():
    """One program and one socket for each rate."""
    poll = selectors.DefaultSelector()
    receivers, programs = [], []
    for rate, fnom in RATES.items():
        receivers.append(Receiver(rate))
        poll.register(receivers[-1].sock, selectors.EVENT_READ, receivers[-1])
        programs.append(Program(
            "simulate", "--fnom", str(fnom), "--rate", str(rate), "--duration",
            f"{SECONDS}s", "--json", "--stream",
            f"udp:127.0.0.1:{receivers[-1].sock.getsockname()[1]}"))
    while any(p.process.poll() is None for p in programs):
        for key, _ in poll.select(0.2):
            key.data.receive()
    for receiver, program in zip(receivers, programs):
        receiver.receive()
        check(program.end() == 0, program.stderr())
        report(receiver, json.load(program.process.stdout))


if __name__ == "__main__":
    main()
