"""guest.py - the program in a guest, its frames read here.

Frames leave the guest by UDP and are read by the tests' own decoder; what the
commands print comes back as text. Runs are told apart by their IDCODE.
"""
import cmath
import datetime
import math
import os
import re
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import c37_frames as c37  # noqa: E402

SKIPPED = 77


# Inputs of comedi_synth that carry a wave.
LAG_DEG = [0, 120, 240, 30, 150, 270]
PEAK_V = 5
UNSYNC = 1 << 13  # STAT

# For scripts in the guest. `stamped` puts the time since boot before each line;
# `now` says what that and UTC are together.
SHELL = """
put() { echo $2 > /sys/module/comedi_synth/parameters/$1; }
second() { was=$(date +%s); while [ $(date +%s) = $was ]; do :; done; }
uptime() { read up idle < /proc/uptime; }
say() { uptime; echo "$up $*"; }
stamped() { while read -r line; do say "$line"; done; }
now() { second; say "UTC $(date +%s)"; }
"""


class Run:
    """One run of cisoid in the guest; `source` are more options of its source,
    `options` of the command."""

    def __init__(self, idcode, rate, window_cycles, duration_s=None,
                 channels="0+1+2+3+4+5", source="", options=""):
        self.idcode, self.rate = idcode, rate
        self.window_cycles, self.duration_s = window_cycles, duration_s
        self.channels = channels
        self.source, self.options = source, options
        self.config = None
        self.data = []
        self.arrived = []  # of each in data, by our own clock

    def command(self, port):
        line = ("cisoid run --source comedi:dev=/dev/comedi0,rate=18000,"
                "channels=%s%s --profile ls7:%d --rate %d --idcode %d "
                "--stream udp:10.0.2.2:%d %s"
                % (self.channels, self.source, self.window_cycles, self.rate,
                   self.idcode, port, self.options))
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
                datagram = self.sock.recv(65536)
                self.datagrams.append((time.monotonic(), datagram))
            except socket.timeout:
                if self.stop:
                    return


def boot(script, module=None, inputs=(), options=(), limit_s=240):
    """Status and output of a shell script in the guest."""
    cmd = [os.path.join(HERE, "comedi-vm.sh"), "-t", str(limit_s), *options]
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


def record(module, script_for, runs, limit_s=240, inputs=()):
    """boot() with cisoid, more `inputs` and what script_for(port) says; the
    frames that are sent to the port go to their runs."""
    receiver = Receiver()
    receiver.start()
    try:
        status, output = boot(script_for(receiver.port), module,
                              [os.environ["CISOID"], *inputs], ["-n"], limit_s)
    finally:
        receiver.stop = True
        receiver.join()
    print(output)
    frames = [(arrived, c37.Frame(raw))
              for arrived, datagram in receiver.datagrams
              for raw in c37.split(datagram)]
    for run in runs:
        take(run, [(arrived, frame) for arrived, frame in frames
                   if frame.idcode == run.idcode])
    return status, output


def take(run, frames):
    """The configuration, which comes first, and the data."""
    if not frames:
        return
    first = frames[0][1]
    assert first.kind == c37.CFG2, "run %d begins with a frame of kind %d" % (
        run.idcode, first.kind)
    run.config = c37.Config(first)
    for arrived, frame in frames:
        if frame.kind == c37.DATA:
            run.arrived.append(arrived)
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


def is_bad(report):
    """STAT 15-14: a PMU error, or no data at all (C37.118.2, 6.3)."""
    return report[1][0] >> 14 != 0


def degrees(phasor):
    return math.degrees(cmath.phase(phasor))


def truth(run, i, lag_deg, freq_uhz=50000000):
    """What comedi_synth's input with this lag is at report i: rms and angle
    against 50 Hz that peaks at the second."""
    frame = run.data[i][0]
    # Turns in 1e-6: exact in whole seconds.
    soc = frame.soc * (freq_uhz - 50000000) % 1000000 * 1e-6
    frac = frame.frac / run.config.time_base
    turns = soc + frac * (freq_uhz * 1e-6 - 50) - lag_deg / 360
    return cmath.rect(PEAK_V / math.sqrt(2), 2 * math.pi * turns)


def sequence(phasors):
    """The positive sequence of three."""
    a = cmath.rect(1, 2 * math.pi / 3)
    return (phasors[0] + a * phasors[1] + a * a * phasors[2]) / 3


class Events:
    """What a run said of its faults, and when: of lines that `stamped` made."""

    def __init__(self, output):
        self.lines = [(float(up), text) for up, text in
                      re.findall(r"^(\d+\.\d+) (.*)$", output, re.M)]
        up, utc = next((up, text) for up, text in self.lines
                       if text.startswith("UTC "))
        self.offset_s = float(utc.split()[1]) - up

    def at(self, text):
        """UTC at which a line was said, to some 10 ms."""
        return next(up for up, line in self.lines
                    if line == text) + self.offset_s

    def of(self, name):
        """Those of one kind in order: UTC when told, and the words."""
        return [(up + self.offset_s, dict(re.findall(r"(\S+)=(\S+)", line)))
                for up, line in self.lines
                if re.search(r"\bevent=%s\b" % name, line)]


def utc_s(text):
    """RFC 3339 as seconds since the epoch."""
    whole, frac = re.fullmatch(r"(.{19})(\.\d+)?Z", text).groups()
    then = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    then = then.replace(tzinfo=datetime.timezone.utc)
    return then.timestamp() + float(frac or 0)
