#!/usr/bin/env python3
"""What browsers cost the frames: web.py [options], prints JSON.

One `cisoid run` of the mock serves its page and sends frames by UDP. By turns
in that one run, nobody looks on, and then READERS browsers do (the event stream,
the waveform twice a second) while STOPPED more have asked for events and read
nothing. A frame is late by the time from its time stamp to when the system took
it from the program (SO_TIMESTAMPNS: the receiver's own delays are not in it);
half a window of samples and what the mock takes belong to that, in both turns
alike. The browsers run at the lowest priority, as theirs is another computer in
life, but there is one here.

Exit status 0: no frame was lost, and with browsers the 99th percentile is at most
a tenth of a report period more than without. Others that use the processors are in
these figures; chrt -r 5 leaves them out, and the browsers are not part of that.
"""
import argparse
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from program import Program  # noqa: E402

SO_TIMESTAMPNS = 35  # of Linux
DATA, CFG2 = 0, 3    # kinds of frames in SYNC
STOPPED_RCVBUF = 4096  # bytes that a browser which reads nothing takes


# ---- browsers ----

class Browser:
    """Reads events for ever, and asks for the waveform now and then."""

    def __init__(self, host):
        self.host = host
        self.events = connect(host)
        ask(self.events, host, "/api/events", "text/event-stream")
        self.asks = None
        self.got = self.skipped = self.curves = 0
        self.tail = b""

    def take(self, data):
        """Counts the messages in what has come."""
        lines = (self.tail + data).split(b"\n")
        self.tail = lines.pop()
        for line in lines:
            self.got += line.startswith(b"data:")
            self.skipped += line.strip() == b"event: skipped"

    def ask_waveform(self):
        """Asks again, on a connection that is kept."""
        if self.asks is None:
            self.asks = connect(self.host)
        ask(self.asks, self.host, "/api/waveform", "application/json")


def connect(host, rcvbuf=0):
    """A connection to HOST:PORT."""
    name, port = host.rsplit(":", 1)
    sock = socket.socket()
    if rcvbuf:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    sock.connect((name, int(port)))
    return sock


def ask(sock, host, path, kind):
    """Sends one request."""
    sock.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: {kind}\r\n"
                  "\r\n").encode())


def pump(browsers, every_s):
    """Reads what comes, and asks for curves, until standard input ends."""
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN | select.POLLHUP)
    owner, next_s = {}, {}
    for i, b in enumerate(browsers):
        poll.register(b.events, select.POLLIN)
        owner[b.events.fileno()] = b
        next_s[b] = time.monotonic() + every_s * i / len(browsers)
    while True:
        for fd, _ in poll.poll(20):
            if fd == sys.stdin.fileno():
                return
            b = owner[fd]
            if fd == b.events.fileno():
                data = b.events.recv(1 << 16)
                b.take(data)
            else:
                data = b.asks.recv(1 << 18)
                b.curves += data.count(b"HTTP/1.1 200")
            if not data:
                sys.exit("a browser was disconnected")
        now_s = time.monotonic()
        for b in [b for b in browsers if next_s[b] <= now_s]:
            next_s[b] += every_s
            b.ask_waveform()
            if b.asks.fileno() not in owner:
                owner[b.asks.fileno()] = b
                poll.register(b.asks, select.POLLIN)


def browse(host, args):
    """A process of its own: connects when told so, ends with standard input."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(19)
    print("ready", flush=True)
    sys.stdin.readline()
    stopped = [connect(host, STOPPED_RCVBUF) for _ in range(args.stopped)]
    for sock in stopped:
        ask(sock, host, "/api/events", "text/event-stream")
    browsers = [Browser(host) for _ in range(args.readers)]
    pump(browsers, 1 / args.curves if args.curves else 1e9)
    print(json.dumps({
        "messages_each": [min((b.got for b in browsers), default=0),
                          max((b.got for b in browsers), default=0)],
        "skipped": sum(b.skipped for b in browsers),
        "curves": sum(b.curves for b in browsers)}), flush=True)


# ---- frames ----

class Frames(threading.Thread):
    """(time of arrival, lateness, time stamp) of each data frame, in ns."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.port = self.socket.getsockname()[1]
        self.time_base = None
        self.got = []

    def run(self):
        while True:
            frame, more, _, _ = self.socket.recvmsg(65536, 128)
            kind = frame[1] >> 4 & 7
            if kind == CFG2:
                self.time_base = struct.unpack_from(">I", frame, 14)[0]
            elif kind == DATA and self.time_base and more:
                self.note(frame, struct.unpack("=qq", more[0][2][:16]))

    def note(self, frame, came):
        """Keeps the times of one."""
        soc, fracsec = struct.unpack_from(">II", frame, 6)
        said_ns = soc * 10**9 + (fracsec & 0xFFFFFF) * 10**9 // self.time_base
        came_ns = came[0] * 10**9 + came[1]
        self.got.append((came_ns, came_ns - said_ns, said_ns))

    def lost(self, period_ns):
        """Instants of which no frame came, of those between two that did."""
        said = [g[2] for g in self.got]
        return sum(round((b - a) / period_ns) - 1
                   for a, b in zip(said, said[1:]))

    def late_ns(self, turns):
        """Of the frames that came in these turns, in order."""
        return sorted(late for came, late, _ in self.got
                      if any(a <= came < b for a, b in turns))


