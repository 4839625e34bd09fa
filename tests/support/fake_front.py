"""A timing front end that is not there: its side of the link, by
docs/mcu-link.md, on a pseudo terminal or a TCP or UNIX socket.

What it says is set by the test; what it was told is kept. Its seconds are those
of this computer's clock, and `late` of them.
"""
import os
import pty
import select
import socket
import threading
import time
import tty

LABEL, IN_LEAP, ARMED, PULSE, SLEW, RUNNING = 1, 8, 16, 32, 64, 128


def line(text):
    """A line of it, with its checksum."""
    total = 0
    for byte in text.encode():
        total ^= byte
    return b"$%s*%02X\r\n" % (text.encode(), total)


def fields(raw):
    """What a line says, or None when its checksum is not right."""
    text, _, rest = raw.decode("latin-1").strip("\r\n").partition("*")
    if not text.startswith("$") or line(text[1:]) != raw.rstrip() + b"\r\n":
        return None
    return text[1:].split(",")


class Pty:
    """A pseudo terminal under a name that stays."""

    def __init__(self, link):
        self.link = link
        self.fd = self.slave = None
        self.plug()

    def plug(self):
        self.fd, slave = pty.openpty()
        tty.setraw(slave)
        name = os.ttyname(slave)
        os.symlink(name, self.link + ".new")
        os.replace(self.link + ".new", self.link)
        # Kept open, so that the terminal is there before anybody opens it.
        self.slave = slave

    def unplug(self):
        os.unlink(self.link)
        fd, self.fd = self.fd, None
        os.close(self.slave)
        os.close(fd)

    @property
    def where(self):
        return self.link

    def read(self, wait_s):
        fd = self.fd
        if fd is None:
            time.sleep(wait_s)
            return b""
        try:
            if select.select([fd], [], [], wait_s)[0]:
                return os.read(fd, 4096)
        except (OSError, ValueError):
            pass
        return b""

    def write(self, data):
        try:
            os.write(self.fd, data)
        except (OSError, TypeError):
            pass


class Socket:
    """A listener with one peer at a time."""

    def __init__(self, path=None):
        self.path = path
        self.peer = self.listener = None
        self.port = 0
        self.plug()

    def plug(self):
        if self.path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(self.path)
        else:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET,
                                     socket.SO_REUSEADDR, 1)
            self._bind()
            self.port = self.listener.getsockname()[1]
        self.listener.listen(1)

    def _bind(self):
        """For a moment somebody may connect from the port that was left."""
        for tries_left in range(100, -1, -1):
            try:
                return self.listener.bind(("127.0.0.1", self.port))
            except OSError:
                if not tries_left:
                    raise
                time.sleep(0.05)

    def unplug(self):
        listener, peer = self.listener, self.peer
        self.listener = self.peer = None
        listener.close()
        if peer:
            peer.close()
        if self.path:
            os.unlink(self.path)

    @property
    def where(self):
        return f"unix:{self.path}" if self.path \
            else f"tcp:127.0.0.1:{self.port}"

    def read(self, wait_s):
        listener, peer = self.listener, self.peer
        watched = [s for s in (listener, peer) if s]
        try:
            ready = select.select(watched, [], [], wait_s)[0]
            if listener in ready:
                self.peer = listener.accept()[0]
            elif peer in ready:
                data = peer.recv(4096)
                if not data and self.peer is peer:
                    self.peer = None
                return data
        except (OSError, ValueError):
            pass
        if not watched:
            time.sleep(wait_s)
        return b""

    def write(self, data):
        try:
            self.peer.sendall(data)
        except (OSError, AttributeError):
            pass


class FrontEnd:
    """Speaks until end()."""

    def __init__(self, port):
        self.port = port
        self.protocol, self.boot, self.rate = 1, 4711, 10000
        self.state, self.error = "LOCKED", "120"
        self.flags = LABEL | PULSE | RUNNING
        self.edges = None
        self.late = 0
        self.reports = self.answers = True
        self.spoil = 0          # every so many lines is changed on the way
        self.nak = {}           # by verb or key: the reason
        self.deaf = 0           # so many commands are not heard
        self.told = []          # fields of each command
        self.starts = {}        # by sequence number: their second
        self.n_said = 0
        self.stop = False
        self.buffer = b""
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def end(self):
        self.stop = True
        self.thread.join()

    def now(self):
        return time.time() + self.late

    def say(self, text):
        data = line(text)
        self.n_said += 1
        if self.spoil and self.n_said % self.spoil == 0:
            data = data[:9] + bytes([data[9] ^ 0x11]) + data[10:]
        self.port.write(data)

    def identify(self):
        self.say(f"PSYN,ID,{self.protocol},fake,0.1.0,84000000,{self.rate},"
                 f"{self.boot}")

    def event(self, name, value=0):
        self.say(f"PSYN,E,{int(self.now())},{name},{value}")

    def reset(self):
        self.boot += 1
        self.identify()
        self.event("BOOT")

    def _report(self, second):
        utc_s = second + self.late if self.flags & LABEL else 0
        edges = self.rate if self.edges is None else self.edges
        self.say(f"PSYN,T,{utc_s},{self.state},-3,30125,{self.error},9,"
                 f"{edges},{self.flags:04X}")

    def _run(self):
        last = int(time.time())
        while not self.stop:
            # A front end that was kept waiting leaves no second out.
            while last < int(time.time()):
                last += 1
                if self.reports:
                    self._report(last)
            data = self.port.read(0.02)
            self.buffer += data
            while b"\n" in self.buffer:
                raw, self.buffer = self.buffer.split(b"\n", 1)
                self._hear(raw + b"\n")

    def _hear(self, raw):
        words = fields(raw)
        if not words or words[0] != "PSYN" or not self.answers:
            return
        self.told.append(words)
        if self.deaf > 0:
            self.deaf -= 1
            return
        reason = self.nak.get(words[1]) or self.nak.get(words[3])
        if reason:
            self.say(f"PSYN,NAK,{words[2]},{reason}")
        elif words[1] == "START":
            self._start(words)
        elif words[1] == "SET":
            if words[3] == "rate":
                self.rate = int(words[4])
            self.say(f"PSYN,ACK,{words[2]},{words[3]},{words[4]}")
        elif words[1] == "QUERY" and words[3] == "id":
            self.identify()

    def _start(self, words):
        ahead = int(words[3]) - self.now()
        if words[2] not in self.starts:
            if self.state not in ("LOCKED", "HOLDOVER") or \
                    not self.flags & LABEL:
                self.say(f"PSYN,NAK,{words[2]},STATE")
                return
            if ahead < 0.1:
                self.say(f"PSYN,NAK,{words[2]},LATE")
                return
            if ahead > 60:
                self.say(f"PSYN,NAK,{words[2]},RANGE")
                return
            self.starts[words[2]] = int(words[3])
        self.say(f"PSYN,ACK,{words[2]}")
