#!/usr/bin/env python3
"""simulate --web: what the page asks for is sent, changed, stopped.

Frames are read by the tests' own decoder and compared with the formula of
cisoid-simulate(1): at whole multiples of 1 Hz an angle does not depend on which
second was t0. Tolerances are those of float32: half a unit of 24 bits of a
magnitude, and of an angle up to pi; twice that.
"""
import cmath
import math
import os
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from page_api import Page  # noqa: E402
from program import check, run  # noqa: E402
from synchro import (DATA_ON, SEND_CFG2, Config, Data,  # noqa: E402
                     angle_close, command, split)

RATE = 50
MAG = {"va": 118.5, "vb": 120.25, "vc": 121, "ia": 4.5, "ib": 5, "ic": 5.5}
DEG = {"va": 10, "vb": -112, "vc": 131, "ia": -20, "ib": -140, "ic": 100}
NAMES = list(MAG)


def signal_of(f=51, scale=1):
    """Keys of a signal that has every phase to itself."""
    keys = {k: v * scale for k, v in MAG.items()}
    keys.update({k + "_deg": v for k, v in DEG.items()})
    return {"f": f, **keys}


def request_of(port=0, f=51, scale=1, **scenario):
    """A request with a TCP server."""
    return {"scenario": {"rate": RATE, "signal": signal_of(f, scale),
                         **scenario},
            "listen": [f"tcp:127.0.0.1:{port}"]}


def port_of(state):
    """Of the first endpoint, as it was opened."""
    return int(state["endpoints"][0].rsplit(":", 1)[1])


class Client:
    """Has data on; keeps every frame in its order."""

    def __init__(self, port, idcode=1):
        self.sock = socket.create_connection(("127.0.0.1", port), 30)
        self.sock.settimeout(30)
        self.bytes = bytearray()
        self.frames = []
        for word in (SEND_CFG2, DATA_ON):
            self.sock.sendall(command(idcode, word))

    def read(self, n=1):
        """n more data frames; False when the connection ended."""
        want = self.count() + n
        while self.count() < want:
            part = self.sock.recv(65536)
            if not part:
                return False
            self.bytes += part
            self.frames += split(self.bytes)
        return True

    def read_since(self, since, n):
        """Until n data frames are of the seconds after this time (POSIX):
        what has not been read by then may be older."""
        while sum(f.kind == "data" and f.soc >= since
                  for f in self.frames) < n:
            if not self.read(1):
                return False
        return True

    def count(self):
        """Data frames so far."""
        return sum(f.kind == "data" for f in self.frames)

    def data(self):
        """(Config, Data) of each, read by the configuration before it."""
        found, cfg = [], None
        for frame in self.frames:
            check(frame.crc_ok, "CHK")
            if frame.kind == "cfg2":
                cfg = Config(frame)
            elif frame.kind == "data":
                found.append((cfg, Data(cfg, frame)))
        return found

    def close(self):
        self.sock.close()


def check_values(data, f, scale):
    """One frame says what was asked."""
    turns = (f - 50) * data.k / RATE
    for i, name in enumerate(NAMES):
        mag, got = MAG[name] * scale, data.phasors[i]
        check(abs(abs(got) - mag) <= mag * 2 ** -22, name, abs(got), mag)
        check(angle_close(cmath.phase(got), math.radians(DEG[name]) +
                          2 * math.pi * turns, 2 ** -21), name, got, data.k)
    check(abs(data.freq_hz - f) <= f * 2 ** -23, data.freq_hz, f)


def check_row(pairs):
    """No instant is missing or there twice."""
    at = [d.soc * RATE + d.k for _, d in pairs]
    check(at == list(range(at[0], at[0] + len(at))), "holes", at)


# ---- what is sent ----

def test_values(page):
    """Start, apply while frames flow, stop, start at the same port."""
    status, state = page.streamer("start", request_of())
    check(status == 200 and state["state"] == "RUNNING", status, state)
    port = port_of(state)
    client = Client(port)
    check(client.read(10))
    for _, data in client.data():
        check_values(data, 51, 1)
    test_apply(page, client)
    client.close()
    status, state = page.streamer("stop")
    check(status == 200 and state["state"] in ("STOPPING", "STOPPED"), state)
    status, state = page.streamer("start", request_of(port, 52))
    check(status == 200 and port_of(state) == port, status, state)
    again = Client(port)
    check(again.read(5))
    check_values(again.data()[-1][1], 52, 1)
    again.close()
    check(page.streamer("stop")[0] == 200)


