#!/usr/bin/env python3
"""compare, live: two simulated PMUs over TCP and UDP, and what can go wrong.

The machine's clock may be free: --accept unsync has its reports judged; without
it they are shown.
"""
import datetime
import json
import os
import re
import signal
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from comparison import (CONNECTION, INCOMPLETE, OK, USAGE,  # noqa: E402
                        channel, close, compare, simulate)
from packets import config, data  # noqa: E402
from program import Program, check, run  # noqa: E402
from synchro import DATA_ON, split  # noqa: E402

ERRORS = ("--err_pct", "0.3")
ACCEPT = ("--accept", "unsync")


def pmu(scheme, *args):
    """A simulated PMU that answers; where."""
    program = Program("simulate", "--listen", f"{scheme}:127.0.0.1:0", *args)
    return program, f"{scheme}:127.0.0.1:{program.port(scheme)}"


class Canned:
    """A PMU that answers with CFG-2 to every command but data on, and to that
    with these bytes and, unless it stays, with the end."""

    def __init__(self, cfg, stream, stays=False):
        self.stays = stays
        self.server = socket.create_server(("127.0.0.1", 0))
        self.at = f"tcp:127.0.0.1:{self.server.getsockname()[1]}"
        self.cfg, self.stream = cfg, stream
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        conn, _ = self.server.accept()
        asked = bytearray()
        try:
            while chunk := conn.recv(4096):
                asked += chunk
                for frame in split(asked):
                    on = frame.body == DATA_ON.to_bytes(2, "big")
                    conn.sendall(self.stream if on else self.cfg)
                    if on and not self.stays:
                        return
        except OSError:
            pass
        finally:
            conn.close()


def check_result(status, doc, err, pairs):
    """So many pairs or a few more, the error of 0.3 %, latency of this
    machine: below a second, not negative but for the clock's rounding."""
    check(status == OK, status, err)
    check(doc["compared"]["judged"] == doc["compared"]["pairs"] >= pairs,
          doc["compared"])
    check(doc["ref"]["lost"] == doc["dut"]["lost"] == 0, doc["ref"], doc["dut"])
    for name in ("VA", "IC"):
        close(channel(doc, name)["me_pct"]["mean"], 0.3, 1e-4, name)
    check(doc["latency_s"]["n"] >= pairs and -1e-3 <= doc["latency_s"]["min"]
          and doc["latency_s"]["max"] < 5, doc["latency_s"])
    check(doc["dut"]["origin"] == "SIMULATED", doc["dut"])


def two_pmus_are_compared():
    """By TCP and by UDP, until the count."""
    for scheme in ("tcp", "udp"):
        ref, ref_at = pmu(scheme)
        dut, dut_at = pmu(scheme, *ERRORS, "--idcode", "7")
        status, doc, err = compare(ref_at, dut_at, "--dut-idcode", "7",
                                   "--count", "30", *ACCEPT)
        check_result(status, doc, err, 30)
        check(doc["dut"]["idcode"] == 7, doc["dut"])
        ref.end(signal.SIGINT)
        dut.end(signal.SIGINT)


def errors_are_shown_whatever_the_clock():
    """0.3 %, on a machine that is synchronised and on one that is not."""
    ref, ref_at = pmu("tcp")
    dut, dut_at = pmu("tcp", *ERRORS)
    status, doc, err = compare(ref_at, dut_at, "--count", "30")
    check(status == OK, status, err)
    told = doc["compared"]
    check(told["judged"] + told["doubtful"] == told["pairs"] >= 30, told)
    for key in ("tve_pct", "me_pct"):
        e = channel(doc, "VA")[key]
        close(e["mean"], 0.3, 1e-4, key)
        check(e["judged"] == (told["judged"] > 0), e, told)
    ref.end(signal.SIGINT)
    dut.end(signal.SIGINT)


def half_the_window_is_that_of_the_reference():
    """Told in its CFG-3, 4 cycles of 50 Hz here; live and in a capture."""
    ref = Program("run", "--source", "mock:f=50", "--profile", "ls7:4",
                  "--listen", "tcp:127.0.0.1:0")
    ref_at = f"tcp:127.0.0.1:{ref.port()}"
    dut, dut_at = pmu("tcp")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ref.pcap")
        status, _, err = run("listen", ref_at, "--count", "20", "--pcap", path)
        check(status == OK, err)
        for pair in ((ref_at, dut_at, "--count", "20"), (path, path)):
            status, doc, err = compare(*pair)
            check(status == OK, pair, status, err)
            close(doc["compared"]["half_window_s"], 0.04, 1e-6, pair)
    ref.end(signal.SIGINT)
    dut.end(signal.SIGINT)


