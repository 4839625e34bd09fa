#!/usr/bin/env python3
"""front_end.py - run and time with a timing front end: what it says of its time is
what the frames say, within two seconds of its line.

Codes and bits are those of C37.118.2-2011, tables 3 and 7, written here anew.
"""
import csv
import json
import math
import os
import re
import signal
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "support"))
# pylint: disable=wrong-import-position
import c37_frames as c37  # noqa: E402
import fake_front as fake  # noqa: E402
from beats import Beats  # noqa: E402
from page import get, read  # noqa: E402
from program import Program, check, run  # noqa: E402

FOLDER = tempfile.TemporaryDirectory(prefix="front_end.")
WITH_PAGE = "page" in sys.argv[1:]
RATE = 50
WITHIN_S = 2       # of the line, in frames
PATIENCE_S = 30    # of a busy computer
UNSYNC, INVALID = 0x2000, 0x4000
LIMIT_S = 31e-6    # bit 13 at the latest, 1 % TVE at 50 Hz


class FrontEnd(fake.FrontEnd):
    """Keeps when it said what."""

    def __init__(self, name="tty", **how):
        self.said = []
        super().__init__(fake.Pty(os.path.join(FOLDER.name, name)))
        self.rate, self.error = 18000, "60"
        self.tells = []         # events, with the next ID
        self.__dict__.update(how)

    def say(self, text):
        super().say(text)
        self.said.append((time.time(), text))

    def identify(self):
        super().identify()
        while self.tells:
            self.event(*self.tells.pop(0))

    def when(self, pattern, since):
        """When a line like that was said first, since then."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for at, text in self.said[:]:
                if at >= since and re.search(pattern, text):
                    return at
            time.sleep(0.01)
        sys.exit(f"it never said {pattern}")

    def be(self, state, error_ns):
        """And when its next report says so."""
        since = time.time()
        self.error = error_ns
        self.state = state
        self.event("STATE", ["INIT", "ACQUIRE", "TRACK", "LOCKED",
                             "HOLDOVER", "FAULT"].index(state))
        return self.when(rf"^PSYN,T,\d+,{state},-?\d+,\d+,{error_ns},", since)


class Frames:
    """Data frames by UDP, with the moment at which they came."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.endpoint = "udp:127.0.0.1:%d" % self.socket.getsockname()[1]
        self.config, self.got = None, []
        self.program = None     # that sends them
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            raw = self.socket.recv(65536)
            frame = c37.Frame(raw)
            if frame.kind == c37.CFG2:
                self.config = c37.Config(frame)
            elif frame.kind == c37.DATA and self.config:
                date = frame.soc + frame.frac / self.config.time_base
                self.got.append((time.time(), date, frame.time_quality,
                                 c37.Data(frame, self.config).pmus[0]))

    def first(self, condition, since, what):
        """The first one that came since then and is so."""
        end = time.monotonic() + PATIENCE_S
        seen = 0
        while time.monotonic() < end:
            while seen < len(self.got):
                frame = self.got[seen]
                seen += 1
                if frame[0] >= since and condition(frame):
                    return frame
            time.sleep(0.005)
        sys.exit(f"no frame {what}: {self.got[-1:]} "
                 f"{self.program.stderr()}")


def message_code(unc_s, locked):
    """Table 3."""
    if locked and unc_s <= 1e-6:
        return 0
    for code in range(1, 12):
        if unc_s <= 10.0 ** (code - 10):
            return code
    return 15


def status_bits(unc_s, locked, unlocked_s):
    """Table 7, but for the data error."""
    tq = 7
    for code, below_s in enumerate((1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2), 1):
        if unc_s < below_s:
            tq = code
            break
    unlocked = sum(unlocked_s >= s for s in (10, 100, 1000))
    unsync = not locked or unc_s > 1e-6
    return unsync << 13 | tq << 6 | unlocked << 4


def says(unc_s, locked, unlocked_s=0):
    want = (message_code(unc_s, locked),
            status_bits(unc_s, locked, unlocked_s))
    return lambda frame: (frame[2], frame[3][0]) == want


def follow(frames, at, condition, what):
    """A frame says so whose date is within two seconds of the line: a busy
    computer sends it later."""
    frame = frames.first(condition, at - 0.01, what)
    check(frame[1] - at <= WITHIN_S, what, "after", frame[1] - at, "s")
    return frame