def test_apply(page, client):
    """Another signal, then another configuration: nothing is lost."""
    before = len(client.data())
    status, state = page.streamer("apply", request_of(0, 53, 0.5))
    check(status == 200 and state["restarted"] is False, status, state)
    check(state["request"]["scenario"]["signal"]["f"] == 53, state)
    since = time.time()
    check(client.read_since(since, 20))
    pairs = client.data()
    check_row(pairs)
    news = [d for _, d in pairs[before:] if d.freq_hz > 52 or d.soc >= since]
    check(len(news) >= 20, "the change did not come", len(news))
    for data in news:
        check_values(data, 53, 0.5)
    cfgcnt = pairs[-1][0].cfgcnt
    check(cfgcnt == pairs[0][0].cfgcnt, "nothing was described anew")
    status, state = page.streamer("apply", request_of(0, 53, 0.5, analogs=1))
    check(status == 200 and state["restarted"] is False, status, state)
    check(client.read_since(time.time(), 2 * RATE))
    pairs = client.data()
    check_row(pairs)
    check(pairs[-1][0].n_analog == 1, "no new configuration came")
    check(pairs[-1][0].cfgcnt == cfgcnt + 1, "CFGCNT", pairs[-1][0].cfgcnt)
    check(any(d.stat & 0x400 for _, d in pairs), "STAT bit 10 was never set")
    check_values(pairs[-1][1], 53, 0.5)


def test_restart(page):
    """What cannot change while it runs is begun anew, and that is told."""
    status, state = page.streamer("start", request_of())
    port = port_of(state)
    body = request_of(port, 51, 1, idcode=9)
    status, state = page.streamer("apply", body)
    check(status == 200 and state["restarted"] is True, status, state)
    client = Client(port, 9)
    check(client.read(2))
    check(client.frames[-1].idcode == 9)
    ours = [c for c in page.ask("/api/streamer")[1]["clients"] if c["on"]]
    check(len(ours) == 1 and ours[0]["transport"] == "TCP", ours)
    words = [c["word"] for c in page.ask("/api/streamer")[1]["commands"]]
    check(words[-2:] == ["send CFG-2", "data on"], words)
    check(page.streamer("kick", {"id": ours[0]["id"]})[0] == 200)
    check(not client.read(1000), "a client that was kicked still gets frames")
    check(page.streamer("kick", {"id": ours[0]["id"]})[0] == 404)
    client.close()
    # An invalid one changes nothing.
    status, _ = page.streamer("apply", {"scenario": {"rate": -1}})
    check(status == 422, status)
    check(page.ask("/api/streamer")[1]["state"] == "RUNNING")
    check(page.streamer("stop")[0] == 200)


def test_order(page):
    """409 where it makes no sense now; 404 and 405 where it never does."""
    for what in ("stop", "apply", "kick"):
        body = {"id": 1} if what == "kick" else {}
        status, answer = page.streamer(what, body)
        check(status == 409 and answer["error"]["code"] == "E-RUN", what,
              status, answer)
    check(page.streamer("start", request_of())[0] == 200)
    check(page.streamer("start", request_of())[0] == 409)
    check(page.streamer("stop")[0] == 200)
    check(page.streamer("nothing")[0] == 404)
    check(page.ask("/api/streamer/start")[0] == 405)
    check(page.streamer("kick", {"id": "1"})[0] == 400)
    deadline = time.monotonic() + 30
    while page.ask("/api/streamer")[1]["state"] != "STOPPED":
        check(time.monotonic() < deadline, "it never stops")


def test_taken(page):
    """A port that is taken: which endpoint, and nothing runs."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        body = {"listen": ["tcp:127.0.0.1:0", f"tcp:127.0.0.1:{port}"]}
        status, answer = page.streamer("start", body)
        check(status == 422 and answer["error"]["code"] == "E-NET", answer)
        check(answer["error"]["field"] == "listen[1]", answer)
        check(page.ask("/api/streamer")[1]["state"] != "RUNNING")
        # What runs goes on where what is to follow it cannot be opened.
        status, state = page.streamer("start", request_of())
        kept = state["request"]["listen"] = [state["endpoints"][0]]
        check(page.streamer("apply", state["request"])[0] == 200)
        status, answer = page.streamer("apply", body)
        check(status == 422 and answer["error"]["field"] == "listen[1]", answer)
        state = page.ask("/api/streamer")[1]
        check(state["state"] == "RUNNING", state)
        check(state["endpoints"] == kept, state)
        check(state["request"]["listen"] == kept, state)
    check(page.streamer("stop")[0] == 200)


# ---- what the page shows ----

def shown(page, name, wanted):
    """The first that is wanted of the lists of an event."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for batch in page.events().get(name, []):
            for item in batch:
                if wanted(item):
                    return item
        time.sleep(0.1)
    return check(False, "never shown:", name, page.events())