def streams_unasked_are_compared():
    """UDP both ways; stopped by the duration."""
    probe = Program("compare", "udp:127.0.0.1:0", "udp:[::1]:0", "--json",
                    "--duration", "0.5s", *ACCEPT)
    ports = [probe.wait_for(pattern)[1] for pattern in
             (r"listening on udp:127\.0\.0\.1:(\d+)",
              r"listening on udp:\[::1\]:(\d+)")]
    ref = Program("simulate", "--stream", f"udp:127.0.0.1:{ports[0]}")
    dut = Program("simulate", "--stream", f"udp:[::1]:{ports[1]}", *ERRORS)
    out = probe.process.stdout.read()
    status = probe.end()
    check(out, status, probe.stderr())
    check_result(status, json.loads(out), probe.stderr(), 25)
    ref.end(signal.SIGINT)
    dut.end(signal.SIGINT)


def an_interrupt_gives_what_there_is():
    """No goal: it runs until it is stopped."""
    ref, ref_at = pmu("tcp")
    dut, dut_at = pmu("tcp", *ERRORS)
    with tempfile.TemporaryDirectory() as folder:
        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo)
        probe = Program("compare", ref_at, dut_at, "--csv", fifo, "--json",
                        *ACCEPT)
        with open(fifo, encoding="utf-8") as lines:
            for n, _ in enumerate(lines):
                if n == 20:
                    probe.process.send_signal(signal.SIGINT)
            check(n >= 20, n)
        doc = json.loads(probe.process.stdout.read())
        check_result(probe.end(), doc, probe.stderr(), 20)
    ref.end(signal.SIGINT)
    dut.end(signal.SIGINT)


def a_stream_that_ends_early_is_incomplete():
    """What came is shown; exit status 7."""
    ref, ref_at = pmu("tcp")
    dut, dut_at = pmu("tcp", *ERRORS)
    with tempfile.TemporaryDirectory() as folder:
        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo)
        probe = Program("compare", ref_at, dut_at, "--count", "100000",
                        "--csv", fifo, "--json", *ACCEPT)
        with open(fifo, encoding="utf-8") as lines:
            for n, _ in enumerate(lines):
                if n == 20:
                    dut.end(signal.SIGINT)
        doc = json.loads(probe.process.stdout.read())
        status = probe.end()
    check(status == INCOMPLETE and doc["incomplete"], status, probe.stderr())
    check(doc["compared"]["pairs"] >= 20, doc["compared"])
    ref.end(signal.SIGINT)


def a_changed_configuration_ends_it():
    """What comes after it would be another comparison."""
    frames = [data(7, k) for k in range(50)]
    other = config(7, names=("UA", "JA"))
    for goal, want in (([], OK), (["--count", "100"], INCOMPLETE)):
        ref = Canned(config(7), b"".join(frames), stays=True)
        dut = Canned(config(7), b"".join(frames[:30]) + other + frames[30])
        status, doc, err = compare(ref.at, dut.at, "--ref-idcode", "7",
                                   "--dut-idcode", "7", *goal)
        check(status == want and "has changed" in err, status, err)
        check(doc["compared"]["judged"] == 30, doc["compared"])
        check(doc["dut"]["origin"] == "LIVE" and doc["notice"] is None, doc)


def garbage_between_frames_is_passed_over():
    """Noise, a wrong CRC, half a frame: the rest is judged, the loss told."""
    frames = [data(7, k) for k in range(50)]
    broken = bytearray(frames[20])
    broken[20] ^= 1
    ref = Canned(config(7), b"".join(frames))
    dut = Canned(config(7), b"".join(frames[:10]) + b"noise" +
                 b"".join(frames[10:20]) + bytes(broken) + frames[21][:15] +
                 b"".join(frames[22:]))
    status, doc, err = compare(ref.at, dut.at, "--ref-idcode", "7",
                               "--dut-idcode", "7", "--count", "40")
    check(status == OK, status, err)
    check(doc["compared"]["judged"] == 40, doc["compared"])
    check(doc["dut"]["crc_errors"] >= 1, doc["dut"])
    check(2 <= doc["dut"]["lost"] <= 10, doc["dut"])