def whole_stream(frames, dates):
    """None is left out, and each is dated by the grid."""
    steps = {round((b - a) * RATE, 3) for a, b in zip(dates, dates[1:])}
    check(steps == {1.0}, "steps of the grid", steps)


# ---- run ----

def locked_holdover_locked(front, frames):
    first = frames.first(says(60e-9, True), 0, "that is locked")
    check(abs(first[3][1][0] - 120) < 1e-3, "VA is 120 V at 0 degrees",
          first[3][1][0])
    at = front.be("HOLDOVER", "820")
    locked_at = max(t for t, text in front.said
                    if re.match(r"PSYN,T,\d+,LOCKED", text))
    follow(frames, at, says(820e-9, False), "in holdover")
    at = front.be("HOLDOVER", "4200")
    follow(frames, at, says(4.2e-6, False), "in worse holdover")
    frame = frames.first(says(4.2e-6, False, 10), at, "unlocked for 10 s")
    check(8 < frame[1] - locked_at < 12, "bits of 10 s after",
          frame[1] - locked_at)
    at = front.be("LOCKED", "60")
    follow(frames, at, says(60e-9, True), "locked again")


def the_link_unplugged(front, frames):
    """A microsecond for each second of silence: more than one after two."""
    at = time.time()
    front.port.unplug()
    frame = frames.first(lambda f: f[3][0] & UNSYNC, at, "without the link")
    check(frame[1] - at < 4, "silence after", frame[1] - at)
    check(3e-6 > 10.0 ** (frame[2] - 10) >= 1e-6 or frame[2] == 5,
          "code in silence", frame[2])
    front.port.plug()
    at = front.when("^PSYN,T,", time.time())
    frames.first(says(60e-9, True), at, "with the link again")


def until(ask, condition, what):
    """The page's answer that is so."""
    end = time.monotonic() + PATIENCE_S
    while not condition(answer := ask()):
        check(time.monotonic() < end, what, answer)
        time.sleep(0.05)
    return answer


def the_page_follows(front, url):
    def state():
        return read(url, "api/state")["time"]

    shown = until(state, lambda s: s["state"] == "LOCKED" and
                  s["front_end"]["link"], "the page:")["front_end"]
    check(shown["state"] == "LOCKED" and shown["label"], shown)
    check(shown["board"] == "fake" and shown["where"] == front.port.where,
          shown)
    check(shown["error_ns"] == 60 and shown["satellites"] == 9, shown)
    check(shown["flags"] == ["running", "pulse"], shown)
    until(lambda: get(url, "metrics")[1],
          lambda text: "cisoid_front_end_up 1\n" in text and
          "cisoid_front_end_error_seconds 6e-08\n" in text and
          "cisoid_front_end_bad_sentences_total 0\n" in text and
          "cisoid_front_end_lost_lines_total 0\n" in text and
          "cisoid_front_end_dropped_events_total 0\n" in text, "metrics")
    front.be("HOLDOVER", "500")
    until(state, lambda s: s["state"] == "HOLDOVER" and
          s["front_end"]["state"] == "HOLDOVER", "the page:")
    front.be("LOCKED", "60")


def torn(front, frames, how, what):
    """The count of scans is void: invalid frames, then good ones again, and
    another START."""
    n = len(front.starts)
    at = time.time()
    how()
    frame = frames.first(lambda f: f[3][0] >> 14, at, "after " + what)
    check(frame[1] - at <= WITHIN_S, what, "shows after", frame[1] - at)
    check(math.isnan(frame[3][2]), what, "leaves no values", frame)
    good = frames.first(lambda f: f[3][0] >> 14 == 0, frame[0], "good again")
    check(len(front.starts) > n, what, "asks for no START")
    return good


def reset(front):
    """As after power-up: the label goes, and comes back with the lock."""
    front.flags &= ~fake.LABEL
    front.reset()
    front.be("ACQUIRE", "")
    time.sleep(1)