def test_shown(page):
    """Frames of the first PMU, and what they say as reports."""
    body = request_of(0, 54, 0.25, count=3, idcode=20)
    status, state = page.streamer("start", body)
    check(status == 200, state)
    client = Client(port_of(state), 21)
    check(client.read(5))
    report = shown(page, "report", lambda r: abs(r["freq_hz"] - 54) < 1e-4)
    for i, name in enumerate(NAMES):
        mag = MAG[name] * 0.25
        check(abs(report["phasors"][i][0] - mag) <= mag * 2 ** -20, report)
    check("sim" in report["notes"], report)
    frame = shown(page, "frame", lambda f: f["type"] == "data" and
                  f["idcode"] == 20)
    check(frame["way"] == "out" and len(frame["hex"]) == 2 * frame["len"],
          frame)
    frame = shown(page, "frame", lambda f: f["type"] == "cmd" and
                  f["idcode"] == 21)
    check(frame["way"] == "in", frame)
    client.close()
    check(page.streamer("stop")[0] == 200)


def test_run():
    """Beside a measurement: it goes on, and its time is not touched."""
    page = Page("run", "--source", "mock:f=50", "--web", "127.0.0.1:0",
                "--listen", "tcp:127.0.0.1:0")
    shown(page, "report", lambda r: r["freq_hz"])
    for body, field in (({"scenario": {"events": [LEAP]}},
                         "scenario.events[0].type"),
                        ({"stream": ["udp:no.such.invalid:4713"]},
                         "stream[0]")):
        for what in ("check", "preview", "start"):
            status, answer = page.streamer(what, body)
            check(status == 422 and answer["error"]["field"] == field, answer)
    status, state = page.streamer("start", request_of(idcode=9))
    check(status == 200, state)
    deadline = time.monotonic() + 30
    while page.ask("/api/state")[1]["streamer"]["state"] != "RUNNING":
        check(time.monotonic() < deadline, "the state is not told")
    client = Client(port_of(state), 9)
    check(client.read(10))
    check_row(client.data())
    check_values(client.data()[-1][1], 51, 1)
    shown(page, "frame", lambda f: f["stream"] == "streamer")
    for batch in page.events().get("report", []):
        check(all(abs(r["freq_hz"] - 50) < 0.1 for r in batch), batch)
    client.close()
    check(page.program.end(signal.SIGTERM) == 0, page.program.stderr())
    check("lost_scans=0 overruns=0 lost_reports=0" in page.program.stderr(),
          page.program.stderr())


# ---- leap seconds ----

LEAP = {"type": "leap_second", "at": "2020-01-01T00:00:00Z"}


def soc_behind(page, events):
    """How far time stamps are behind the clock, whole seconds."""
    status, state = page.streamer("start", request_of(events=events))
    check(status == 200, state)
    client = Client(port_of(state))
    late = []
    for _ in range(2 * RATE):
        check(client.read())
        now = time.time()
        data = client.data()[-1][1]
        late.append(now - data.soc - data.k / RATE)
    # A frame may come late and none comes early: the least late one tells.
    behind = round(min(late))
    if not events:
        # What is looked at only is not in force.
        body = request_of(events=[LEAP])
        check(page.streamer("preview", body)[0] == 200)
        check(page.streamer("check", body)[0] == 200)
        check(client.read(5))
        check_row(client.data())
    client.close()
    check(page.streamer("stop")[0] == 200)
    return behind


def test_leap(page):
    """A rehearsal ends with the streamer that it was of."""
    check(soc_behind(page, []) == 0)
    check(soc_behind(page, [LEAP]) == 1)
    check(soc_behind(page, []) == 0)


# ---- presets, preview ----

