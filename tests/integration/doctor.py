#!/usr/bin/env python3
"""listen --doctor against peers that are broken in one way each."""
import json
import os
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from packets import frame
from program import CISOID, Program, check, run

IDCODE = 7
RATE = 25
DATA_OFF, DATA_ON, SEND_HDR, SEND_CFG2, SEND_CFG3 = 1, 2, 3, 5, 6
FAULTS = []


def cfg2(rate=RATE):
    body = struct.pack(">IH16sHHHHH16sIHHh", 1000000, 1, b"PEER".ljust(16),
                       IDCODE, 0xF, 1, 0, 0, b"VA".ljust(16), 1000, 1, 0, rate)
    return frame(3, IDCODE, int(time.time()), 0, body)


class Peer:
    """A PMU over TCP; a subclass is wrong in one way."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.on = False
        self.lock = threading.Lock()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        self.client, _ = self.socket.accept()
        threading.Thread(target=self.stream, daemon=True).start()
        self.begin()
        buf = b""
        try:
            while chunk := self.client.recv(4096):
                buf += chunk
                while len(buf) >= 18:
                    idcode = struct.unpack(">H", buf[4:6])[0]
                    word = struct.unpack(">H", buf[14:16])[0]
                    buf = buf[18:]
                    self.command(idcode, word)
        except OSError:
            pass

    def begin(self):
        """Connected."""

    def send(self, raw):
        with self.lock:
            try:
                self.client.sendall(raw)
            except OSError:
                self.on = False

    def command(self, idcode, word):
        if idcode != IDCODE:
            return
        if word in (DATA_ON, DATA_OFF):
            self.on = word == DATA_ON
        elif word == SEND_CFG2:
            self.send(self.config())
        elif word == SEND_HDR:
            self.send(frame(1, IDCODE, int(time.time()), 0, b"A PEER"))

    def config(self):
        return cfg2()

    def stream(self):
        """On the grid of the clock; none is left out."""
        n = int(time.time() * RATE) + 1
        while True:
            wait = n / RATE - time.time()
            if wait > 0:
                time.sleep(wait)
            if self.on:
                self.send(self.data(n))
            n += 1

    def data(self, n, offset=0, stat=0):
        body = struct.pack(">Hffff", stat, 100.0, 0.5, 50.0, 0.0)
        return frame(0, IDCODE, n // RATE + offset,
                     n % RATE * 1000000 // RATE, body)


class Closes(Peer):
    def begin(self):
        self.client.close()


class Web(Peer):
    def begin(self):
        self.client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def command(self, idcode, word):
        pass


class Chatty(Peer):
    """Says something before its frames."""

    def begin(self):
        self.send(b"welcome to the PMU\r\n")


class NoRate(Peer):
    def config(self):
        return cfg2(rate=0)


class NoData(Peer):
    def command(self, idcode, word):
        if word != DATA_ON:
            super().command(idcode, word)


class HalfRate(Peer):
    def data(self, n, offset=0, stat=0):
        return super().data(n) if n % 2 == 0 else b""


class WrongCrc(Peer):
    def data(self, n, offset=0, stat=0):
        raw = super().data(n)
        return raw[:-2] + bytes([raw[-1], raw[-2]])


class ShortCrc(Peer):
    """A CHK of one byte, in all data."""

    def data(self, n, offset=0, stat=0):
        raw = super().data(n)
        return raw[:-2] + raw[-1:]


class ShortConfig(Peer):
    """A CHK of one byte, in the configuration."""

    def config(self):
        raw = super().config()
        return raw[:-2] + raw[-1:]


class Yesterday(Peer):
    def data(self, n, offset=0, stat=0):
        return super().data(n, -86400)


class Eager(Peer):
    """Data as soon as the configuration was sent."""

    def config(self):
        self.on = True
        return cfg2()


class Deaf(Peer):
    def command(self, idcode, word):
        if word != DATA_OFF:
            super().command(idcode, word)


class OffGrid(Peer):
    def data(self, n, offset=0, stat=0):
        body = struct.pack(">Hffff", 0, 100.0, 0.5, 50.0, 0.0)
        return frame(0, IDCODE, n // RATE, n % RATE * 1000000 // RATE + 7000,
                     body)


class Twice(Peer):
    def data(self, n, offset=0, stat=0):
        return super().data(n) * 2


class Unlocked(Peer):
    def data(self, n, offset=0, stat=0):
        return super().data(n, stat=0x2030)


def doctor(port, *options):
    status, out, err = run("listen", f"tcp:127.0.0.1:{port}", "--doctor",
                           "--json", *options)
    check(out, err)
    document = json.loads(out)
    check(document["exit_status"] == status, document)
    return status, {s["step"]: s for s in document["steps"]}, document


def case(peer, want_status, failed=(), warned=(), cause="", idcode=IDCODE,
         code=None):
    """Runs in a thread of its own: most of the time is spent waiting."""
    def go():
        status, steps, document = doctor(peer().port, "--idcode", str(idcode))
        got = {v: sorted(k for k, s in steps.items() if s["verdict"] == v)
               for v in ("failed", "warning")}
        causes = " ".join(c for s in steps.values() for c in s["causes"])
        codes = [f["code"] for f in document["findings"]]
        if (status != want_status or (code and code not in codes) or
                got["failed"] != sorted(failed) or
                got["warning"] != sorted(warned) or cause not in causes or
                any(s["verdict"] == "failed" and not s["causes"]
                    and s["step"] != "standard" for s in steps.values())):
            FAULTS.append((peer.__name__, status, got, causes, codes,
                           {k: s.get("text") for k, s in steps.items()}))
    thread = threading.Thread(target=go)
    thread.start()
    return thread


def broken_peers():
    # No peer here knows CFG-3.
    threads = [
        case(Peer, 0, (), ("cfg3",)),
        case(Peer, 7, ("cfg2",), ("cfg3",), "IDCODE is wrong", idcode=8),
        case(Closes, 7, ("data_off",), (), "fewer clients"),
        case(Web, 7, ("cfg2",), ("cfg3",), "web server"),
        case(Chatty, 0, (), ("cfg3", "crc"), "sent between frames"),
        case(NoRate, 7, ("configuration", "rate", "standard"), ("cfg3",),
             "DATA_RATE is 0"),
        case(NoData, 7, ("first_frame",), ("cfg3",), "nothing to send"),
        case(HalfRate, 7, ("rate", "standard"), ("cfg3", "order"),
             "configuration is not what the device"),
        case(WrongCrc, 7, ("crc", "standard"), ("cfg3",), "computed wrongly"),
        case(ShortCrc, 7, ("first_frame", "standard"), ("cfg3",),
             "FRAMESIZE is not the length", code="E-FRM-CRC-SHORT"),
        case(ShortConfig, 7, ("cfg2", "standard"), ("cfg3",),
             "FRAMESIZE is not the length", code="E-FRM-CRC-SHORT"),
        case(Yesterday, 7, ("time",), ("cfg3", "standard"), "whole hours"),
        case(Eager, 0, (), ("cfg3", "data_on"), "before they are switched"),
        case(Deaf, 0, (), ("cfg3", "stop"), "ignores data off"),
        case(OffGrid, 0, (), ("cfg3", "time", "standard"), "time of sending"),
        case(Twice, 7, ("rate",), ("cfg3", "order", "standard"), "come twice"),
        case(Unlocked, 0, (), ("cfg3", "quality"), "no time source"),
    ]
    for thread in threads:
        thread.join()
    for fault in FAULTS:
        print("FAULT", *fault, sep="\n   ")
    check(not FAULTS, len(FAULTS), "cases")


def free_udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def nobody_there():
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    status, steps, _ = doctor(port)
    check(status == 6 and steps["reach"]["verdict"] == "failed" and
          "port is closed" in " ".join(steps["reach"]["causes"]), steps)
    check(steps["rate"]["verdict"] == "not done", steps)
    status, out, _ = run("listen", "tcp:no-such-name.invalid:4712",
                         "--doctor", "--json")
    steps = {s["step"]: s for s in json.loads(out)["steps"]}
    check(status == 6 and steps["lookup"]["verdict"] == "failed" and
          steps["lookup"]["code"] == "E-NET-LOOKUP", out)
    # Whatever the name is, and wherever a message is cut, it is JSON.
    status, out, _ = run("listen", b"tcp:\xff:4712", "--doctor", "--json")
    check(status == 6 and json.loads(out)["endpoint"] == "tcp:?:4712", out)
    for bad in (("tcp:127.0.0.1:0",), ("pcap:x",), ("tcp:h:1", "--count", "3"),
                ("tcp:h:1", "--csv", "x.csv")):
        status, out, err = run("listen", *bad, "--doctor")
        check(status == 2 and err.count("\n") == 1, bad, status, err)


def datagrams_that_are_no_frames():
    """A sender to this computer, unasked: bytes come, and no frame."""
    stop = threading.Event()
    port = free_udp()

    def send():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            while not stop.wait(0.1):
                s.sendto(cfg2()[:-1], ("127.0.0.1", port))

    sender = threading.Thread(target=send)
    sender.start()
    status, out, _ = run("listen", f"udp:127.0.0.1:{port}", "--doctor",
                         "--json", "--timeout", "1s")
    stop.set()
    sender.join()
    document = json.loads(out)
    step = {s["step"]: s for s in document["steps"]}["cfg2"]
    check(status == 7 and step["verdict"] == "failed" and
          "FRAMESIZE is not the length" in " ".join(step["causes"]) and
          "another address" not in " ".join(step["causes"]) and
          "E-FRM-CRC-SHORT" in [f["code"] for f in document["findings"]],
          status, out)


def our_own():
    """simulate is well, by TCP, UDP and both; CFG-3 is its answer."""
    sim = Program("simulate", "--idcode", "7", "--listen", "tcp:127.0.0.1:0",
                  "--listen", "udp:127.0.0.1:0")
    tcp, udp = sim.port("tcp"), sim.port("udp")
    for spec in (f"tcp:127.0.0.1:{tcp}", f"udp:127.0.0.1:{udp}"):
        status, out, err = run("listen", spec, "--idcode", "7", "--doctor",
                               "--json")
        document = json.loads(out)
        steps = {s["step"]: s["verdict"] for s in document["steps"]}
        # The clock of the machine decides on the quality bits.
        check(steps.pop("quality") in ("ok", "warning"), steps)
        check(steps.pop("cfg2") == "not done", steps)
        check(status == 0 and set(steps.values()) == {"ok"} and
              document["findings"] == [], spec, status, out)
    status, out, _ = run("listen", f"tcp:127.0.0.1:{tcp}", "--idcode", "7",
                         "--doctor")
    check(status == 0 and "well: steps failed 0" in out, out)
    sim.end(15)


check(CISOID, "no program")
nobody_there()
datagrams_that_are_no_frames()
our_own()
broken_peers()
