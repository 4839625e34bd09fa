#!/usr/bin/env python3
"""The web server of the page, asked well and badly through raw sockets."""
import atexit
import http.client
import json
import os
import re
import resource
import select
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from beats import Beats  # noqa: E402

HOST = sys.argv[1]
WAIT_S = 60
BEATS = Beats()


class Server:
    """A web_host."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [HOST, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        self.url = self.process.stdout.readline().strip()
        match = re.match(r"http://(.*):(\d+)/(?:#token=(\w+))?$", self.url)
        if match:
            self.name = match.group(1)
            self.port = int(match.group(2))
            self.token = match.group(3)
            self.host = "localhost:%d" % self.port

    def connect(self, rcvbuf=None, source=None):
        s = socket.socket()
        if source:
            s.bind((source, 0))
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        s.settimeout(WAIT_S)
        s.connect(("127.0.0.1", self.port))
        return s

    def raw(self, data):
        """The first answer to these bytes."""
        with self.connect() as s:
            s.sendall(data)
            return answer(s, data.split(b" ")[0].decode("latin-1"))

    def get(self, path, method="GET", host=None, **headers):
        return self.raw(head(
            method, path, self.host if host is None else host, headers))

    def post(self, path, body=b"{}", host=None, **headers):
        headers = {"Content_Type": "application/json", "X_Cisoid": "1",
                   "Content_Length": str(len(body)), **headers}
        return self.raw(head(
            "POST", path, self.host if host is None else host, headers) + body)

    def stats(self):
        return json.loads(self.get("/api/timing")[2])

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(WAIT_S) == 0, self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()


def head(method, path, host, headers):
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: " + host]
    lines += ["%s: %s" % (name.replace("_", "-"), value)
              for name, value in headers.items() if value is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(s, method):
    response = http.client.HTTPResponse(s, method=method)
    response.begin()
    return response.status, response.headers, response.read()


class Reader:
    """Follows the events."""

    def __init__(self, server, path="/api/events", rcvbuf=None, source=None,
                 **headers):
        self.socket = server.connect(rcvbuf, source)
        self.socket.sendall(head("GET", path, server.host, headers))
        self.text = bytearray()
        self.ended = False

    def read_some(self):
        try:
            data = self.socket.recv(262144)
        except ConnectionError:
            data = b""
        self.ended |= not data
        self.text += data
        return data

    def has(self, words):
        """Near the end."""
        return self.text.find(words, max(0, len(self.text) - 400000)) >= 0

    def has_last(self, words):
        """These in its last event, and that is whole."""
        return self.has(words) and self.text.endswith(b"\n\n\r\n")

    def read_until(self, words):
        while not self.has_last(words) and not self.ended:
            self.read_some()
        assert self.has(words), self.text[-500:]

    def body(self):
        """Without the marks of the chunks."""
        out = bytearray()
        at = self.text.index(b"\r\n\r\n") + 4
        while True:
            end = self.text.find(b"\r\n", at)
            if end < 0:
                return out
            n = int(self.text[at:end], 16)
            out += self.text[end + 2:end + 2 + n]
            at = end + 2 + n + 2

    def events(self):
        """(id, name, data) of those that are whole."""
        found = re.finditer(rb"(?:id: (\S+)\n)?event: (\w+)\n"
                            rb"data: (.*?\}) *\n\n", self.body())
        return [(m.group(1) and m.group(1).decode(), m.group(2).decode(),
                 json.loads(m.group(3))) for m in found]


def publish(server, n, size):
    assert server.post("/api/publish", b"%d %d" % (n, size))[0] == 200


def wait_published(server):
    while True:
        stats = server.stats()
        if stats["left"] == 0:
            return stats
        time.sleep(0.05)


def check_answers(server):
    status, headers, body = server.get("/")
    assert status == 200 and len(body) == 20, (status, body)
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert server.get("/", If_None_Match='"1"')[0] == 304
    assert server.get("/index.html", "HEAD")[::2] == (200, b"")
    assert server.get("/api/state")[2] == b'{"a":22}'
    status, headers, body = server.get("/metrics")
    assert body == b"up 1\n" and "version=0.0.4" in headers["Content-Type"]
    assert server.get("/../etc/passwd")[0] == 404
    assert server.get("/%2e%2e/%00x")[0] in (400, 404)
    status, headers, body = server.post("/api/x", b'{"a":1}')
    said = json.loads(body)
    assert (status, said["method"], said["len"]) == (200, "POST", 7), body
    assert headers["Cache-Control"] == "no-store"
    assert server.get("/api/mute")[0] == 500
    assert json.loads(server.get("/api/x")[2])["len"] == 0


def check_refusals(server):
    port = server.port
    for host in ("evil.example:%d" % port, "localhost:", "10.0.0.1",
                 "localhost:%dx" % port, "127.0.0.1.evil:%d" % port,
                 "[::1", "", "192.168.1.1:%d" % port):
        assert server.get("/", host=host)[0] in (400, 403), host
        assert server.post("/api/x", host=host)[0] in (400, 403), host
    # A tunnel may have any port at its other end.
    for host in ("127.0.0.1:%d" % port, "[::1]:9000", "LocalHost", "127.9.9.9"):
        assert server.get("/api/state", host=host)[0] == 200
        assert server.post("/api/x", host=host,
                           Origin="http://" + host)[0] == 200
    assert server.raw(b"GET / HTTP/1.1\r\n\r\n")[0] == 400
    assert server.raw(b"GET / HTTP/1.1\r\nHost: localhost:%d\r\n"
                      b"Host: evil\r\n\r\n" % port)[0] == 400
    own = "http://" + server.host
    assert server.post("/api/x", Origin=own, X_Cisoid=None)[0] == 200
    assert server.post("/api/x", Origin="https://" + server.host)[0] == 200
    for origin in ("http://evil.example", "null", "ftp://" + server.host,
                   own + "0", "http://127.0.0.1:%d" % port, ""):
        assert server.post("/api/x", Origin=origin)[0] == 403, origin
        assert server.get("/api/events", Origin=origin)[0] == 403, origin
    assert server.post("/api/x", X_Cisoid=None)[0] == 403
    assert server.post("/api/x", Sec_Fetch_Site="cross-site")[0] == 403
    for kind in ("text/plain", "application/jsonp", None,
                 "application/x-www-form-urlencoded"):
        assert server.post("/api/x", Content_Type=kind)[0] == 415, kind
    assert server.post("/")[0] == 405
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "BREW"):
        status, headers, _ = server.get("/api/x", method)
        assert status == 405 and "GET" in headers["Allow"], method
        assert "Access-Control-Allow-Origin" not in headers


def check_sizes(server):
    for size, status in ((1 << 20, 200), ((1 << 20) + 1, 413),
                         (2 << 20, 413)):
        got, _, body = server.post("/api/x", b" " * size)
        assert got == status, (size, got)
        assert status != 200 or json.loads(body)["strlen"] == size
    assert server.post("/api/x", b"", Content_Length="99999999999")[0] == 413
    assert server.post("/api/x", b"", Content_Length="2000000",
                       Expect="100-continue")[0] == 413
    # In chunks, without a length.
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    for n, status in ((2, 200), (32, 413)):
        data = head("POST", "/api/x", server.host, {
            "Content-Type": "application/json", "X-Cisoid": "1",
            "Transfer-Encoding": "chunked"}) + n * chunk + b"0\r\n\r\n"
        assert server.raw(data)[0] == status
    assert server.get("/", X="y" * 7000)[0] == 200
    assert server.get("/", X="y" * 9000)[0] == 431
    for data in (b"GET / HTTP/1.1\r\nX: " + b"y" * 200000,
                 b"GET\r\n\r\n",
                 b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"):
        try:
            assert server.raw(data)[0] >= 400
        except (OSError, http.client.HTTPException):
            pass  # closed without a word
    assert server.get("/" + "a" * 4000)[0] == 414
    assert server.get("/api/state")[0] == 200


def check_pipelined(server):
    """Answers come in the order of the questions, calls among them."""
    one = head("POST", "/api/x", server.host, {
        "Content-Type": "application/json", "X-Cisoid": "1",
        "Content-Length": "3"})
    two = head("GET", "/api/state", server.host, {})
    with server.connect() as s:
        s.sendall(10 * (one + b"[1]" + two))
        whole = s.makefile("rb")
        for i in range(20):
            status = whole.readline().split()[1]
            length = 0
            for line in iter(whole.readline, b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            said = json.loads(whole.read(length))
            assert status == b"200" and ("a" in said) == bool(i % 2), (i, said)


def check_events(server):
    reader = Reader(server)
    reader.read_until(b':\nretry: 1000\n\n')
    reader.read_until(b'{"f": 1}')
    publish(server, 5, 100)
    reader.read_until(b'"i":4')
    events = reader.events()
    assert [e[1:] for e in events[:2]] == [("state", {"s": 22}),
                                           ("frame", {"f": 1})], events
    assert [e[2] for e in events[2:]] == [{"i": i} for i in range(5)], events
    assert {e[1] for e in events[2:]} == {"report"}
    # Who has seen all greetings goes on behind them; before, it is new.
    assert events[0][0] is None and events[1][0].endswith("-0"), events
    for last, n in ((events[1][0], 5), (events[3][0], 3)):
        again = Reader(server, Last_Event_ID=last)
        again.read_until(b'"i":4')
        assert again.events() == events[7 - n:], (last, again.events())
        again.socket.close()
    # Of no, another or a strange process: a newcomer, with the last 10 s.
    last = events[3][0]
    for strange in (None, "00000000-7", "x", "-", last + "9999999999999999"):
        again = Reader(server, Last_Event_ID=strange)
        again.read_until(b'"i":4')
        assert again.events() == events, (strange, again.events())
        again.socket.close()
    check_polls(server, events)
    reader.socket.close()


def check_polls(server, events):
    """What there is and no more, at once; then what came since."""
    start = BEATS.now()
    status, _, body = server.get("/api/events?once=1")
    assert status == 200 and body.count(b"event: ") == 7, body
    body = server.get("/api/events?once=1", Last_Event_ID=events[3][0])[2]
    assert body.count(b"event: report") == 3, body
    body = server.get("/api/events?once=1", Last_Event_ID=events[-1][0])[2]
    assert b"event:" not in body, body
    assert BEATS.now() - start < 1, "a poll waits"


def check_heartbeat(server):
    """Never silent for two seconds; a process may be kept for a third."""
    reader = Reader(server, Last_Event_ID="x")
    reader.read_until(b'"i":4')
    last, n = BEATS.now(), len(reader.text)
    for _ in range(3):
        while len(reader.text) == n:
            reader.read_some()
        assert reader.text.endswith(b":\n\n\r\n"), reader.text[-100:]
        assert BEATS.now() - last < 3, "silence"
        last, n = BEATS.now(), len(reader.text)
    reader.socket.close()


def check_age():
    """What is older than 10 s a newcomer does not get."""
    server = Server()
    publish(server, 1, 100)
    wait_published(server)
    deadline = time.monotonic() + WAIT_S
    while b"report" in server.get("/api/events?once=1")[2]:
        assert time.monotonic() < deadline, "old reports"
        time.sleep(0.5)
    assert b"state" in server.get("/api/events?once=1")[2]
    server.end()


def check_crowd():
    """20 read and 5 stand still: nobody waits, and who missed is told."""
    server = Server()
    stopped = [Reader(server, rcvbuf=4096) for _ in range(5)]
    readers = [Reader(server) for _ in range(20)]
    for r in readers + stopped:
        r.read_until(b"retry: 1000")
    n = 150
    publish(server, n, 60000)
    waiting = {r.socket: r for r in readers}
    while waiting:
        ready = select.select(list(waiting), [], [], WAIT_S)[0]
        assert ready, "nothing comes"
        for s in ready:
            waiting[s].read_some()
            assert not waiting[s].ended
            if waiting[s].has_last(b'"i":%d}' % (n - 1)):
                del waiting[s]
    stats = wait_published(server)
    # Five that stand still would hold every event that finds no room; a machine
    # that does, the one that it is at.
    assert stats["n_long"] < n / 10, stats
    print("longest publish %.0f us" % (stats["longest_ns"] / 1e3))
    for r in readers:
        got, missed = count(r.events())
        assert got + missed == n, (got, missed)
    check_late(server, stopped[0], n)
    for r in readers + stopped:
        r.socket.close()
    server.end()


def count(events):
    return (sum(e[1] == "report" for e in events),
            sum(e[2]["n"] for e in events if e[1] == "skipped"))


def check_late(server, late, n):
    """Who stood still finds out what is gone; also when sent away for it."""
    while not late.has_last(b'"i":%d}' % (n - 1)) and not late.ended:
        late.read_some()
    got, missed = count(late.events())
    if late.ended:
        last = [e[0] for e in late.events() if e[0]][-1]
        again = Reader(server, Last_Event_ID=last)
        again.read_until(b'"i":%d}' % (n - 1))
        more, skipped = count(again.events())
        got, missed = got + more, missed + skipped
        again.socket.close()
    assert missed > 0 and got + missed == n, (got, missed)
    print("one that stood still got %d, missed %d" % (got, missed))


def wait_empty(server):
    """Until nobody follows; who left is found out by the next event."""
    deadline = time.monotonic() + WAIT_S
    while server.stats()["readers"] > 0:
        publish(server, 1, 100)
        assert time.monotonic() < deadline, "readers that left are kept"


def check_places(server):
    """32 of a host follow, 64 of all; who leaves makes room."""
    wait_empty(server)
    readers = [Reader(server) for _ in range(32)]
    for r in readers:
        r.read_until(b"retry: 1000")
    status, headers, _ = server.get("/api/events")
    assert status == 503 and headers["Retry-After"], status
    others = [Reader(server, source="127.0.0.2") for _ in range(32)]
    for r in others:
        r.read_until(b"retry: 1000")
    third = Reader(server, source="127.0.0.3")
    while not third.has(b"E-WEB"):
        assert third.read_some()
    assert b" 503 " in third.text
    for r in readers + others + [third]:
        r.socket.close()
    # Without an event as well: who is turned away has them looked after.
    deadline = time.monotonic() + WAIT_S
    while server.get("/api/events?once=1")[0] == 503:
        assert time.monotonic() < deadline, "readers that left are kept"
    wait_empty(server)


def hold(server, n, source):
    """n connections that ask half a question."""
    held = []
    for _ in range(n):
        try:
            s = server.connect(source=source)
            held.append(s)
            s.sendall(b"GET / HTTP/1.1\r\nX: ")
        except OSError:
            pass  # cut already
    return held


def open_of(sockets):
    """How many of these the server has not closed."""
    closed = 0
    for s in sockets:
        s.setblocking(False)
        try:
            closed += s.recv(100) == b""
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    return len(sockets) - closed


def check_flood():
    """Half of 10 000 connections from one host, half from others: who asks is
    answered, who follows goes on following."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    n = min(5000, hard // 2 - 200)
    server = Server()
    reader = Reader(server)
    reader.read_until(b"retry: 1000")
    held = hold(server, n, "127.0.0.2")
    assert server.get("/api/state")[0] == 200
    for s in held[:n // 2]:
        s.close()
    deadline = time.monotonic() + WAIT_S
    while open_of(held[n // 2:]) > 64:
        assert time.monotonic() < deadline, "a host holds too many"
    # Many hosts; and he himself, who asks at once, is answered.
    for i in range(3, 13):
        held += hold(server, n // 10, "127.0.0.%d" % i)
        start = BEATS.now()
        for source in (None, "127.0.0.2"):
            with server.connect(source=source) as s:
                s.sendall(head("GET", "/api/state", server.host, {}))
                assert answer(s, "GET")[0] == 200
        assert BEATS.now() - start < 5, "a flood locks others out"
    publish(server, 1, 100)
    reader.read_until(b'"i":0')
    assert server.stats()["connections"] <= 256
    for s in held:
        s.close()
    reader.socket.close()
    server.end()


def check_slow(server, slow):
    """Whoever never comes to the end of its head is sent away, and nonsense."""
    end = time.monotonic() + WAIT_S
    left = list(slow)
    while left:
        assert time.monotonic() < end, "slow heads are waited for"
        for s in list(left):
            try:
                s.sendall(b"X")
            except OSError:
                left.remove(s)
        time.sleep(0.5)
    assert server.get("/api/state")[0] == 200


def check_token():
    server = Server("0.0.0.0:0")
    assert server.token, server.url
    host = "%s:%d" % (server.name, server.port)
    own = {"Authorization": "Bearer " + server.token}
    assert server.get("/")[0] == 200
    assert server.get("/", host=host)[0] == 200
    assert server.get("/api/state")[0] == 401
    assert server.get("/", host="10.1.2.3:%d" % server.port)[0] == 200
    assert server.get("/", host="evil:%d" % server.port)[0] == 403
    for path in ("/api/state", "/metrics", "/api/events", "/api/x"):
        assert server.get(path)[0] == 401, path
        assert server.get(path, Authorization="Bearer x")[0] == 401
    assert server.get("/api/state?token=" + server.token)[0] == 401
    assert server.get("/api/state", **own)[0] == 200
    assert server.post("/api/x")[0] == 401
    assert server.post("/api/x", **own)[0] == 200
    events = "/api/events?once=1&token="
    assert server.get(events + server.token)[0] == 200
    assert server.get(events + "0" * 32)[0] == 401
    server.end()


def check_names():
    """A proxy of this computer asks by a name; its users need the token."""
    server = Server("127.0.0.1:0", "given", "pmu.lab", "other.lab")
    assert server.token, server.url
    own = {"Authorization": "Bearer " + server.token}
    assert server.get("/api/state")[0] == 200
    assert server.get("/", host="pmu.lab")[0] == 200
    assert server.get("/", host="lab")[0] == 403
    for host in ("pmu.lab", "other.lab:8443"):
        assert server.get("/api/state", host=host)[0] == 401
        assert server.get("/api/state", host=host, **own)[0] == 200
        assert server.post("/api/x", host=host, Origin="https://" + host,
                           **own)[0] == 200
        assert server.post("/api/x", host=host, Origin="https://pmu.evil",
                           **own)[0] == 403
    server.end()


def check_ports(server):
    """A port in use: the next one, or none when it was given."""
    taken = "127.0.0.1:%d" % server.port
    other = Server(taken)
    assert server.port < other.port < server.port + 20
    other.end()
    refused = Server(taken, "given")
    assert "in use" in refused.url, refused.url
    assert refused.process.wait(WAIT_S) == 1
    for bad in ("", "x", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:0,ttl=3"):
        refused = Server(bad)
        assert refused.process.wait(WAIT_S) == 1, bad
        assert refused.url and "http" not in refused.url, refused.url


def check_end():
    """It ends whoever is connected and whatever they wait for."""
    server = Server()
    reader = Reader(server)
    reader.read_until(b"retry: 1000")
    stuck = Reader(server, rcvbuf=4096)
    idle = server.connect()
    half = server.connect()
    half.sendall(b"POST /api/x HTTP/1.1\r\n")
    publish(server, 3, 60000)
    wait_published(server)
    server.end()
    while not reader.ended:
        reader.read_some()
    for s in (stuck.socket, idle, half):
        s.close()


def main():
    server = Server()
    slow = [server.connect() for _ in range(3)]
    for s in slow:
        s.sendall(b"GET / HTTP/1.1\r\nX: ")
    slow.append(server.connect())
    slow[-1].sendall(b"\0\xff" * 1000 + b"\r\n\r\n")
    check_answers(server)
    check_refusals(server)
    check_sizes(server)
    check_pipelined(server)
    check_events(server)
    check_heartbeat(server)
    check_crowd()
    check_places(server)
    check_flood()
    check_token()
    check_names()
    check_age()
    check_ports(server)
    check_end()
    check_slow(server, slow)
    server.end()


if __name__ == "__main__":
    main()