def test_presets(page):
    """Those of --preset list; each is a scenario that could be sent."""
    status, listed = page.ask("/api/presets")
    names = [line.split()[0] for line in
             run("simulate", "--preset", "list")[1].splitlines()]
    check(status == 200 and [p["name"] for p in listed] == names, listed)
    for preset in listed:
        status, scenario = page.ask("/api/presets/" + preset["name"])
        check(status == 200 and scenario["title"] == preset["title"], preset)
        status, answer = page.streamer("preview", {"scenario": scenario})
        check(status == 200 and answer["frames"], preset, answer)
    check(page.ask("/api/presets/none")[0] == 404)


def test_preview(page):
    """Frames, sizes, phasors and errors by arithmetic."""
    body = request_of(0, 51, 1, count=20000, impair="loss=1%,crc=0.5%")
    status, answer = page.streamer("preview", body)
    frames = {f["type"]: f for f in answer["frames"]}
    check(status == 200 and sorted(frames) == ["cfg2", "data", "hdr"], answer)
    # Head 14, STAT 2, eight phasors of 8, FREQ and DFREQ 8, CHK 2.
    check(frames["data"]["len"] == 90, frames)
    check(len(frames["data"]["hex"]) == 180, frames)
    check(answer["bits_per_s_each"] == 90 * 8 * RATE, answer)
    check(answer["bits_per_s"] == 90 * 8 * RATE * 20000, answer)
    lost = answer["impair_per_min"]["lost"]
    check(abs(lost - 0.01 * 60 * RATE * 20000) < 1e-3, lost)
    raw = [bytes.fromhex(frames[k]["hex"]) for k in ("cfg2", "data")]
    cfg, data = split(bytearray(b"".join(raw)))
    check_values(Data(Config(cfg), data), 51, 1)
    for keys, percent in (({"err_pct": 1}, 1), ({"err_us": 100}, 100 * 2 *
                                                math.sin(math.pi * 50e-4))):
        body = {"scenario": {"signal": keys}}
        tve = page.streamer("preview", body)[1]["tve_percent"]
        # Eight float32, magnitude and angle: 2 x 2^-24, in percent.
        check(abs(tve - percent) < 100 * 2 ** -22, keys, tve, percent)
    body = {"scenario": {"rate": 33, "station": "A station of 16"},
            "stream": ["udp:127.0.0.1:713", "udp:127.0.0.1:713"]}
    text = " ".join(page.streamer("preview", body)[1]["warnings"])
    for word in ("rate 33", "port 713", "twice", "A station of 16"):
        check(word in text, word, text)


# ---- the command line ----

def test_command_line():
    """What it says runs already, is shown, and ends with its duration, which
    does not begin before a client has come."""
    page = Page("simulate", "--web", "127.0.0.1:0", "--f", "51", "--rate",
                "25", "--listen", "tcp:127.0.0.1:0", "--duration", "2s",
                "--station", "HERE-SIM", "--test-mode", "--preset", "ramp",
                "--pace", "max")
    state = page.ask("/api/streamer")[1]
    said = state["request"]
    check(state["state"] == "RUNNING", state)
    check(said["scenario"]["signal"]["f"] == 51, said)
    check(said["scenario"]["rate"] == 25 and said["test_mode"] is True, said)
    check(said["scenario"]["events"][0]["type"] == "ramp", said)
    check(said["listen"] == ["tcp:127.0.0.1:0"], said)
    check(said["duration"] == "2s", said)
    check(page.streamer("check", said)[0] == 200, "cannot be asked again")
    state = page.ask("/api/state")[1]
    check(state["station"] == "HERE-SIM" and state["rate"] == 25, state)
    client = Client(port_of(page.ask("/api/streamer")[1]))
    check(client.read(50), "frames")
    client.close()
    check(page.program.end() == 0, page.program.stderr())
    check("done: frames=50 " in page.program.stderr(), page.program.stderr())


def main():
    page = Page()
    # Also before it was told first.
    check(page.ask("/api/state")[0] == 200)
    state = page.ask("/api/streamer")[1]
    check(state["state"] == "STOPPED" and state["request"] is None, state)
    test_order(page)
    test_values(page)
    test_restart(page)
    test_taken(page)
    test_shown(page)
    test_leap(page)
    test_presets(page)
    test_preview(page)
    check(page.streamer("start", request_of())[0] == 200)
    check(page.program.end(signal.SIGTERM) == 0, page.program.stderr())
    test_command_line()
    test_run()


if __name__ == "__main__":
    main()
