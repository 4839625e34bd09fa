#!/usr/bin/env python3
"""mcu_link.py - the link to a timing front end, over lines that are unplugged,
disturbed, silent or somebody else's.
"""
import errno
import json
import os
import pty
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "support"))
# pylint: disable=wrong-import-position
import fake_front as fe  # noqa: E402
from beats import Beats  # noqa: E402

PROBE = sys.argv[1]
FAULTS = []
FOLDER = tempfile.mkdtemp(prefix="mcu_link.")
TAI_OFFSET_S = 37  # since 2017, IERS Bulletin C 52
PATIENCE_S = 60
MAX_LATE = 2  # a START that came too late is sent a second later


def check(good, text, *values):
    """Keeps a sentence of what is not so."""
    if not good:
        FAULTS.append(text % values)


class Probe:
    """The program under test."""

    def __init__(self, where, *args, **how):
        self.process = subprocess.Popen([PROBE, where, *args], text=True,
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, **how)
        self.opened = self.read()

    def read(self):
        text = self.process.stdout.readline()
        return json.loads(text) if text else {}

    def ask(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.read()

    def state(self):
        return self.ask("state")

    def until(self, what, condition):
        """The first state that is so."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            state = self.state()
            if condition(state):
                return state
            time.sleep(0.02)
        check(False, "never %s: %s", what, state)
        return state

    def start(self, lead_ms):
        """Once it is heard: where this computer stood still, nothing was."""
        while True:
            self.until("heard", lambda s: s["up"])
            got = self.ask("start %d" % lead_ms)
            if "is not heard" not in got["why"]:
                return got

    def end(self):
        self.process.stdin.close()
        beats = Beats()
        status = self.process.wait(PATIENCE_S)
        check(beats.now() < 5, "closing took %.1f s", beats.now())
        check(status == (1 if self.opened.get("err") else 0),
              "ended by %d after %s", status, self.opened)


def refused(where, code, *parts, **how):
    """Does not open, by that code and with these words."""
    probe = Probe(where, **how)
    probe.end()
    check(probe.opened.get("err") == -code and
          all(part in probe.opened.get("why", "") for part in parts),
          "%s: wanted -%d %s, got %s", where, code, parts, probe.opened)
    return probe.opened.get("why", "")


def wait_for(condition, text, *values):
    end = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    check(condition(), text, *values)


def path(name):
    return os.path.join(FOLDER, name)


def names(probe):
    return [(e["kind"], e["name"]) for e in probe.ask("events")]


# ---- cases; each has its own devices, and all run at once ----

def a_front_end_is_met_and_set():
    front = fe.FrontEnd(fe.Pty(path("met")))
    probe = Probe(front.port.where, "18000", "75")
    check(probe.opened.get("err") == 0, "met: %s", probe.opened)
    # A report is heard 0 to 0.1 s late; one of some, where this computer stands
    # still.
    state = probe.until("met", lambda s: s["up"] and abs(s["off_s"]) < 0.3)
    check(state["label"] and state["servo"] == "LOCKED" and
          state["board"] == "fake", "met: %s", state)
    state = probe.until("good", lambda s: s["unlocked_s"] == 0)
    check(state["unc_s"] == 120e-9, "met: %s", state)
    check(state["tai_s"] == state["utc_s"] + TAI_OFFSET_S, "met: %s", state)
    told = [words[1:2] + words[3:] for words in front.told]
    check(told[0] == ["QUERY", "id"] and ["SET", "rate", "18000"] in told and
          ["SET", "delay_ns", "75"] in told, "told: %s", told)
    front.state, front.error, front.flags = "HOLDOVER", "350", \
        fe.LABEL | fe.RUNNING
    state = probe.until("HOLDOVER", lambda s: s["servo"] == "HOLDOVER" and
                        s["unc_s"] == 350e-9)
    check(state["unlocked_s"] > 0, "%s", state)
    front.late = 10
    probe.until("10 s off", lambda s: abs(s["off_s"] - 10) < 0.3)
    probe.end()
    front.end()


def listening_alone_sets_nothing():
    front = fe.FrontEnd(fe.Pty(path("alone")))
    probe = Probe(front.port.where)
    check(probe.opened.get("err") == 0, "alone: %s", probe.opened)
    check(all(words[1] == "QUERY" for words in front.told), "%s", front.told)
    probe.end()
    front.end()


def a_start_is_answered():
    front = fe.FrontEnd(fe.Pty(path("start")))
    probe = Probe(front.port.where, "18000")
    # It has heard a report in its time.
    probe.until("on time", lambda s: abs(s["off_s"]) < 0.1)
    asked_s = time.time()
    got = probe.start(300)
    told_s = time.time()
    check(got["err"] == 0, "start: %s", got)
    at_s = got["tai_s"] - TAI_OFFSET_S
    check(at_s - asked_s >= 0.3, "start: %.3f s ahead", at_s - asked_s)
    # 0.15 s for a report's way, and to the next second.
    check(at_s - told_s < 0.3 + 0.15 + 1 + MAX_LATE, "start: %.3f s ahead",
          at_s - told_s)
    check(list(front.starts.values()) == [at_s],
          "start: %s %s", got, front.starts)
    # The first two are lost on the way: sent again, done once.
    front.starts.clear()
    n_told = len(front.told)
    front.deaf = 2
    got = probe.start(1500)
    check(got["err"] == 0 and len(front.starts) == 1, "lost: %s %s", got,
          front.starts)
    told = [words for words in front.told[n_told:] if words[1] == "START"]
    check(told[0] == told[1] == told[2], "sent again: %s", told)
    front.nak = {"START": "LATE"}
    check(probe.start(300)["err"] == -errno.EAGAIN, "late")
    front.nak = {"START": "STATE"}
    check(probe.start(300)["err"] == -errno.EAGAIN, "state")
    front.nak = {"START": "RANGE"}
    check(probe.start(300)["err"] == -errno.EPROTO, "range")
    front.nak = {}
    front.deaf = 1000
    got = probe.start(300)
    check(got["err"] == -errno.ETIMEDOUT, "no answer: %s", got)
    front.deaf = 0
    check(probe.ask("start 0")["err"] == -errno.EINVAL, "0 ms")
    front.state, front.flags = "ACQUIRE", 0
    probe.until("ACQUIRE", lambda s: s["servo"] == "ACQUIRE")
    got = probe.start(300)
    check(got["err"] == -errno.EAGAIN and "ACQUIRE" in got["why"], "%s", got)
    probe.end()
    front.end()


def a_setting_is_refused():
    front = fe.FrontEnd(fe.Pty(path("refused")))
    front.nak = {"rate": "RANGE"}
    probe = Probe(front.port.where, "49999")
    check(probe.opened.get("err") == -errno.EINVAL and
          "rate=49999" in probe.opened["why"], "refused: %s", probe.opened)
    probe.end()
    front.end()


def what_voids_the_count_shows():
    for name, act in (("STEP", lambda f: f.event("STEP", -1200)),
                      ("edges", lambda f: setattr(f, "edges", 17999)),
                      ("restart", lambda f: f.reset())):
        front = fe.FrontEnd(fe.Pty(path("void-" + name)))
        probe = Probe(front.port.where, "18000")
        check(probe.start(100)["err"] == 0, "%s: no start", name)
        check(not probe.state()["torn"], "%s: torn before", name)
        act(front)
        probe.until("torn by " + name, lambda s: s["torn"])
        front.edges = None
        check(probe.start(100)["err"] == 0, "%s: no start", name)
        check(not probe.state()["torn"], "%s: torn for ever", name)
        probe.end()
        front.end()


def unplug_and_replug(name, port):
    """A short one leaves the count, a restart in between does not."""
    front = fe.FrontEnd(port)
    probe = Probe(port.where, "18000")
    check(probe.opened.get("err") == 0, "%s: %s", name, probe.opened)
    check(probe.start(100)["err"] == 0, "%s: no start", name)
    probe.ask("events")
    front.port.unplug()
    state = probe.until("down", lambda s: not s["up"] and s["link_err"])
    check(state["unc_s"] is not None, "%s: %s", name, state)
    check(probe.ask("start 100")["err"] == -errno.ENODEV, "%s", name)
    front.told.clear()
    front.port.plug()
    n_link = state["n_link"]
    state = probe.until("up again",
                        lambda s: s["up"] and s["n_link"] > n_link)
    check(not state["torn"], "%s: torn by a short silence", name)
    # More than once where this computer stands still for two seconds.
    seen = [kind for kind, _ in names(probe)]
    check(seen and seen == ["link-down", "link-up"] * (len(seen) // 2),
          "%s: events %s", name, seen)
    wait_for(lambda: ["SET", "delay_ns", "0"] in
             [w[1:2] + w[3:] for w in front.told],
             "%s: not set anew: %s", name, front.told)
    front.port.unplug()
    n_link = probe.until("down", lambda s: not s["up"] and
                         s["link_err"])["n_link"]
    front.boot += 1
    front.rate = 10000
    front.port.plug()
    state = probe.until("up again",
                        lambda s: s["up"] and s["n_link"] > n_link)
    check(state["torn"], "%s: the restart is not seen", name)
    wait_for(lambda: front.rate == 18000, "%s: rate is not set anew", name)
    front.port.unplug()
    probe.end()  # while it tries to connect
    front.end()


def a_terminal_comes_back():
    unplug_and_replug("pty", fe.Pty(path("replug")))


def a_tcp_peer_comes_back():
    unplug_and_replug("tcp", fe.Socket())


def a_unix_socket_comes_back():
    unplug_and_replug("unix", fe.Socket(path("socket")))


def silence_is_seen_and_ends():
    front = fe.FrontEnd(fe.Socket())
    probe = Probe(front.port.where, "18000")
    probe.ask("events")
    front.reports = front.answers = False

    def silent(state):
        check(state["up"] == (state["age_s"] <= 2), "silence: %s", state)
        return not state["up"]

    probe.until("silent", silent)
    state = probe.until("worse", lambda s: s["unc_s"] > 2.5e-6)
    # 1 us for each second that nothing was heard, and drift of 7.5e-9/s. It was
    # locked until then.
    age_s = state["unlocked_s"]
    bound_s = 120e-9 + 1e-6 * age_s + 7.5e-9 / 2 * age_s ** 2
    check(abs(state["unc_s"] - bound_s) < 1e-8, "%s", state)
    check(2 < age_s <= state["age_s"], "%s", state)
    probe.until("connected anew", lambda s: s["age_s"] > 6)
    front.reports = front.answers = True
    probe.until("heard", lambda s: s["up"] and s["unlocked_s"] == 0)
    check(("link-down", "") in names(probe), "no event")
    probe.end()
    front.end()


def disturbed_lines_are_counted_and_harmless():
    front = fe.FrontEnd(fe.Pty(path("noise")))
    probe = Probe(front.port.where, "18000")
    check(probe.start(100)["err"] == 0, "noise: no start")
    front.spoil = 2
    dice = random.Random(8)

    def disturbed(state):
        front.port.write(dice.randbytes(200))
        check(state["servo"] == "LOCKED", "noise: %s", state)
        return state["n_bad"] > 100 and state["n_line"] > 8

    probe.until("disturbed", disturbed)
    front.spoil = 0
    probe.until("heard", lambda s: s["up"])
    check(not probe.state()["torn"], "noise voids the count")
    probe.end()
    front.end()


def a_flood_is_survived():
    front = fe.FrontEnd(fe.Socket())
    probe = Probe(front.port.where, "18000")
    for _ in range(2000):
        front.event("NMEA_BAD", 1)
    state = probe.until("told", lambda s: s["n_event"] >= 2000)
    check(state["n_drop"] > 0 and len(names(probe)) <= 64, "%s", state)
    front.port.write(random.Random(8).randbytes(1 << 20))
    front.port.write(b"$" * (1 << 16) + b"\r\n")
    seen = state["n_line"]
    probe.until("heard after a flood", lambda s: s["n_line"] > seen + 1)
    probe.end()
    front.end()


def what_cannot_be_opened_has_a_sentence():
    refused(path("absent"), errno.ENODEV, "no such device")
    refused(FOLDER, errno.ENODEV, "is no serial line")
    refused("/dev/null", errno.ENODEV, "is no serial line")
    with open(path("file"), "w", encoding="ascii"):
        refused(path("file"), errno.ENODEV, "is no serial line")
    refused("unix:" + path("absent"), errno.ENODEV, "no such socket")
    refused("ttyACM0", errno.EINVAL, "/dev/ttyACM0")
    with socket.socket() as taken:  # and nobody listens on it
        taken.bind(("127.0.0.1", 0))
        refused("tcp:127.0.0.1:%d" % taken.getsockname()[1],
                errno.ECONNREFUSED, "nobody listens")
    refused("/dev/" + "x" * 300, errno.EINVAL, "at most")


def a_terminal_that_is_taken_is_busy():
    front = fe.FrontEnd(fe.Pty(path("busy")))
    probe = Probe(front.port.where)
    refused(front.port.where, errno.EBUSY, "another program")
    state = probe.until("as well as before", lambda s: s["up"])
    check(not state["link_err"], "the first suffers: %s", state)
    probe.end()
    again = Probe(front.port.where)
    check(again.opened.get("err") == 0, "not given back: %s", again.opened)
    again.end()
    front.end()


def a_terminal_that_is_forbidden_is_told():
    front = fe.Pty(path("forbidden"))
    os.chmod(os.ttyname(front.slave), 0)
    if os.geteuid() != 0:
        refused(front.where, errno.EACCES, "dialout")
        return
    os.chmod(FOLDER, 0o755)
    try:
        refused(front.where, errno.EACCES, "dialout", user=65534)
    except (PermissionError, subprocess.SubprocessError):
        pass  # nobody else may run the probe here


class Other:
    """Something else at the other end of a terminal."""

    def __init__(self, speak):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.where = os.ttyname(self.slave)
        threading.Thread(target=self._run, args=(speak,), daemon=True).start()

    def _run(self, speak):
        while True:
            speak(self.master)


def what_is_no_front_end_is_told():
    dice = random.Random(115200)

    def echo(fd):
        os.write(fd, os.read(fd, 4096))

    def garbage(fd):
        # What 9600 baud looks like at 115200: long runs of ones and zeros.
        os.write(fd, bytes(dice.choices([0, 0x80, 0xF8, 0xFF, 0x7F], k=64)))
        time.sleep(0.05)

    def nmea(fd):
        os.write(fd, fe.line("GPZDA,190000.00,21,11,2026,00,00"))
        time.sleep(0.2)

    def silent(fd):
        os.read(fd, 4096)

    def newer(fd):
        os.read(fd, 4096)
        os.write(fd, fe.line("PSYN,ID,2,board,9.9,what,ever,else"))

    def mute(fd):
        os.write(fd, fe.line("PSYN,T,0,INIT,,,,,0,0000"))
        time.sleep(0.5)

    cases = [(silent, errno.ENODEV, "silent for 3 s"),
             (garbage, errno.ENODEV, "115200 baud"),
             (echo, errno.ENODEV, "gives back what is sent"),
             (nmea, errno.ENODEV, "GPS receiver"),
             (newer, errno.EPROTO, "version 2"),
             (mute, errno.ENODEV, "does not answer")]
    probes = []
    for speak, code, part in cases:
        other = Other(speak)
        probes.append(threading.Thread(target=refused,
                                       args=(other.where, code, part)))
        probes[-1].start()
    for probe in probes:
        probe.join()


def main():
    cases = [
        a_front_end_is_met_and_set, listening_alone_sets_nothing,
        a_start_is_answered, a_setting_is_refused,
        what_voids_the_count_shows, a_terminal_comes_back,
        a_tcp_peer_comes_back, a_unix_socket_comes_back,
        silence_is_seen_and_ends, disturbed_lines_are_counted_and_harmless,
        a_flood_is_survived, what_cannot_be_opened_has_a_sentence,
        a_terminal_that_is_taken_is_busy,
        a_terminal_that_is_forbidden_is_told, what_is_no_front_end_is_told]

    def run(case):
        try:
            case()
        except Exception as why:  # pylint: disable=broad-except
            check(False, "%s: %r", case.__name__, why)

    threads = [threading.Thread(target=run, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shutil.rmtree(FOLDER)
    print("\n".join(FAULTS) or f"{len(cases)} cases, all as they should be")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