def restart_and_jump(front, frames):
    torn(front, frames, lambda: front.event("STEP", 1500000), "STEP")

    def jump():
        front.flags &= ~fake.LABEL
        front.event("LABEL_JUMP", 3)
        front.late = 3
        front.flags |= fake.LABEL

    frame = torn(front, frames, jump, "a label that jumps")
    # Never before their time, and once in it.
    frame = frames.first(lambda f: f[3][0] >> 14 == 0 and f[1] - f[0] > 2,
                         frame[0], "of the new label")
    check(frame[1] - frame[0] < 3, "dates of the new label",
          frame[1] - frame[0])
    # It is what it is now that is told.
    frames.program.wait_for(r"is \S+ s off this computer's clock")
    at = time.time()
    reset(front)
    frame = frames.first(lambda f: f[2] == 15, at, "after the reset")
    check(frame[3][0] & UNSYNC and frame[3][0] >> 14, frame)
    front.flags |= fake.LABEL
    front.be("LOCKED", "60")
    frames.first(says(60e-9, True), time.time(), "after the reset, locked")


def the_frames_follow():
    front, frames = FrontEnd(), Frames()
    table = os.path.join(FOLDER.name, "reports.csv")
    program = Program(
        "run", "--source", f"mock:clock=mcu:{front.port.where}",
        "--profile", "p", "--stream", frames.endpoint, "--web",
        "127.0.0.1:0" if WITH_PAGE else "off", "--record", table,
        "--max-time-error", "1us")
    frames.program = program
    locked_holdover_locked(front, frames)
    the_link_unplugged(front, frames)
    if WITH_PAGE:
        the_page_follows(front, program.wait_for(r"page: (http://\S+)")[1])
    whole_stream(frames, [f[1] for f in frames.got])
    check(len(front.starts) == 1, "one start", front.starts)
    # Scan 0 is on the second that START named.
    started = min(front.starts.values())
    check(0 <= frames.got[0][1] - started < 0.1, "the first frame",
          frames.got[0][1] - started)
    restart_and_jump(front, frames)
    status = program.end(signal.SIGINT)
    front.end()
    check(status == 0, status, program.stderr())
    the_log_says_it(program.stderr())
    the_table_says_it(table)


def the_log_says_it(err):
    for pattern in (r"front end: where=\S+ board=fake version=0.1.0 "
                    r"state=LOCKED",
                    r"event=front-end name=STATE value=HOLDOVER at=",
                    r"event=time state=HOLDOVER unc_s=\S+ at=",
                    r"event=time state=LOCKED unc_s=6e-08 at=",
                    r"event=front-end name=LINK_DOWN value=gone",
                    r"event=front-end name=LINK_UP",
                    r"event=front-end name=STEP value=1500000",
                    r"event=front-end name=LABEL_JUMP value=3",
                    r"event=front-end name=RESTARTED",
                    r"event=scan-lost over=0",
                    r"is \S+ s off this computer's clock"):
        check(re.search(pattern, err), "the log lacks", pattern, err)
    # Once for each change, not while it lasts.
    check(len(re.findall("name=STATE value=HOLDOVER", err)) ==
          2 + WITH_PAGE, err)
    check(len(re.findall("name=LINK_DOWN value=gone", err)) == 1, err)


def the_table_says_it(path):
    with open(path, encoding="utf-8", newline="") as rows:
        reports = list(csv.DictReader(rows))
    seen = {r["time_unc_s"]: r["flags"] for r in reports
            if r["VA_rms"] and r["time_unc_s"]}
    best = [flags for unc, flags in seen.items() if abs(float(unc) - 60e-9)
            < 1e-12]
    worst = [flags for unc, flags in seen.items() if float(unc) > 1e-6]
    check(best and set(best) == {"ok"}, seen)
    check(worst and set(worst) == {"unsync"}, seen)


# ---- the start ----

def spec(front, more=""):
    return f"mock:clock=mcu:{front.port.where}{more}"


def a_front_end_that_acquires_is_waited_for():
    front = FrontEnd("late", state="ACQUIRE", error="")
    front.flags = fake.PULSE
    program = Program("run", "--source", spec(front), "--listen",
                      "tcp:127.0.0.1:0", "--web", "off", "--duration", "1s")
    program.wait_for(r"samples wait for the front end at \S+, which is in "
                     r"ACQUIRE and not locked, with 9 satellites")
    time.sleep(1)
    check(not front.starts, "no START before the lock", front.starts)
    front.flags = fake.LABEL | fake.PULSE | fake.RUNNING
    front.be("LOCKED", "60")
    check(program.end() == 0, program.stderr())
    check(" scans=18000 " in program.stderr(), program.stderr())
    check(len(front.starts) == 1, front.starts)
    front.end()


