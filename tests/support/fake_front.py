"""A timing front end that is not there, on lines that fail: on a pseudo terminal
or a socket, disturbed, hard of hearing, or of another opinion.
"""
import os
import select
import socket
import time

from front_end import FrontEnd, line


class FakeFront(FrontEnd):
    """On a pseudo terminal."""

    protocol = 1
    spoil = 0   # every so many lines is changed on the way
    n_said = 0
    deaf = 0    # so many commands are not heard

    def __init__(self, **told):
        self.nak = {}    # by command or key: the reason
        self.by_seq = {}  # START: the second that was agreed to
        super().__init__(error_ns=120, **told)

    @property
    def where(self):
        return self.path

    def say(self, text):
        data = line("PSYN," + text)
        self.n_said += 1
        if self.spoil and self.n_said % self.spoil == 0:
            data = data[:9] + bytes([data[9] ^ 0x11]) + data[10:]
        self.put(data)

    def tell_id(self):
        self.say(f"ID,{self.protocol},fake,0.1,84000000,{self.rate},"
                 f"{self.boot}")

    def start(self, seq, utc):
        """The same sequence number again is answered again."""
        if seq in self.by_seq:
            self.say(f"ACK,{seq}")
            return
        super().start(seq, utc)
        if self.starts and self.starts[-1] == utc:
            self.by_seq[seq] = utc

    def obey(self, text):
        words = text.decode("latin-1").partition("*")[0].split(",")
        reason = [self.nak[w] for w in words if w in self.nak]
        if self.silent:
            return
        if self.deaf > 0 or reason:
            self.commands.append(words[1:])
        if self.deaf > 0:
            self.deaf -= 1
        elif reason:
            self.say(f"NAK,{words[2]},{reason[0]}")
        else:
            super().obey(text)

    def told(self):
        """Commands so far, without their sequence numbers."""
        return [words[:1] + words[2:] for words in self.commands]


class SocketFront(FakeFront):
    """On a TCP port, or a UNIX socket; one peer at a time."""

    def __init__(self, unix=False, **told):
        self.unix = unix
        self.port = 0
        self.listener = self.peer = None
        super().__init__(**told)

    @property
    def where(self):
        return "unix:" + self.path if self.unix \
            else f"tcp:127.0.0.1:{self.port}"

    def _bind(self):
        """For a moment somebody may connect from the port that was left."""
        for tries_left in range(100, -1, -1):
            try:
                return self.listener.bind(("127.0.0.1", self.port))
            except OSError:
                if not tries_left:
                    raise
                time.sleep(0.05)

    def plug(self):
        if self.unix:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(self.path)
        else:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET,
                                     socket.SO_REUSEADDR, 1)
            self._bind()
            self.port = self.listener.getsockname()[1]
        self.listener.listen(1)
        self.buffer = b""

    def unplug(self):
        listener, peer = self.listener, self.peer
        self.listener = self.peer = None
        for end in (listener, peer):
            if end:
                end.close()
        if self.unix and os.path.exists(self.path):
            os.unlink(self.path)

    def close(self):
        super().close()
        self.unplug()

    def put(self, raw):
        peer = self.peer
        try:
            if peer and not self.silent:
                with self.lock:
                    peer.sendall(raw)
        except OSError:
            pass

    def listen(self, left_s):
        listener, peer = self.listener, self.peer
        watched = [end for end in (listener, peer) if end]
        try:
            ready = select.select(watched, [], [], min(left_s, 0.02))[0]
            if listener in ready:
                self.peer, self.buffer = listener.accept()[0], b""
            elif peer in ready:
                data = peer.recv(4096)
                if not data and self.peer is peer:
                    self.peer = None
                self.buffer += data
        except (OSError, ValueError):
            time.sleep(0.01)
        while b"\n" in self.buffer:
            one, self.buffer = self.buffer.split(b"\n", 1)
            self.obey(one)
