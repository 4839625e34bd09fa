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
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from late_frames import Frames, figures  # noqa: E402
from program import Program  # noqa: E402

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
