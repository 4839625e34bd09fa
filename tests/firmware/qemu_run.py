#!/usr/bin/env python3
"""qemu_run.py - the program and the image, by the image's serial line: `run`
waits for the lock, asks for a start, and its frames say LOCKED, HOLDOVER and
LOCKED as the image does, each within two seconds of its line.

Once the image has had the time to lock, the emulator's time is kept some whole
seconds behind this computer's clock; where that is too busy for it, the emulator
lags and catches up.
"""
import math
import os
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "support"))
# pylint: disable=wrong-import-position
import c37_frames as c37  # noqa: E402
import qemu_front  # noqa: E402
from program import Program, check  # noqa: E402

# The emulator's load goes by it.
SCAN_HZ = 1800
PPM = 30
# As long as the image takes to lock, at whatever speed the emulator has.
AHEAD_S = 20
STEP_S = 0.05
PATIENCE_S = 100
WITHIN_S = 2
UNSYNC, INVALID = 0x2000, 0x4000


class World(threading.Thread):
    """Pulses and sentences, second by second, until it is told to end."""

    def __init__(self, machine):
        super().__init__(daemon=True)
        self.machine, self.pulses, self.ends = machine, True, False
        self.is_now = threading.Event()
        self.reports = []
        self.start()

    def run(self):
        second = 0
        while not self.ends:
            if second == AHEAD_S:
                self.keep_to_the_clock(second)
            self.machine.second(second, pulse=self.pulses)
            for step in range(round(1 / STEP_S)):
                self.machine.run_to(second + (step + 0.5) * STEP_S)
            self.reports.append(self.machine.report)
            second += 1

    def keep_to_the_clock(self, second):
        """From that second on, which is soon."""
        self.machine.behind_s = math.ceil(time.time() - self.machine.utc_s -
                                          second)
        self.machine.real_time = True
        self.is_now.set()

    def send(self, pulses):
        self.pulses = pulses

    def end(self):
        self.ends = True
        self.join(PATIENCE_S)


class Frames:
    """Data frames, each with the moment at which it came."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.endpoint = "udp:127.0.0.1:%d" % self.socket.getsockname()[1]
        self.config, self.got = None, []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            frame = c37.Frame(self.socket.recv(65536))
            if frame.kind == c37.CFG2:
                self.config = c37.Config(frame)
            elif frame.kind == c37.DATA and self.config:
                self.got.append((time.time(), frame.soc + frame.frac /
                                 self.config.time_base, frame.time_quality,
                                 c37.Data(frame, self.config).pmus[0][0]))

    def first(self, since, condition, what, place=0):
        """The first dated since then that is so; those before that place are
        left out."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for frame in self.got[place:]:
                place += 1
                if frame[1] >= since and condition(frame):
                    return frame
            time.sleep(0.01)
        sys.exit("no frame %s: %s" % (what, self.got[-1:]))


def heard(world, program, state, act):
    """By the image's seconds, when it is to be seen that the program heard of
    the state, once act() was done."""
    end = time.monotonic() + PATIENCE_S
    pattern = "event=front-end name=STATE value=" + state
    before = program.stderr().count(pattern)
    act()
    while time.monotonic() < end:
        if program.stderr().count(pattern) > before:
            return time.time() - world.machine.behind_s
        time.sleep(0.01)
    sys.exit("no %s: %s" % (pattern, program.stderr()))


def locked(frame):
    return not frame[3] & (UNSYNC | INVALID) and frame[2] == 0


def unsync(frame):
    return frame[3] & UNSYNC and not frame[3] & INVALID


def follow(frames, world, program):
    """By the dates of frames: when they come says how busy this computer is.
    What has not been heard for WITHIN_S counts as locked no more, so this holds
    whoever is late."""
    frames.first(0, locked, "that is locked")
    at = heard(world, program, "HOLDOVER", lambda: world.send(False))
    frame = frames.first(at + WITHIN_S, lambda f: True, "in holdover")
    check(unsync(frame), "a frame in holdover", frame)
    at = heard(world, program, "LOCKED", lambda: world.send(True))
    frame = frames.first(at - WITHIN_S, locked, "locked again")
    check(frame[1] - at < WITHIN_S, "locked after", frame[1] - at)


def the_first_scan_is_on_the_start(frames, world):
    """Scan 0's second, by the tick at which the image made its pulse."""
    made = world.reports[-1]
    check(made["n_starts"] == 1, "one start", made)
    tick_hz = qemu_front.TICK_HZ * (1 + PPM * 1e-6)
    ago = (made["tick"] - made["start_rise_tick"]) % 2**32 / tick_hz
    last = len(world.reports) - STEP_S / 2
    start = world.machine.utc_s + last - ago + 0.5 / SCAN_HZ
    check(abs(start - round(start)) < 1e-6, "a whole second", start)
    check(0 <= frames.got[0][1] - round(start) < 0.1, "first frame",
          frames.got[0][1] - start)


def main():
    path = qemu_front.image("mps2.elf")
    if not path:
        print("no image, or no qemu-system-arm")
        return 77
    with qemu_front.Machine(path, int(time.time()) - AHEAD_S, PPM, shift=5,
                            host="unix:host,server=on,wait=off") as machine:
        world, frames = World(machine), Frames()
        check(world.is_now.wait(PATIENCE_S), "the emulator is too slow")
        program = Program(
            "run", "--source", "mock:rate=%d,clock=mcu:unix:%s"
            % (SCAN_HZ, os.path.join(machine.folder, "host")),
            "--profile", "p", "--stream", frames.endpoint, "--web", "off")
        follow(frames, world, program)
        status = program.end(signal.SIGINT)
        check(status == 0, status, program.stderr())
        world.end()
        the_first_scan_is_on_the_start(frames, world)
        steps = {round((b[1] - a[1]) * 50, 3)
                 for a, b in zip(frames.got, frames.got[1:])}
        check(steps == {1.0}, "steps of the grid", steps)
    return 0


if __name__ == "__main__":
    sys.exit(main())
