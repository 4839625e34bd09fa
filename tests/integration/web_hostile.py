#!/usr/bin/env python3
"""A page that is asked badly from all sides, while a PDC gets its frames.

The server's own limits are those of web_server.py, bad requests of the streamer
those of simulate_page_errors.py; here the program that measures goes on meanwhile.
"""
import http.client
import json
import os
import random
import signal
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from packets import command  # noqa: E402
from page import read  # noqa: E402
from program import Program, check  # noqa: E402

RATE = 50
WAIT_S = 60
JSON = {"Content-Type": "application/json", "X-Cisoid": "1"}
CALLS = ["check", "preview", "start", "apply", "stop", "kick"]
SIGNS = b"\x00\r\n :/?#%{}[]\"\\AGET POST HTTP/1.1 Host Content-Length 0123456789\xff"


class Pdc:
    """Takes frames by TCP in a thread; the instants of the data frames."""

    def __init__(self, port):
        self.instants = []
        self.news = threading.Condition()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(command(1, 2))
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        stream = self.socket.makefile("rb")
        while True:
            head = stream.read(4)
            if len(head) < 4:
                return
            sync, size = struct.unpack(">HH", head)
            rest = stream.read(size - 4)
            if sync >> 4 & 7 == 0:
                soc, frac = struct.unpack(">II", rest[2:10])
                with self.news:
                    self.instants.append(soc * RATE + round(
                        (frac & 0xFFFFFF) * RATE / 1e6))
                    self.news.notify_all()

    def wait(self, more):
        """Until so many frames have come from now on."""
        with self.news:
            n = len(self.instants) + more
            check(self.news.wait_for(lambda: len(self.instants) >= n, WAIT_S),
                  "no frames come")


class Page:
    def __init__(self, url):
        self.url = url
        self.host = url.split("//")[1].rstrip("/")

    def ask(self, method, path, body=None, headers=None):
        """(status, body); status 0 where it closed without a word."""
        connection = http.client.HTTPConnection(self.host, timeout=WAIT_S)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def raw(self, data):
        """Sends it and leaves, whatever would be said to that."""
        try:
            with socket.create_connection(self.host.split(":"),
                                          timeout=WAIT_S) as s:
                s.sendall(data)
        except ConnectionError:
            pass  # one of too many at once: cut already


def test_methods(page):
    """Paths that there are, and methods that they do not take."""
    for path in ("/", "/api/state", "/api/events", "/api/waveform",
                 "/api/presets", "/api/streamer", "/metrics"):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE",
                       "CONNECT", "BREW"):
            status, _ = page.ask(method, path)
            check(status in (405, 400), method, path, status)
        status, _ = page.ask("POST", path, b"{}", JSON)
        check(status in (404, 405), "POST", path, status)
    for call in CALLS:
        status, _ = page.ask("GET", "/api/streamer/" + call)
        check(status in (404, 405), "GET", call, status)
    for path in ("/api", "/api/", "/api/x", "/api/presets/../state",
                 "/api/presets/%2e%2e%2fstate", "/api/presets/" + "x" * 100,
                 "/..//etc/passwd", "/js/", "/js/app.js/x", "//", "/\\"):
        status, body = page.ask("GET", path)
        check(status in (400, 404), path, status)
        check(b"root:" not in body, path)
    status, _ = page.ask("GET", "/api/presets/" + "x" * 4000)
    check(status == 414, "a long path", status)


def test_origins(page):
    """No page of another origin starts anything, or reads."""
    own = "http://" + page.host
    port = page.host.split(":")[1]
    for origin in ("http://evil.example", "null", "https://evil.example:" +
                   port, "file://", own + ".evil", own + "0", "", "*",
                   "http://127.0.0.1:" + port + "@evil"):
        for call in CALLS:
            status, _ = page.ask("POST", "/api/streamer/" + call, b"{}",
                                 dict(JSON, Origin=origin))
            check(status == 403, origin, call, status)
        status, _ = page.ask("GET", "/api/events?once=1", None,
                             {"Origin": origin})
        check(status == 403, origin, status)
    for host in ("evil.example", "evil.example:" + port, "169.254.169.254",
                 "localhost.evil", "127.0.0.1.evil.example:" + port):
        for path in ("/", "/api/state", "/metrics"):
            status, _ = page.ask("GET", path, None, {"Host": host})
            check(status == 403, host, path, status)
    for headers in ({}, {"Content-Type": "application/json"},
                    {"Content-Type": "text/plain", "Origin": own},
                    {"Content-Type": "multipart/form-data", "Origin": own},
                    {"X-Cisoid": "1"}):
        status, _ = page.ask("POST", "/api/streamer/start", b"{}", headers)
        check(status in (403, 415), headers, status)


