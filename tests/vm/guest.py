"""guest.py - the program in a guest, its frames read here.

Frames leave the guest by UDP and are read by the tests' own decoder; what the
commands print comes back as text. Runs are told apart by their IDCODE.
"""
import math
import os
import socket
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import c37_frames as c37  # noqa: E402

SKIPPED = 77


class Run:
    """One run of cisoid in the guest."""

    def __init__(self, idcode, rate, window_cycles, duration_s=None,
                 channels="0+1+2+3+4+5"):
        self.idcode, self.rate = idcode, rate
        self.window_cycles, self.duration_s = window_cycles, duration_s
        self.channels = channels
        self.config = None
        self.data = []

    def command(self, port):
        line = ("cisoid run --source comedi:dev=/dev/comedi0,rate=18000,"
                "channels=%s --profile ls7:%d --rate %d --idcode %d "
                "--stream udp:10.0.2.2:%d"
                % (self.channels, self.window_cycles, self.rate, self.idcode,
                   port))
        if self.duration_s:
            line += " --duration %ds" % self.duration_s
        return line

    def least(self):
        """Reports that complete windows allow."""
        window_s = self.window_cycles / 50
        return math.floor((self.duration_s - window_s) * self.rate) - 1

    def time_s(self, i):
        """Of report i, in seconds since the epoch."""
        frame = self.data[i][0]
        return frame.soc + frame.frac / self.config.time_base


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


def boot(script, module=None, inputs=(), options=()):
    """Status and output of a shell script in the guest."""
    cmd = [os.path.join(HERE, "comedi-vm.sh"), "-t", "240", *options]
    if module:
        cmd += ["-m", module]
    for path in inputs:
        cmd += ["-i", path]
    done = subprocess.run(cmd + ["--", "sh", "-c", script],
                          stdout=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def build_module(user):
    """Path of comedi_synth.ko; None where it cannot be built here."""
    out = os.path.join(os.environ["CISOID_BUILD"], "tests", "vm", "kmod", user)
    done = subprocess.run(
        [os.path.join(HERE, "build-module.sh"),
         os.path.join(HERE, "comedi_synth.c"), out],
        stdout=subprocess.PIPE, check=False)
    if done.returncode == SKIPPED:
        return None
    assert done.returncode == 0, "comedi_synth.c cannot be built"
    return done.stdout.decode().strip()


def record(module, script_for, runs):
    """boot() with cisoid and what script_for(port) says; the frames that are
    sent to the port go to their runs."""
    receiver = Receiver()
    receiver.start()
    try:
        status, output = boot(script_for(receiver.port), module,
                              [os.environ["CISOID"]], ["-n"])
    finally:
        receiver.stop = True
        receiver.join()
    print(output)
    by_idcode = {run.idcode: run for run in runs}
    for datagram in receiver.datagrams:
        for raw in c37.split(datagram):
            frame = c37.Frame(raw)
            take(by_idcode[frame.idcode], frame)
    return status, output


def take(run, frame):
    """The configuration that came first, and the data."""
    if frame.kind == c37.CFG2:
        run.config = run.config or c37.Config(frame)
    elif frame.kind == c37.DATA:
        assert run.config, "data before the configuration"
        run.data.append((frame, c37.Data(frame, run.config).pmus[0]))


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