def figures(late_ns):
    """Percentiles in ms."""
    def at(share):
        return round(late_ns[min(int(share * len(late_ns)),
                                 len(late_ns) - 1)] / 1e6, 3)

    return {"frames": len(late_ns), "min": at(0), "p50": at(.5), "p99": at(.99),
            "max": at(1)}


# ---- the bench ----

def turn(seconds):
    """Waits. Returns when it began and ended."""
    began_ns = time.time_ns()
    time.sleep(seconds)
    return began_ns, time.time_ns()


def turn_with(host, args):
    """The same while browsers look on, from their arrival to their end."""
    load = subprocess.Popen([sys.executable, __file__, "--browse", host,
                             "--readers", str(args.readers), "--stopped",
                             str(args.stopped), "--curves",
                             str(args.curves)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    load.stdout.readline()
    load.stdin.write("go\n")
    load.stdin.flush()
    times = turn(args.seconds)
    with urllib.request.urlopen(f"http://{host}/api/state") as answer:
        state = json.load(answer)
    out, _ = load.communicate()
    if load.returncode:
        sys.exit("the browsers failed")
    seen = json.loads(out)
    seen["readers"] = state.get("readers")
    return times, seen


def cpu_s(pid):
    """What a process has used of the processors."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(args):
    """Alternates the turns and prints what came out."""
    frames = Frames()
    program = Program("run", "--source", "mock", "--rate", str(args.rate),
                      "--stream", f"udp:127.0.0.1:{frames.port}",
                      "--web", "127.0.0.1:0")
    host = program.wait_for(r"page: http://([^/\s]+)")[1]
    frames.start()
    while len(frames.got) < args.rate:
        time.sleep(0.1)
    alone, watched, seen, used = [], [], [], [0.0, 0.0]
    for _ in range(args.rounds):
        pid, before = program.process.pid, cpu_s(program.process.pid)
        alone.append(turn(args.seconds))
        between = cpu_s(pid)
        times, what = turn_with(host, args)
        watched.append(times)
        seen.append(what)
        used[0] += between - before
        used[1] += cpu_s(pid) - between
        time.sleep(0.5)
    lost = frames.lost(1e9 / args.rate)
    program.end(15)
    without = figures(frames.late_ns(alone))
    with_them = figures(frames.late_ns(watched))
    ok = lost == 0 and with_them["p99"] - without["p99"] <= 100 / args.rate
    total_s = args.rounds * args.seconds
    print(json.dumps({"web": {
        "rate": args.rate, "readers": args.readers, "stopped": args.stopped,
        "turns": args.rounds, "seconds_each": args.seconds, "lost": lost,
        "late_ms_without": without, "late_ms_with": with_them,
        "cpu_pct_without": round(100 * used[0] / total_s, 1),
        "cpu_pct_with": round(100 * used[1] / total_s, 1),
        "browsers": seen, "ok": ok}}))
    return 0 if ok else 1


def main():
    """Reads the options."""
    ap = argparse.ArgumentParser()
    ap.add_argument("--readers", type=int, default=20)
    ap.add_argument("--stopped", type=int, default=5)
    ap.add_argument("--rounds", type=int, default=4)
    ap.add_argument("--seconds", type=float, default=5)
    ap.add_argument("--rate", type=int, default=50)
    ap.add_argument("--curves", type=float, default=2,
                    help="a second and browser")
    ap.add_argument("--browse", help=argparse.SUPPRESS)
    args = ap.parse_args()
    if args.browse:
        browse(args.browse, args)
        return 0
    return run(args)


sys.exit(main())
