"""qemu_front.py - the front end's image in QEMU, and the world around it.

All that comes to the image from here comes in its virtual time, through the
FIFOs of firmware/port/mps2/world.h; so a run is like any other, however busy
this computer is. What it says to the host comes by its serial line.
"""
import heapq
import os
import select
import shutil
import struct
import subprocess
import tempfile
import time

import psyn

TICK_HZ = 25000000
REPORT, PULSE, GPS_BYTE, HOST_BYTE, HANG, FAULT, EXIT = range(7)
REPORT_FORMAT = "<8I"
REPORT_NAMES = ("tick", "pulse_tick", "n_edges", "edge_tick", "n_starts",
                "start_rise_tick", "start_fall_tick", "stack_free")
RATE_HZ = 18000
# Between two edges, late enough for the second's T.
REPORT_S = 0.95 + 0.5 / RATE_HZ
GPS_BAUD, HOST_BAUD = 9600, 115200
# A test is not to hang where the emulator does.
PATIENCE_S = 60


class Stopped(Exception):
    """The emulator has ended, or says nothing any more."""


def qemu():
    return shutil.which("qemu-system-arm")


def nmea(utc_s, sats=9):
    """What a receiver says after the pulse of that second."""
    t = time.gmtime(utc_s)
    clock = time.strftime("%H%M%S.00", t)
    return (psyn.frame("GNRMC,%s,A,5231.1000,N,01324.3000,E,0.00,0.00,%s,,,A"
                     % (clock, time.strftime("%d%m%y", t))) +
            psyn.frame("GNGGA,%s,5231.1000,N,01324.3000,E,1,%02d,0.90,40.0,M,"
                     "40.0,M,," % (clock, sats)) +
            psyn.frame("GNZDA,%s,%s,00,00" % (clock, time.strftime("%d,%m,%Y",
                                                                t))))


class Machine:
    """One emulator. utc_s: the second that the first pulse begins; ppm: by how
    much the image's clock is fast. All times t_s are UTC seconds since the
    first pulse. An instruction takes 2^shift ns. With real_time virtual time
    is at least behind_s behind this computer's clock. host and gps are what QEMU has at the
    serial lines; what is sent to a host of another kind is not seen here.
    """

    def __init__(self, image, utc_s=1800000000, ppm=0, shift=4,
                 real_time=False, host="file:host", gps="null"):
        self.utc_s, self.ppm = utc_s, ppm
        self.real_time, self.behind_s = real_time, 0
        self.events, self.order = [], 0
        self.due_tick = 0
        self.text, self.rest = b"", b""
        self.report = None
        self.folder = tempfile.mkdtemp(prefix="front-")
        for name in ("world.in", "world.out"):
            os.mkfifo(os.path.join(self.folder, name))
        self.out = os.open(os.path.join(self.folder, "world.out"),
                           os.O_RDONLY | os.O_NONBLOCK)
        self.process = subprocess.Popen(
            [qemu(), "-M", "mps2-an386", "-icount",
             "shift=%d,sleep=off" % shift, "-display", "none", "-monitor",
             "none", "-serial", host, "-serial", gps,
             "-semihosting-config", "enable=on,target=native", "-kernel",
             os.path.abspath(image)], cwd=self.folder,
            stdin=subprocess.DEVNULL)
        self.fifo = self.open_world()
        # A file takes all at once; a socket is full after some hundred bytes.
        self.said = open(os.path.join(self.folder, "host"), "rb") \
            if host == "file:host" else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.process.kill()
        self.process.wait()
        if self.said:
            self.said.close()
        os.close(self.fifo)
        os.close(self.out)
        shutil.rmtree(self.folder)

    def open_world(self):
        """A FIFO without a reader is not opened; the image is the reader."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                fifo = os.open(os.path.join(self.folder, "world.in"),
                               os.O_WRONLY | os.O_NONBLOCK)
                os.set_blocking(fifo, True)
                return fifo
            except OSError:
                time.sleep(0.01)
        raise Stopped("the image does not start")

    # What is to happen.

    def tick_at(self, t_s):
        """The image's tick at t_s, from 0.1 s before the first pulse."""
        return round((t_s + 0.1) * TICK_HZ * (1 + self.ppm * 1e-6))

    def at(self, t_s, kind, value=0):
        self.order += 1
        heapq.heappush(self.events,
                       (self.tick_at(t_s), self.order, kind, value))

    def pulse(self, t_s):
        self.at(t_s, PULSE)

    def gps_text(self, t_s, text, baud=GPS_BAUD):
        self.bytes(t_s, GPS_BYTE, text, baud)

    def host_text(self, t_s, text, baud=HOST_BAUD):
        self.bytes(t_s, HOST_BYTE, text, baud)

    def bytes(self, t_s, kind, text, baud):
        for i, byte in enumerate(text):
            self.at(t_s + i * 10 / baud, kind, byte)

    def second(self, k, pulse=True, text=None):
        """An ordinary one: its pulse, and 100 ms later what a receiver says.
        """
        if pulse:
            self.pulse(k)
        self.gps_text(k + 0.1, nmea(self.utc_s + k) if text is None else text)

    # Have it happen.

    def run_to(self, t_s):
        """Until then; returns the lines that the image has sent meanwhile."""
        if self.real_time:
            self.wait_for(t_s)
        self.at(t_s, REPORT)
        self.send_events(self.tick_at(t_s))
        self.report = dict(zip(REPORT_NAMES,
                               struct.unpack(REPORT_FORMAT, self.take())))
        self.rest += self.said.read() if self.said else b""
        end = self.rest.rfind(b"\n") + 1
        new, self.rest = self.rest[:end], self.rest[end:]
        self.text += new
        return new

    def wait_for(self, t_s):
        time.sleep(max(0, self.utc_s + self.behind_s + t_s - time.time()))

    def send_events(self, until_tick):
        """What is to come after that waits."""
        blob = b""
        while self.events and self.events[0][0] <= until_tick:
            tick, _, kind, value = heapq.heappop(self.events)
            blob += struct.pack("<IBBxx", max(0, tick - self.due_tick), kind,
                                value)
            self.due_tick = max(tick, self.due_tick)
        while blob:
            try:
                blob = blob[os.write(self.fifo, blob[:4096]):]
            except BrokenPipeError:
                raise Stopped("the emulator has ended") from None

    def take(self):
        size, data = struct.calcsize(REPORT_FORMAT), b""
        end = time.monotonic() + PATIENCE_S
        while len(data) < size:
            if self.process.poll() is not None:
                raise Stopped("the emulator has ended: %d"
                              % self.process.returncode)
            if time.monotonic() > end:
                raise Stopped("no report")
            if select.select([self.out], [], [], 0.2)[0]:
                data += os.read(self.out, size - len(data))
        return data


