#!/usr/bin/env python3
"""listen, against a PMU of this file's own and against simulate."""
import binascii
import cmath
import csv
import io
import json
import math
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import CISOID, Program, check, run  # noqa: E402
from synchro import (DATA_OFF, DATA_ON, SEND_CFG2, angle_close,  # noqa: E402
                     split)

USAGE, CONNECTION, INCOMPLETE, STORAGE = 2, 6, 7, 8
SOC = 1795176000  # 2026-11-20T12:00:00Z
IDCODE, RATE = 60, 10
STATIONS = ((61, b"NORTH", 2), (62, b"SOUTH, OLD", 1))


def sealed(sync, body, soc=SOC, fracsec=0):
    """A frame around its body, clause 6.2."""
    raw = struct.pack(">HHHII", sync, 16 + len(body), IDCODE, soc,
                      fracsec) + body
    return raw + struct.pack(">H", binascii.crc_hqx(raw, 0xFFFF))


def config(stations=STATIONS):
    """Rectangular int16 phasors of 0.01 V; no analogs, no digitals."""
    body = struct.pack(">IH", 1000000, len(stations))
    for idcode, name, n in stations:
        body += struct.pack(">16sHHHHH", name.ljust(16), idcode, 0, n, 0, 0)
        body += b"".join((b"V%d" % (i + 1)).ljust(16) for i in range(n))
        body += n * struct.pack(">I", 1000) + struct.pack(">HH", 1, 0)
    return sealed(0xAA31, body + struct.pack(">h", RATE))


