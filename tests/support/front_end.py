"""front_end.py - a timing front end that is not there, on a pseudo terminal.

Written from docs/mcu-link.md alone, apart from the codec of the program. It says
what a test tells it to; its seconds are those of this computer's clock, off_s
later, and begin late_s before each report.
"""
import os
import select
import tempfile
import threading
import time
import tty

LABEL, LEAP_INSERT, IN_LEAP, START, PULSE, SLEW, RUNNING = (
    1, 2, 8, 16, 32, 64, 128)


def line(text):
    """With checksum, as it goes over the link."""
    value = 0
    for byte in text.encode("ascii"):
        value ^= byte
    return b"$%s*%02X\r\n" % (text.encode("ascii"), value)


class FrontEnd:
    """Says what its members are, once a second; settings are ACKed."""

    def __init__(self, state="LOCKED", **told):
        self.state = state
        self.label = True
        self.off_s = 0
        self.late_s = 0.03
        self.phase_ns, self.freq_ppb, self.sats = 12, -310, 9
        self.error_ns = 60
        self.flags = PULSE | RUNNING
        self.edges = None            # as they should be
        self.boot = 7
        self.refuse = None           # the reason of each NAK to START
        self.silent = False          # the link is there, and nothing comes
        self.__dict__.update(told)
        self.rate, self.delay_ns = 18000, 0
        self.starts, self.commands, self.bad = [], [], 0
        self.lock = threading.Lock()
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "tty")
        self.master = None
        self.ended = False
        self.plug()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # ---- the cable ----

    def plug(self):
        with self.lock:
            self.master, slave = os.openpty()
            tty.setraw(slave)
            os.symlink(os.ttyname(slave), self.path)
            self.slave, self.buffer = slave, b""

    def unplug(self):
        with self.lock:
            os.unlink(self.path)
            os.close(self.master)
            os.close(self.slave)
            self.master = None

    def close(self):
        self.ended = True
        self.thread.join()
        if self.master is not None:
            self.unplug()
        self.folder.cleanup()

    def say(self, text):
        """Unless nobody is there to hear it."""
        self.put(line("PSYN," + text))

    def put(self, raw):
        with self.lock:
            if self.master is not None and not self.silent:
                os.write(self.master, raw)

    # ---- the device ----

    def now(self):
        return time.time() + self.off_s

    def word(self):
        return self.flags | (LABEL if self.label else 0)

    def tell_id(self):
        self.say(f"ID,1,fake,0.1,84000000,{self.rate},{self.boot}")

    def event(self, name, value=0):
        utc = int(self.now()) if self.label else 0
        self.say(f"E,{utc},{name},{value}")

    def restart(self):
        """A reset, as far as the other end can see it."""
        self.boot += 1
        self.event("BOOT", 0)
        self.tell_id()

    def report(self, utc):
        edges = self.rate if self.edges is None else self.edges
        fields = (utc if self.label else 0, self.state, self.phase_ns,
                  self.freq_ppb, self.error_ns, self.sats, edges,
                  f"{self.word():04X}")
        self.say("T," + ",".join("" if f is None else str(f)
                                 for f in fields))

    def start(self, seq, utc):
        ahead = utc - self.now()
        if self.refuse:
            self.say(f"NAK,{seq},{self.refuse}")
        elif self.state not in ("LOCKED", "HOLDOVER") or not self.label:
            self.say(f"NAK,{seq},STATE")
        elif not 0.1 <= ahead <= 60:
            self.say(f"NAK,{seq},LATE")
        else:
            self.starts.append(utc)
            self.say(f"ACK,{seq}")

    def obey(self, text):
        body, _, check = text.decode("ascii").strip().partition("*")
        if line(body[1:]).decode("ascii").strip() != text.decode().strip():
            self.bad += 1
            return
        words = body[1:].split(",")
        self.commands.append(words[1:])
        verb, seq = words[1], words[2]
        if verb == "START":
            self.start(seq, int(words[3]))
        elif verb == "SET":
            key, value = words[3], int(words[4])
            self.rate = value if key == "rate" else self.rate
            self.delay_ns = value if key == "delay_ns" else self.delay_ns
            self.say(f"ACK,{seq},{key},{value}")
        elif verb == "QUERY" and words[3] == "id":
            self.tell_id()
            self.say(f"ACK,{seq}")

    def listen(self, left_s):
        """For that long."""
        until = time.monotonic() + left_s
        while (left := until - time.monotonic()) > 0:
            master = self.master
            try:
                if master is None:
                    time.sleep(min(left, 0.01))
                elif select.select([master], [], [], min(left, 0.02))[0]:
                    self.buffer += os.read(master, 256)
            except (OSError, ValueError):
                time.sleep(min(left, 0.01))
            while b"\n" in self.buffer:
                one, self.buffer = self.buffer.split(b"\n", 1)
                self.obey(one)

    def _run(self):
        while not self.ended:
            utc = int(self.now() - self.late_s) + 1
            off_s = self.off_s
            while self.off_s == off_s and not self.ended and \
                    self.now() < utc + self.late_s:
                self.listen(min(utc + self.late_s - self.now(), 0.1))
            if self.off_s == off_s and not self.ended:
                self.report(utc)
                if utc in self.starts:
                    self.event("STARTED")