def waiting_is_interrupted():
    front = FrontEnd("stop", state="INIT")
    program = Program("run", "--source", spec(front), "--listen",
                      "tcp:127.0.0.1:0", "--web", "off")
    program.wait_for("samples wait for the front end")
    beats = Beats()
    check(program.end(signal.SIGINT) == 0, program.stderr())
    check(beats.now() < 5, "SIGINT while it waits")
    front.end()


def what_cannot_be_is_refused():
    front = FrontEnd("never", state="TRACK")
    other = os.path.join(FOLDER.name, "nothing-here")
    cases = (
        (5, spec(front, ",clock_wait_s=1"), (), "is in TRACK and not locked"),
        (4, f"mock:clock=mcu:{other}", (), other),
        (2, "mock:clock=mcu:", (), "names no front end"),
        (2, "mock:clock=internal", (), "is not mcu:PORT"),
        (2, spec(front, ",rate=18000.5"), (), "whole number of edges"),
        (2, spec(front, ",rate=60000"), (), "whole number of edges"),
        (2, spec(front, ",clock_delay_ns=-1"), (), "clock_delay_ns"),
        (2, spec(front, ",clock_wait=1"), (), "clock_wait_s"),
        (2, "mock:clock_delay_ns=5", (), "is for clock=mcu"))
    for status, source, more, words in cases:
        got, _, err = run("run", "--source", source, "--listen",
                          "tcp:127.0.0.1:0", "--web", "off", "--duration",
                          "1s", *more)
        check(got == status and words in err, status, source, got, err)
    # From a configuration as from the command line.
    sets = [f"--set=daq.{text}" for text in
            ("driver=mock", "signal=f=50", f"clock=mcu:{front.port.where}")]
    for status, more, words in (
            (5, "daq.clock_wait=1s", "is in TRACK and not locked"),
            (4, f"daq.clock=mcu:{other}", other),
            (2, "daq.clock=mcu:", "names no front end"),
            (3, "daq.clock=atomic", "is not mcu:PORT"),
            (3, f"daq.signal=clock=mcu:{other}", "clock is given twice"),
            (3, "daq.clock=internal", "is for clock=mcu")):
        got, _, err = run("run", *sets, "--set=daq.clock_delay_ns=5", "--set",
                          more, "--listen", "tcp:127.0.0.1:0", "--web", "off",
                          "--duration", "1s")
        check(got == status and words in err, status, more, got, err)
    front.be("LOCKED", "60")
    got, _, err = run("run", *sets, "--listen", "tcp:127.0.0.1:0", "--web",
                      "off", "--duration", "100ms")
    check(got == 0 and len(front.starts) == 1, got, front.starts, err)
    front.nak["START"] = "COMMAND"
    got, _, err = run("run", "--source", spec(front), "--listen",
                      "tcp:127.0.0.1:0", "--web", "off", "--duration", "1s")
    check(got == 4 and "refuses to start" in err, got, err)
    front.nak = {}
    got, _, err = run("run", "--source", spec(front), "--max-time-error",
                      "50ns", "--duration", "1s")
    check(got == 5 and "6e-08 s" in err, got, err)
    front.nak["rate"] = "RANGE"
    got, _, err = run("run", "--source", spec(front, ",rate=9600"),
                      "--duration", "1s")
    check(got == 2 and "rate" in err, got, err)
    front.end()


# ---- time ----