def data(k, stations=STATIONS, stat=0):
    """Frame k since SOC: V1 = 100 + 50j V, V2 without a value, 50.02 Hz."""
    body = b""
    for idcode, _, n in stations:
        body += struct.pack(">H", stat) + struct.pack(">hh", 10000, 5000)
        body += (n - 1) * struct.pack(">hh", -32768, -32768)
        body += struct.pack(">hh", idcode - 41, -25)
    return sealed(0xAA01, body, SOC + k // RATE, k % RATE * 100000)


class Pmu:
    """A TCP server for one client, that sends what it is told to."""

    def __init__(self, chunks, answers=True, stays=True, stations=STATIONS):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.chunks, self.answers, self.stays = chunks, answers, stays
        self.stations = stations
        self.heard = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        sock, _ = self.server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = bytearray()
        while True:
            try:
                chunk = sock.recv(65536)
            except ConnectionError:
                return
            if not chunk:
                return
            stream += chunk
            for frame in split(stream):
                check(frame.crc_ok and frame.kind == "cmd", "a command")
                word = struct.unpack(">H", frame.body)[0]
                self.heard.append((frame.idcode, word))
                if word == SEND_CFG2 and self.answers:
                    sock.sendall(config(self.stations))
                if word == DATA_ON and self._send(sock):
                    return

    def _send(self, sock):
        try:
            for chunk in self.chunks:
                sock.sendall(chunk)
        except ConnectionError:
            return True  # the client has had enough
        if not self.stays:
            sock.close()
        return not self.stays


def listen(pmu, *args, idcode=IDCODE):
    """Runs listen against the server, which knows CFG-2 alone."""
    return run("listen", f"tcp:127.0.0.1:{pmu.port}", "--idcode", str(idcode),
               "--cfg", "2", "--retry", "0", *args)


def pieces(blob, size):
    """Cuts a blob."""
    return [blob[i:i + size] for i in range(0, len(blob), size)]


def a_conversation_is_led_as_pmus_expect():
    """Data off, configuration, data on; the other way at the end."""
    pmu = Pmu([data(k) for k in range(5)])
    status, _, err = listen(pmu, "--count", "5")
    check(status == 0, err)
    pmu.thread.join(60)
    check(pmu.heard == [(IDCODE, c) for c in (DATA_OFF, SEND_CFG2, DATA_ON,
                                              DATA_OFF)], pmu.heard)


def frames_are_found_in_any_segments():
    """Many frames in a segment, and a byte at a time."""
    blob = b"".join(data(k) for k in range(40))
    for size in (1, 7, len(data(0)), 333, len(blob)):
        status, out, err = listen(Pmu(pieces(blob, size)), "--count", "40",
                                  "--csv", "-")
        check(status == 0 and "frames=40 gaps=0" in err, size, err)
        check(len(out.splitlines()) == 41, size, out)


def several_pmus_are_told_apart_by_their_stations():
    """Columns, values and empty cells."""
    status, out, err = listen(Pmu([data(k) for k in range(3)]), "--count", "3",
                              "--csv", "-")
    check(status == 0, err)
    rows = list(csv.reader(io.StringIO(out, newline="")))
    check(rows[0] == ["time_utc", "soc", "fracsec", "NORTH:freq_hz",
                      "NORTH:rocof_hz_per_s", "NORTH:flags", "NORTH:V1_rms",
                      "NORTH:V1_deg", "NORTH:V2_rms", "NORTH:V2_deg",
                      "SOUTH, OLD:freq_hz", "SOUTH, OLD:rocof_hz_per_s",
                      "SOUTH, OLD:flags", "SOUTH, OLD:V1_rms",
                      "SOUTH, OLD:V1_deg", "notes"], rows[0])
    for k, row in enumerate(rows[1:]):
        check(row[:3] == [f"2026-11-20T12:00:00.{k}00000000Z", str(SOC),
                          f"0.{k}00000000"], row)
        check(math.isclose(float(row[3]), 50.02, abs_tol=1e-12) and
              math.isclose(float(row[10]), 50.021, abs_tol=1e-12), row)
        check(float(row[4]) == -0.25 and row[5] == "ok", row)
        check(math.isclose(float(row[6]), math.hypot(100, 50)), row)
        check(math.isclose(float(row[7]), math.degrees(math.atan2(1, 2))), row)
        check(row[8:10] == ["", ""] and row[15] == "", row)


def columns_differ_where_stations_do_not():
    """The IDCODE tells them apart, else a number."""
    stations = ((61, b"NORTH", 1), (62, b"NORTH", 1), (62, b"NORTH", 1),
                (63, b"SOUTH", 1), (64, b"", 1))
    pmu = Pmu([data(0, stations)], stations=stations)
    status, out, err = listen(pmu, "--count", "1", "--csv", "-")
    check(status == 0, err)
    head = next(csv.reader(io.StringIO(out, newline="")))
    check(len(set(head)) == len(head) == 3 + 5 * 5 + 1, head)
    check([c for c in head if c.endswith(":freq_hz")] ==
          ["NORTH#61:freq_hz", "NORTH#62#1:freq_hz", "NORTH#62#2:freq_hz",
           "SOUTH:freq_hz", "#64:freq_hz"], head)


def another_idcode_is_told_once():
    """The configuration is of 60, and used; no word where it was asked for."""
    pmu = Pmu([data(0), config(STATIONS[:1]), data(1, STATIONS[:1])])
    status, _, err = listen(pmu, "--count", "2", idcode=59)
    check(status == 0 and err.count("IDCODE 59 was asked for, the "
                                    "configuration is of 60") == 1, err)
    status, _, err = listen(Pmu([data(0)]), "--count", "1")
    check(status == 0 and "asked for" not in err, err)


def missing_and_repeated_frames_are_counted():
    """3 lost, one twice, one late, one with a wrong checksum."""
    broken = bytearray(data(9))
    broken[-1] ^= 1
    ks = [0, 1, 2, 2, 6, 5, 7, 8]
    pmu = Pmu([data(k) for k in ks] + [bytes(broken), data(10)])
    status, _, err = listen(pmu, "--count", "9")
    check(status == 0, err)
    check("frames=9 gaps=4 duplicates=1 late=1 crc_errors=1" in err, err)


def duration_is_that_of_the_data():
    """1.5 s at 10 frames/s: 15 frames, whatever the clock says."""
    status, out, err = listen(Pmu([data(k) for k in range(30)]), "--duration",
                              "1.5s")
    check(status == 0 and "frames=15 " in err, err)
    # A line per PMU.
    check(len(out.splitlines()) == 30, out)


def json_has_every_frame():
    """As decode prints them; no value is null."""
    status, out, err = listen(Pmu([data(0), data(1)]), "--count", "2",
                              "--json")
    check(status == 0, err)
    frames = [json.loads(line) for line in out.splitlines()]
    check([f["type"] for f in frames] == ["cfg2", "data", "data"], out)
    check(frames[2]["soc"] == SOC and frames[2]["fracsec"] == 0.1, out)
    check([p["idcode"] for p in frames[1]["pmus"]] == [61, 62], out)
    check(frames[1]["pmus"][0]["phasors"][1]["rms"] is None, out)


def an_end_too_early_is_told():
    """Exit 7 when more was asked for; 0 when not."""
    pmu = Pmu([data(0)], stays=False)
    status, _, err = listen(pmu, "--count", "2")
    check(status == INCOMPLETE and "closed by the other side" in err, err)
    pmu = Pmu([data(0)], stays=False)
    status, _, err = listen(pmu)
    check(status == 0 and "frames=1 " in err, err)


def who_does_not_answer_is_told():
    """Exit 6: nobody there, no configuration, a name that is none."""
    taken = socket.socket()  # nobody else gets the port, and nobody answers
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    status, out, err = run("listen", f"tcp:127.0.0.1:{port}")
    check(status == CONNECTION and "refused" in err and out == "", err)
    status, _, err = listen(Pmu([], answers=False), "--timeout", "1s")
    check(status == CONNECTION and "IDCODE 60" in err, err)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        status, _, err = run("listen", f"tcp:127.0.0.1:{port}", "--csv",
                             path + ".csv", "--pcap", path + ".pcap")
        check(status == CONNECTION, err)
        check(os.listdir(folder) == [], os.listdir(folder))
    taken.close()


def nonsense_is_refused():
    """Status 2, one line, nothing on standard output."""
    for args in ([], ["tcp:127.0.0.1:1", "tcp:127.0.0.1:2"],
                 ["127.0.0.1:4712"], ["tcp:127.0.0.1:4712", "--idcode", "0"],
                 ["tcp:127.0.0.1:4712", "--idcode", "65535"],
                 ["tcp:127.0.0.1:4712", "--count", "0"],
                 ["tcp:127.0.0.1:4712", "--cfg", "1"],
                 ["tcp:127.0.0.1:4712", "--json", "--csv", "-"],
                 ["tcp:127.0.0.1:4712", "--duration", "nan"],
                 ["tcp:127.0.0.1:0"], ["pcap:x"]):
        status, out, err = run("listen", *args)
        check(status == USAGE, args, status, err)
        check(out == "" or "--json" in args, args, out)
        check(err.startswith("cisoid listen: ") and err.count("\n") == 1,
              args, err)


def files_are_kept_whole_and_not_overwritten():
    """A signal ends the recording, it does not lose it."""
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "x.csv")
        capture = os.path.join(folder, "x.pcap")
        pmu = Pmu([data(k) for k in range(20)])
        program = Program("listen", f"tcp:127.0.0.1:{pmu.port}", "--idcode",
                          str(IDCODE), "--csv", table, "--pcap", capture)
        program.wait_for("configuration station=")
        check(program.end(signal.SIGINT) == 0, program.stderr())
        check(sorted(os.listdir(folder)) == ["x.csv", "x.pcap"],
              os.listdir(folder))
        for option, path in (("--csv", table), ("--pcap", capture)):
            status, _, err = run("listen", "tcp:127.0.0.1:1", option, path)
            check(status == STORAGE and "--force" in err, status, err)
            status, _, err = listen(Pmu([data(0)]), "--count", "1", option,
                                    path, "--force")
            check(status == 0, err)
        status, _, err = run("listen", "tcp:127.0.0.1:1", "--csv", folder)
        check(status == STORAGE and "is a directory" in err, status, err)


