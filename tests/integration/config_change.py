#!/usr/bin/env python3
"""SIGHUP changes the configuration of a running stream; nobody reconnects.

C37.118.2-2011, table 7: bit 10 of STAT announces a change, and the first frame
without it is of the new configuration; C37.118-2005: bit 10 for some time after.
"""
import csv
import os
import shutil
import signal
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tshark  # noqa: E402
from program import Program, check, run  # noqa: E402
from synchro import (DATA_ON, SEND_CFG2, Config, Data,  # noqa: E402
                     command, split)

CONF = """
[bench]
name = {name}
[daq]
driver = mock
signal = f=50.1
[reference]
profile = ls7
rates = {rate}
[stream.main]
listen = tcp:127.0.0.1:0
idcode = {idcode}
format = {format}
time_base = {time_base}
c37 = {c37}
change = {change}
"""
BASIC = {"name": "ALPHA-SIM", "rate": 50, "idcode": 7, "format": "polar,float",
         "time_base": 1000000, "c37": 2011, "change": "1 s"}


def write(path, **changes):
    with open(path, "w", encoding="utf-8") as f:
        f.write(CONF.format(**{**BASIC, **changes}))


class Client:
    """A connection of our own, read frame by frame."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), 60)
        self.sock.settimeout(60)
        self.stream = bytearray()
        self.frames = []
        self.cfg = None
        self.sock.sendall(command(7, SEND_CFG2) + command(7, DATA_ON))

    def next(self):
        while not self.frames:
            got = self.sock.recv(65536)
            check(got, "the server hung up")
            self.stream += got
            self.frames = split(self.stream)
        frame = self.frames.pop(0)
        check(frame.crc_ok, "CRC")
        if frame.kind == "cfg2":
            self.cfg = Config(frame)
        return frame

    def data(self):
        """The next data frame, by the configuration that came before it."""
        while True:
            frame = self.next()
            if frame.kind == "data":
                return Data(self.cfg, frame)

    def until(self, station, limit=50000):
        """Data frames until the configuration of that station has come."""
        frames = []
        while self.cfg is None or self.cfg.station != station:
            frame = self.next()
            if frame.kind == "data":
                frames.append(Data(self.old, frame))
            check(len(frames) < limit, "no change to", station)
        return frames


def in_step(frames, rate=50):
    at = [d.soc * rate + d.k for d in frames]
    check(at == list(range(at[0], at[0] + len(at))), "a gap")


def check_change(server, conf):
    client = Client(server.port())
    before = [client.data() for _ in range(20)]
    check(all(not d.stat & 0x400 for d in before), "bit 10 without a change")
    client.old = client.cfg
    check(client.old.cfgcnt == 0, "CFGCNT")
    write(conf, name="BETA-SIM", format="rect,int", time_base=16777215)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("change announced .*in=1 s")
    frames = before + client.until("BETA-SIM")
    told = [bool(d.stat & 0x400) for d in frames]
    check(sum(told) == 50 and all(told[-50:]), "bit 10 in", sum(told))
    check(client.cfg.cfgcnt == 1 and client.cfg.format == 0 and
          client.cfg.time_base == 16777215, "the new configuration")
    after = [client.data() for _ in range(60)]
    check(all(not d.stat & 0x400 for d in after), "bit 10 afterwards")
    in_step(frames + after)
    # int16: half a bit of PHUNIT and of the angle; 120 V.
    check(all(abs(abs(d.phasors[0]) - 120) < 0.01 for d in after), "120 V")
    client.sock.close()


def check_2005(server, conf):
    client = Client(server.port())
    client.data()
    client.old = client.cfg
    write(conf, name="GAMMA-SIM", c37=2005, change="1 s")
    server.process.send_signal(signal.SIGHUP)
    frames = client.until("GAMMA-SIM")
    check(all(not d.stat & 0x400 for d in frames), "2005 tells nothing before")
    after = [client.data() for _ in range(80)]
    check([bool(d.stat & 0x400) for d in after] == [True] * 50 + [False] * 30,
          "2005 tells it afterwards")
    check(all(d.stat & 0x1C0 == 0 for d in after), "2005 has no PMU_TQ")
    in_step(frames + after)
    client.sock.close()


def check_refusals(server, conf):
    write(conf, name="DELTA-SIM", change="never")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("stays as it was")
    write(conf, name="GAMMA-SIM", c37=2005, rate=25)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for(r"\[reference\]: takes effect at the next start")
    server.wait_for("stream as it was")
    write(conf, idcode=8)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("IDCODE 7 cannot become 8")
    os.unlink(conf)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("No such file")


def check_listen(folder, conf, cfg):
    """Our own client follows: one CSV, one capture, no frame unread."""
    name = folder + "/cfg%d" % cfg
    write(conf)
    server = Program("run", "-C", conf)
    listener = Program("listen", f"tcp:127.0.0.1:{server.port()}", "--idcode",
                       "7", "--csv", name + ".csv", "--pcap",
                       name + ".pcap", "--duration", "4s", "--cfg", str(cfg))
    listener.wait_for("station")
    write(conf, name="BETA-SIM", format="rect,int")
    server.process.send_signal(signal.SIGHUP)
    check(listener.end() == 0, listener.stderr())
    check(server.end(signal.SIGTERM) == 0, server.stderr())
    for word in ("gaps=0", "duplicates=0", "crc_errors=0", "unread=0"):
        check(word in listener.stderr(), listener.stderr())
    with open(name + ".csv", newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    check(len(rows) == 200, len(rows), "rows")
    check(all(abs(float(r["VA_rms"]) - 120) < 0.01 and
              abs(float(r["freq_hz"]) - 50.1) < 1e-3 for r in rows), "values")
    stations = [pmu["station"] for frame in tshark.decode(name + ".pcap")
                if frame["type"] == "cfg%d" % cfg for pmu in frame["pmus"]]
    check(stations[0] == "ALPHA-SIM" and stations[-1] == "BETA-SIM", stations)
    if shutil.which("tshark") and cfg == 2:
        counts = tshark.same(tshark.decode(name + ".pcap"),
                             tshark.read(name + ".pcap"), "capture")
        check(counts["data"] >= 200, counts)


with tempfile.TemporaryDirectory() as tmp:
    path = tmp + "/pmu.conf"
    write(path)
    pmu = Program("run", "-C", path)
    check_change(pmu, path)
    check_2005(pmu, path)
    check_refusals(pmu, path)
    check(pmu.end(signal.SIGTERM) == 0, pmu.stderr())
    check_listen(tmp, path, 2)
    check_listen(tmp, path, 3)