def test_types(page):
    """What is no request is told so, call by call."""
    bodies = [None, b"", b"\xff\xfe", b"[]", b"0", b"null", b'"x"', b"{",
              b'{"a":1,"a":2}', b'{"scenario":1}', b'{"stream":{}}',
              b'{"stream":[1]}', b'{"listen":"tcp:127.0.0.1:0"}',
              b'{"unknown":1}', b'{"scenario":{"signal":{"f":1e999}}}',
              b'{"id":"seven"}', b'{"id":-1}', b'{"id":99999999999999999999}',
              b'{"scenario":' + b"[" * 5000 + b"]" * 5000 + b"}"]
    for call in CALLS:
        for body in bodies:
            status, answer = page.ask("POST", "/api/streamer/" + call, body,
                                      JSON)
            check(400 <= status < 500, call, body and body[:60], status)
            error = json.loads(answer)["error"]
            check(error["code"].startswith("E-") and error["message"], error)
    status, _ = page.ask("POST", "/api/streamer/check",
                         b" " * ((1 << 20) + 1), JSON)
    check(status in (413, 0), "a large body", status)


def test_noise(page):
    """Bytes of which some are nearly a request."""
    rng = random.Random(20261121)
    for i in range(150):
        good = (b"POST /api/streamer/check HTTP/1.1\r\nHost: %s\r\n"
                b"Content-Type: application/json\r\nX-Cisoid: 1\r\n"
                b"Content-Length: 2\r\n\r\n{}" % page.host.encode())
        data = bytearray(good if i % 3 else rng.randbytes(200))
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data))
            data[at:at + rng.randrange(3)] = bytes(
                rng.choice(SIGNS) for _ in range(rng.randrange(4)))
        page.raw(bytes(data[:rng.randrange(len(data)) + 1]))


def test_crowd(page, pdc):
    """Connections that say nothing, half a head, half a body; and readers that
    do not read."""
    half = [b"", b"G", b"GET / HTTP/1.1\r\nHost: ",
            b"POST /api/streamer/start HTTP/1.1\r\nHost: %s\r\nX-Cisoid: 1\r\n"
            b"Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
            % page.host.encode(),
            b"GET /api/events HTTP/1.1\r\nHost: %s\r\n\r\n"
            % page.host.encode()]
    crowd = []
    for i in range(100):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(WAIT_S)
        name, port = page.host.split(":")
        s.connect((name, int(port)))
        try:
            s.sendall(half[i % len(half)])
        except ConnectionError:
            pass
        crowd.append(s)
    pdc.wait(2 * RATE)
    for s in crowd:
        s.close()
    pdc.wait(RATE)


def main():
    program = Program("run", "--source", "mock:f=50.1", "--rate", str(RATE),
                      "--listen", "tcp:127.0.0.1:0", "--web", "127.0.0.1:0")
    said = program.wait_for(r"page: (http://\S+)|without the page")
    if not said[1]:
        sys.exit(77)
    page = Page(said[1])
    pdc = Pdc(program.port())
    pdc.wait(10)
    for test in (test_methods, test_origins, test_types, test_noise):
        test(page)
        pdc.wait(1)
        print(test.__name__, flush=True)
    test_crowd(page, pdc)
    state = read(page.url, "api/state")
    check(state["streamer"]["state"] == "STOPPED", state["streamer"])
    check(state["acquisition"]["lost_scans"] == 0, state["acquisition"])
    got = pdc.instants
    for before, after in zip(got, got[1:]):
        check(after == before + 1, "frames are missing or doubled:",
              after - before)
    check(program.end(signal.SIGTERM) == 0, program.stderr())
    print("%d frames in a row" % len(got))


if __name__ == "__main__":
    main()
