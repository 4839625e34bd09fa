#!/usr/bin/env python3
"""run_front_end.py - the program and the front end's own core, on a simulated
board in real time: whatever befalls pulses, sentences, the cable and the device,
the frames say what their time is worth.

front_end says from which second on a fault holds. Two seconds later at most the
front end has told of it, and two more later the frames say so.
"""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "support"))
# pylint: disable=wrong-import-position
from program import Program, check, run  # noqa: E402
from qemu_run import Frames, locked, unsync  # noqa: E402

FRONT_END = os.path.join(os.environ["CISOID_BUILD"], "tests", "firmware",
                         "front_end")
TOLD_S = 4
LOCK_S = 60   # from power-up, and of course from everything else
INVALID = 0x4000
CODE_10_US = 5  # C37.118.2-2011, table 3
RATE = 50


class FrontEnd:
    """The device, and its faults by words."""

    def __init__(self, *args):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([FRONT_END, *args],
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.where = self.process.stdout.readline().split()[1]

    def be(self, words):
        """The second from which on it is so."""
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        check(answer[:1] == ["ok"], words, answer)
        return int(answer[1])

    def end(self):
        self.process.stdin.close()
        check(self.process.wait(30) == 0, "front_end's status")


class Bench:
    """A run of the program on it, and its frames."""

    def __init__(self, front):
        self.front, self.frames = front, Frames()
        self.program = Program(
            "run", "--source", "mock:f=50,clock=mcu:" + front.where,
            "--profile", "p", "--stream", self.frames.endpoint, "--web",
            "off")

    def says(self, since, within_s, condition, what):
        """The first frame of the kind, by when it came."""
        frame = self.frames.first(since, condition, what)
        check(frame[0] < since + within_s, what, "only after",
              round(frame[0] - since, 2), "s:", self.program.stderr())
        return frame

    def told(self, name):
        return self.program.wait_for("event=front-end name=" + name)


def is_now(frame):
    """Stamped with the second that it is, to what a window takes."""
    return locked(frame) and abs(frame[0] - frame[1]) < 0.5


def is_a_second_ahead(frame):
    return locked(frame) and abs(frame[0] + 1 - frame[1]) < 0.5


def pulses_go_and_return(bench):
    since = bench.front.be("pps off")
    frame = bench.says(since, TOLD_S, unsync, "without pulses")
    check(not frame[3] & INVALID and 0 < frame[2] <= CODE_10_US,
          "not locked, and good all the same", frame)
    bench.told("PPS_LOST")
    bench.told("STATE value=HOLDOVER")
    since = bench.front.be("pps on")
    bench.says(since, LOCK_S, is_now, "with pulses")
    bench.told("PPS_BACK")
    check(not any(f[3] & INVALID for f in bench.frames.got),
          "all frames are whole")


def the_cable_is_pulled(bench):
    bench.front.be("unplug")
    since = time.time()
    frame = bench.says(since, TOLD_S, unsync, "without the link")
    check(not frame[3] & INVALID and frame[2] > 0, "unheard", frame)
    bench.front.be("plug")
    since = time.time()
    bench.says(since, LOCK_S, is_now, "with the link")


def the_device_is_reset(bench):
    bench.front.be("reset")
    since = time.time()
    bench.says(since, TOLD_S, lambda f: not locked(f), "after a reset")
    bench.says(since + TOLD_S, LOCK_S, is_now, "after it")


def the_receiver_is_a_second_off(bench):
    """Which of its two stories is true nobody can know: it is told, and scans
    begin anew by the new one."""
    for words, right in (("nmea wrong 1", is_a_second_ahead),
                         ("nmea on", is_now)):
        since = bench.front.be(words)
        # Four sentences in a row are an argument.
        bench.says(since + 4, TOLD_S, lambda f: not locked(f), words)
        bench.says(since + 4, LOCK_S, right, words)
    bench.told("LABEL_JUMP")


def frames_are_whole(bench):
    """On the grid, each once, and later ones later, but for the second that was
    named twice."""
    back = 0
    for a, b in zip(bench.frames.got, bench.frames.got[1:]):
        steps = (b[1] - a[1]) * RATE
        check(abs(steps - round(steps)) < 1e-3, "off the grid", a, b)
        back += steps < 0.5
    check(back <= 1, back, "steps back")


def by_tcp():
    front = FrontEnd("--listen", "tcp:127.0.0.1:0")
    bench = Bench(front)
    bench.says(time.time(), LOCK_S, is_now, "at first")
    pulses_go_and_return(bench)
    the_cable_is_pulled(bench)
    the_device_is_reset(bench)
    the_receiver_is_a_second_off(bench)
    status = bench.program.end(2)
    check(status == 0, status, bench.program.stderr())
    frames_are_whole(bench)
    front.end()


def by_terminal():
    with tempfile.TemporaryDirectory() as folder:
        front = FrontEnd("--link", os.path.join(folder, "tty"))
        status, out, err = run("time", "wait", "--source",
                               "mock:clock=mcu:" + front.where,
                               "--max-time-error", "1us")
        check(status == 0 and "LOCKED" in out, status, out, err)
        front.end()


if __name__ == "__main__":
    by_terminal()
    by_tcp()