def messages(data):
    """What was sent; all of it is as docs/mcu-link.md has it."""
    reader = psyn.Reader()
    said = [psyn.decode(text) for text in reader.feed(data)]
    assert None not in said and not reader.bad, data
    return said


def names_of(said):
    """Of the events in it."""
    return [m.name for m in said if m.kind == "E"]


class Bench:
    """The machine second by second, and what it has said."""

    def __init__(self, machine, first=0):
        self.machine = machine
        self.k = first
        self.said = []
        self.edges = self.run(first - 1 + REPORT_S)

    def run(self, t_s):
        self.new = messages(self.machine.run_to(t_s))
        self.said += self.new
        return self.machine.report["n_edges"]

    def second(self, **how):
        """The next one: T by then, and the edges since the last report."""
        self.machine.second(self.k, **how)
        before, self.edges = self.edges, self.run(self.k + REPORT_S)
        self.k += 1
        told = [m for m in self.new if m.kind == "T"]
        return told[-1], self.edges - before

    def events(self):
        return names_of(self.new)

    def until(self, state, most_s, **how):
        for waited in range(most_s):
            report, _ = self.second(**how)
            if report.state == state:
                return waited + 1
        raise AssertionError("%s, not %s, after %d s"
                             % (report.state, state, most_s))

    def phase_s(self):
        """Edge against UTC: the last edge before the report is edge 17100."""
        report = self.machine.report
        tick_hz = TICK_HZ * (1 + self.machine.ppm * 1e-6)
        due = report["tick"] - 0.5 / RATE_HZ * tick_hz
        return ((report["edge_tick"] - due + 2**31) % 2**32 - 2**31) / tick_hz


def image(name):
    """Its path; None where there is no compiler for it or no emulator."""
    path = os.path.join(os.environ.get("CISOID_BUILD", "build"),
                        "firmware-images", name)
    return path if qemu() and os.path.exists(path) else None