def a_reader_that_has_enough_is_no_error():
    """listen | head -1."""
    pmu = Pmu([data(k) for k in range(2000)])
    with subprocess.Popen([CISOID, "listen", f"tcp:127.0.0.1:{pmu.port}",
                           "--idcode", str(IDCODE)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        process.stdout.close()
        check(process.wait(60) == 0, "exit status")


def a_changed_configuration_ends_a_table():
    """Other columns do not fit under the header that is there."""
    fewer = STATIONS[:1]
    pmu = Pmu([data(0), config(fewer), data(1, fewer)])
    status, out, err = listen(pmu, "--csv", "-", "--count", "9")
    check(status == INCOMPLETE and "has changed" in err, status, err)
    check(len(out.splitlines()) == 2, out)
    pmu = Pmu([data(0), config(fewer), data(1, fewer)])
    status, out, err = listen(pmu, "--count", "2")
    check(status == 0 and len(out.splitlines()) == 3, status, out)


def simulated_phasors_arrive_unasked():
    """Over UDP, to a port that listen holds; against the formula."""
    receiver = Program("listen", "udp:127.0.0.1:0", "--count", "40", "--csv",
                       "-")
    port = receiver.port("udp")
    status, _, err = run("simulate", "--f", "50.5", "--v", "63", "--pace",
                         "real", "--duration", "1s", "--stream",
                         f"udp:127.0.0.1:{port}")
    check(status == 0, err)
    rows = list(csv.DictReader(receiver.process.stdout))
    check(receiver.end() == 0, receiver.stderr())
    check(len(rows) == 40, len(rows))
    t0 = int(rows[0]["soc"])
    for row in rows:
        frac = float(row["fracsec"])
        turns = 50.5 * (int(row["soc"]) - t0 + frac) - 50 * frac
        # Float has 24 bits.
        check(abs(float(row["VA_rms"]) - 63) <= 63 * 2**-23, row)
        check(angle_close(math.radians(float(row["VA_deg"])),
                          cmath.phase(cmath.exp(2j * math.pi * turns)),
                          2**-22), row)
        check(abs(float(row["freq_hz"]) - 50.5) <= 4e-6, row)


def a_receiver_that_dies_does_not_stop_the_sender():
    """UDP and TCP: the sender says so and serves the next."""
    receiver = Program("listen", "udp:127.0.0.1:0")
    port = receiver.port("udp")
    sender = Program("simulate", "--rate", "100", "--stream",
                     f"udp:127.0.0.1:{port}", "--listen", "tcp:127.0.0.1:0")
    client = Program("listen", f"tcp:127.0.0.1:{sender.port()}")
    client.wait_for("configuration station=")
    receiver.wait_for("configuration station=")
    receiver.process.kill()
    client.process.kill()
    sender.wait_for("nobody listens")
    sender.wait_for("client disconnected")
    status, _, err = run("listen", f"tcp:127.0.0.1:{sender.port()}",
                         "--count", "10")
    check(status == 0 and "frames=10 gaps=0" in err, err)
    check(sender.end(signal.SIGTERM) == 0, sender.stderr())


if __name__ == "__main__":
    a_conversation_is_led_as_pmus_expect()
    frames_are_found_in_any_segments()
    several_pmus_are_told_apart_by_their_stations()
    columns_differ_where_stations_do_not()
    another_idcode_is_told_once()
    missing_and_repeated_frames_are_counted()
    duration_is_that_of_the_data()
    json_has_every_frame()
    an_end_too_early_is_told()
    who_does_not_answer_is_told()
    nonsense_is_refused()
    files_are_kept_whole_and_not_overwritten()
    a_reader_that_has_enough_is_no_error()
    a_changed_configuration_ends_a_table()
    simulated_phasors_arrive_unasked()
    a_receiver_that_dies_does_not_stop_the_sender()
