#!/usr/bin/env python3
"""run_front_end.py - the program and the front end's own core, on a simulated
board in real time: whatever befalls pulses, sentences, the cable and the device,
the frames say what their time is worth.

front_end says from which second on a fault holds; two seconds later at the
latest it tells of it, by its own seconds. No more than two after the program
heard that the frames say so, by their dates: when they come, and when front_end
finds the time to tell, says how busy this computer is.
"""
import calendar
import os
import re
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
TOLD_S = 2
FOLLOW_S = 2  # of what the program hears; what is unheard is as good as lost
LOCK_S = 60   # from power-up, and of course from everything else
PATIENCE_S = 60
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
    """A run of the program on it, its frames, and its log."""

    def __init__(self, front):
        self.front, self.frames = front, Frames()
        self.n_lines = self.n_frames = 0    # those before are over
        self.program = Program(
            "run", "--source", "mock:f=50,clock=mcu:" + front.where,
            "--profile", "p", "--stream", self.frames.endpoint, "--web",
            "off")

    def be(self, words):
        """The second from which on it is so."""
        self.n_lines = len(self.program.lines)
        self.n_frames = len(self.frames.got)
        return self.front.be(words)

    def told(self, name):
        """That the program heard it since then: the front end's second, and
        when that is to be seen."""
        pattern = "event=front-end name=" + name + r" .*at=(\S{19})"
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            lines = self.program.lines[self.n_lines:]
            match = re.search(pattern, "".join(filter(None, lines)))
            if match:
                second = time.strptime(match[1], "%Y-%m-%dT%H:%M:%S")
                return calendar.timegm(second), time.time()
            time.sleep(0.01)
        sys.exit("no %s: %s" % (name, self.program.stderr()))

    def says(self, since, condition, what):
        """The first frame of that date or a later one, of those to come."""
        frame = self.frames.first(since, condition, what, self.n_frames)
        self.n_frames = self.frames.got.index(frame)
        return frame

    def says_by(self, date, condition, what):
        frame = self.says(0, condition, what)
        check(frame[1] < date, what, "only", round(frame[1] - date, 2),
              "s too late:", self.program.stderr())

    def names(self, ahead_s):
        """Locked frames have the second that it is, and so many more: none can
        come before that, and in time some do."""
        def late_s(frame):
            return frame[0] + ahead_s - frame[1]

        first = self.says(0, locked, "that is locked")
        self.says(first[1] + 1, locked, "a second later")
        self.says(0, lambda f: locked(f) and late_s(f) < 0.5, "in time")
        worst = min(late_s(f) for f in
                    self.frames.got[self.frames.got.index(first):]
                    if locked(f))
        check(worst >= 0, "before its time by", -worst)


def pulses_go_and_return(bench):
    since = bench.be("pps off")
    second, _ = bench.told("PPS_LOST")
    check(second <= since + TOLD_S, "PPS_LOST at", second - since)
    second, at = bench.told("STATE value=HOLDOVER")
    check(second <= since + TOLD_S, "HOLDOVER at", second - since)
    frame = bench.says(at + FOLLOW_S, lambda f: True, "without pulses")
    check(unsync(frame) and 0 < frame[2] <= CODE_10_US,
          "not locked, and good all the same", frame)
    since = bench.be("pps on")
    bench.told("PPS_BACK")
    second, at = bench.told("STATE value=LOCKED")
    check(second <= since + LOCK_S, "LOCKED at", second - since)
    bench.says_by(at + FOLLOW_S, locked, "with pulses")
    bench.names(0)
    check(not any(f[3] & INVALID for f in bench.frames.got),
          "all frames are whole")


def the_cable_is_pulled(bench):
    """Unheard for two seconds it is locked no more. What it had said before is
    read by then."""
    bench.be("unplug")
    frame = bench.says(time.time() + 2 * FOLLOW_S, lambda f: True, "to come")
    check(unsync(frame) and frame[2] > 0, "without the link", frame)
    bench.be("plug")
    _, at = bench.told("LINK_UP")
    bench.says_by(at + FOLLOW_S, locked, "with the link")
    bench.names(0)


def the_device_is_reset(bench):
    bench.be("reset")
    _, at = bench.told("RESTARTED")
    bench.says_by(at + FOLLOW_S, lambda f: not locked(f), "after a reset")
    bench.says_by(at + LOCK_S, locked, "locked after it")
    bench.names(0)


def the_receiver_is_a_second_off(bench):
    """Which of its two stories is true nobody can know: it is told, and scans
    begin anew by the new one."""
    for words, ahead_s in (("nmea wrong 1", 1), ("nmea on", 0)):
        since = bench.be(words)
        second, at = bench.told("LABEL_JUMP")
        # Four sentences in a row are an argument. The old dates may be ahead.
        check(second <= since + 4 + TOLD_S + 1, words, second - since)
        bench.says_by(at + FOLLOW_S + 1, lambda f: not locked(f), words)
        bench.says_by(at + LOCK_S, locked, words)
        bench.names(ahead_s)


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
    bench.names(0)
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