def nobody_there_is_no_connection():
    """Exit status 6; streams that have nothing in common, 7."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    ref, ref_at = pmu("tcp")
    for order in ((f"tcp:127.0.0.1:{port}", ref_at),
                  (ref_at, f"tcp:127.0.0.1:{port}")):
        status, _, err = compare(*order, "--count", "5", "--timeout",
                                 "300ms")
        check(status == CONNECTION and str(port) in err, status, err)
    status, _, err = compare(ref_at, "tcp:127.0.0.1", "--count", "5")
    check(status == USAGE, status, err)
    status, _, err = compare(ref_at, ref_at, "--dut-station", "NOBODY",
                             "--count", "5")
    check(status == CONNECTION and "no such PMU" in err, status, err)
    ref.end(signal.SIGINT)


def of_several_pmus_of_a_stream_one_is_chosen():
    """A sentence lists them, exit status 2, unless one is."""
    both, at = pmu("tcp", "--count", "2", "--concentrate")
    status, doc, err = compare(at, at, "--count", "5")
    check(status == USAGE and not doc and "several PMUs (" in err and
          "-idcode or --" in err, status, err)
    names = re.search(r"several PMUs \(\d+ (\S+), \d+ (\S+)\)", err)
    check(names, err)
    status, doc, err = compare(at, at, "--ref-station", names[1],
                               "--dut-station", names[2], "--count", "5",
                               *ACCEPT)
    check(status == OK and doc["ref"]["station"] == names[1] and
          doc["dut"]["station"] == names[2], status, err)
    both.end(signal.SIGINT)


def data_that_begin_late_are_waited_for():
    """As long as --timeout says; the message names it."""
    late = Program("simulate", "--start", "2099-01-01T00:00:00Z", "--listen",
                   "tcp:127.0.0.1:0")
    at = f"tcp:127.0.0.1:{late.port()}"
    status, doc, err = compare(at, at, "--count", "5", "--timeout", "1s")
    check(status == INCOMPLETE and not doc, status, err)
    check("no data of the " in err and "; --timeout waits longer" in err, err)
    check(late.end(signal.SIGINT) == OK, late.stderr())
    start = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(seconds=9)
    soon = Program("simulate", "--start", start.strftime("%Y-%m-%dT%H:%M:%SZ"),
                   "--listen", "tcp:127.0.0.1:0")
    at = f"tcp:127.0.0.1:{soon.port()}"
    status, doc, err = compare(at, at, "--count", "5", "--timeout", "60s",
                               *ACCEPT)
    check(status == OK and doc["compared"]["pairs"] >= 5, status, err)
    soon.end(signal.SIGINT)


def a_recording_is_compared_with_a_stream():
    """A file keeps pace with the stream that makes the same dates."""
    with tempfile.TemporaryDirectory() as folder:
        ref = simulate(folder, "ref.pcap")
        dut = Program("simulate", "--pace", "max", "--start",
                      "2026-01-01T00:00:02Z", "--duration", "4s", "--listen",
                      "tcp:127.0.0.1:0", *ERRORS)
        at = f"tcp:127.0.0.1:{dut.port()}"
        status, doc, err = compare(ref, at, "--duration", "3s")
        check(status == OK, status, err)
        check(doc["compared"]["pairs"] == 150, doc["compared"])
        close(channel(doc, "VA")["me_pct"]["mean"], 0.3, 1e-4, "ME")
        check(doc["ref"]["alone"] == 0, doc["ref"])
        dut.process.kill()


if __name__ == "__main__":
    two_pmus_are_compared()
    errors_are_shown_whatever_the_clock()
    half_the_window_is_that_of_the_reference()
    streams_unasked_are_compared()
    an_interrupt_gives_what_there_is()
    a_stream_that_ends_early_is_incomplete()
    a_changed_configuration_ends_it()
    garbage_between_frames_is_passed_over()
    nobody_there_is_no_connection()
    of_several_pmus_of_a_stream_one_is_chosen()
    data_that_begin_late_are_waited_for()
    a_recording_is_compared_with_a_stream()
