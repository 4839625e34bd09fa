"""page_api.py - asks the page of a running program, as its own scripts do."""
import json
import sys
import urllib.error
import urllib.request

from program import Program


class Page:
    """`simulate --web` at a free port, or whatever the arguments say."""

    def __init__(self, *args):
        self.program = Program(*(args or ("simulate", "--web",
                                          "127.0.0.1:0")))
        line = self.program.wait_for("page: (http://[^/ ]+)|without the page")
        if not line[1]:
            sys.exit(77)
        self.url = line[1]

    def ask(self, path, body=None, raw=None, timeout=30):
        """(HTTP status, JSON): GET, or POST where there is a body."""
        data = raw if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers={
            "Content-Type": "application/json", "X-Cisoid": "1"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def events(self):
        """{name: [data, ...]} of what there is now."""
        found = {}
        with urllib.request.urlopen(self.url + "/api/events?once=1",
                                    timeout=30) as answer:
            for block in answer.read().decode().split("\n\n"):
                part = dict(line.split(": ", 1) for line in block.split("\n")
                            if ": " in line and line[0] != ":")
                if "event" in part:
                    found.setdefault(part["event"], []).append(
                        json.loads(part["data"]))
        return found

    def streamer(self, what, body=None, raw=None):
        """POST /api/streamer/WHAT."""
        if body is None and raw is None:
            body = {}
        return self.ask("/api/streamer/" + what, body, raw)