def time_shows_it():
    front = FrontEnd("shown")
    front.when("^PSYN,T", 0)
    status, out, err = run("time", "wait", "--source",
                           spec(front, ",clock_delay_ns=137"),
                           "--max-time-error", "1us", "--json")
    doc = json.loads(out)
    check(status == 0 and doc["good"], status, err)
    check(doc["state"] == "LOCKED" and abs(doc["unc_s"] - 60e-9) < 1e-15,
          doc)
    shown = doc["front_end"]
    check(shown["utc"].endswith("Z") and shown["freq_ppb"] == 30125 and
          shown["phase_ns"] == -3 and shown["edges"] == 18000 and
          shown["bad_lines"] == 0 and 0 <= shown["age_s"] < 2 and
          shown["version"] == "0.1.0" and shown["warning"] is None, shown)
    check(["PSYN", "SET"] + ["delay_ns", "137"] in
          [w[:2] + w[3:] for w in front.told], front.told)
    status, out, _ = run("time", "status", "--source", spec(front))
    check(status == 0 and "SIMULATED" in out, out)
    for pattern in (r"^state +LOCKED$", r"^uncertainty +60 ns$",
                    r"^front end +fake 0.1.0 at \S+/shown$",
                    r"^  state +LOCKED, heard .*running, pulse$",
                    r"^  edges +18000 in the last second, within 60 ns of "
                    r"UTC, -3 ns from the pulse$",
                    r"^  oscillator +\+30125 ppb$", r"^  satellites +9$"):
        check(re.search(pattern, out, re.M), "no", pattern, out)
    front.end()


def time_shows_what_is_wrong():
    front = FrontEnd("wrong", late=7, spoil=3)
    front.when("^PSYN,T", 0)
    status, out, err = run("time", "status", "--source", spec(front))
    check(status == 0, status, err)
    check(re.search(r"^warning +the second that the front end names is "
                    r"\S+ s off this computer's clock", out, re.M), out)
    check(re.search(r"^  bad lines +[1-9]", out, re.M), out)
    front.spoil, front.late = 0, 0
    front.flags = fake.PULSE
    front.be("ACQUIRE", "")
    status, out, err = run("time", "status", "--source", spec(front),
                           "--timeout", "3s")
    check(status == 0 and re.search("^state +UNLOCKED$", out, re.M) and
          re.search("^  state +ACQUIRE", out, re.M) and
          re.search("^  second +not known$", out, re.M), status, out, err)
    status, out, err = run("time", "wait", "--source",
                           spec(front, ",clock_wait_s=0"), "--timeout", "2s")
    check(status == 5 and "UNLOCKED" in err, status, err)
    front.end()


def time_shows_what_it_counts():
    front = FrontEnd("counts")
    front.when("^PSYN,T", 0)
    told = [("NMEA_BAD", 7), ("NMEA_BAD", 4), ("LINES_LOST", 2)]
    front.tells = told[:]
    status, out, err = run("time", "status", "--source", spec(front))
    check(status == 0, status, err)
    for pattern in (r"^  receiver +11 of its sentences refused$",
                    r"^  lost lines +2, for which the front end had no room$"):
        check(re.search(pattern, out, re.M), "no", pattern, out)
    check("  events" not in out and "  bad lines" not in out, out)
    # NMEA_BAD for the second time within a minute.
    check(re.findall(r"name=(NMEA_BAD|LINES_LOST) value=(\d+)", err) ==
          [("NMEA_BAD", "7"), ("LINES_LOST", "2")], err)
    front.tells = told[:]
    status, out, err = run("time", "status", "--source", spec(front),
                           "--json")
    shown = json.loads(out)["front_end"]
    check((shown["bad_sentences"], shown["lost_lines"],
           shown["dropped_events"]) == (11, 2, 0), shown)
    front.end()


def events_that_nobody_takes_are_told():
    front = FrontEnd("flood")
    program = Program("run", "--source", spec(front), "--listen",
                      "tcp:127.0.0.1:0", "--web", "off")
    program.wait_for("event=time state=LOCKED")
    end = time.monotonic() + PATIENCE_S
    while "dropped_events=" not in program.stderr():
        check(time.monotonic() < end, "no word of dropped events")
        for _ in range(500):
            front.event("NMEA_BAD", 1)
    check(re.search(r"front end: dropped_events=[1-9]\d*: it told too many",
                    program.stderr()), program.stderr())
    check(program.end(signal.SIGINT) == 0, program.stderr())
    front.end()


def main():
    the_frames_follow()
    a_front_end_that_acquires_is_waited_for()
    waiting_is_interrupted()
    what_cannot_be_is_refused()
    time_shows_it()
    time_shows_what_is_wrong()
    time_shows_what_it_counts()
    events_that_nobody_takes_are_told()
    FOLDER.cleanup()


if __name__ == "__main__":
    main()
