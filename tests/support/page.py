"""A browser's side of the page: requests, and events as they come."""
import http.client
import json
import threading
import urllib.error
import urllib.request


def get(url, path):
    """(status, body as text) of GET."""
    try:
        with urllib.request.urlopen(url + path, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def post(url, path, body):
    """(status, JSON of the answer) of POST."""
    request = urllib.request.Request(
        url + path, json.dumps(body).encode(),
        {"Content-Type": "application/json", "X-Cisoid": "1"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read().decode())


def read(url, path):
    """JSON of GET, which must succeed."""
    with urllib.request.urlopen(url + path, timeout=60) as answer:
        return json.loads(answer.read().decode())


class Events:
    """Follows /api/events in a thread: a list of (id, event, data)."""

    def __init__(self, url):
        host = url.split("//")[1].rstrip("/")
        self.connection = http.client.HTTPConnection(host, timeout=60)
        self.connection.request("GET", "/api/events")
        self.answer = self.connection.getresponse()
        self.all = []
        self.news = threading.Condition()
        self.ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        at, event = None, None
        try:
            for line in self.answer:
                line = line.decode().rstrip("\r\n")
                if line.startswith("id: "):
                    at = line[4:]
                elif line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    with self.news:
                        self.all.append((at, event, json.loads(line[6:])))
                        self.news.notify_all()
        except (OSError, http.client.HTTPException):
            pass
        with self.news:
            self.ended = True
            self.news.notify_all()

    def wait(self, enough, timeout=60):
        """Until enough(self) or the end; whether it was."""
        with self.news:
            return self.news.wait_for(lambda: self.ended or enough(self),
                                      timeout) and enough(self)

    def of(self, name):
        """The data of all events of a name; arrays put together."""
        found = []
        for _, event, data in list(self.all):
            if event == name:
                found += data if isinstance(data, list) else [data]
        return found
