"""PMUs that misbehave as a test tells them: frames by struct, sockets, a thread.

Standard library only; frames are written from the standard, not by the program
under test.
"""
import binascii
import socket
import struct
import threading

from synchro import split

DATA_OFF, DATA_ON, SEND_HDR, SEND_CFG1, SEND_CFG2, SEND_CFG3 = 1, 2, 3, 4, 5, 6
SOC = 1795176000  # 2026-11-20T12:00:00Z
RATE = 10


def sealed(kind, idcode, soc, fracsec, body, version=1):
    """A frame around its body, clause 6.2; kind is the number in SYNC."""
    raw = struct.pack(">HHHII", 0xAA00 | kind << 4 | version, 16 + len(body),
                      idcode, soc, fracsec) + body
    return raw + struct.pack(">H", binascii.crc_hqx(raw, 0xFFFF))


def spoilt(frame):
    """The frame with a wrong check word."""
    return frame[:-1] + bytes([frame[-1] ^ 1])


class Device:
    """One stream of one PMU: n rectangular int16 phasors of 0.01 V a bit."""

    def __init__(self, idcode=60, name="PEER", n=2, cfgcnt=0, rate=RATE,
                 version=1):
        self.idcode, self.name, self.n = idcode, name, n
        self.cfgcnt, self.rate, self.version = cfgcnt, rate, version

    def cfg2(self, soc=SOC, kind=3):
        """Its CFG-2; CFG-1 with kind 2."""
        body = struct.pack(">IH16sHHHHH", 1000000, 1,
                           self.name.encode().ljust(16), self.idcode, 0,
                           self.n, 0, 0)
        body += b"".join((b"V%d" % i).ljust(16) for i in range(self.n))
        body += self.n * struct.pack(">I", 1000)
        body += struct.pack(">HHh", 1, self.cfgcnt, self.rate)
        return sealed(kind, self.idcode, soc, 0, body, self.version)

    def cfg3(self, soc=SOC):
        """Its CFG-3, in one piece: clause 6.5.2, table 10."""
        def name(text):
            raw = text.encode()
            return bytes([len(raw)]) + raw

        body = struct.pack(">HIH", 0, 1000000, 1) + name(self.name)
        body += struct.pack(">H16sHHHH", self.idcode, bytes(16), 0, self.n, 0,
                            0)
        body += b"".join(name("Spannung V%d" % i) for i in range(self.n))
        # PHSCALE: flags, 0.01 V a bit, no angle offset.
        body += self.n * struct.pack(">Iff", 0, 0.01, 0)
        body += struct.pack(">fffcII", 0, 0, 0, b"M", 0, 0)
        body += struct.pack(">HH", 1, self.cfgcnt)
        return sealed(5, self.idcode, soc, 0,
                      body + struct.pack(">h", self.rate), 2)

    def cfg3_series(self, size, one_chk=False, soc=SOC):
        """The same in fragments of `size` bytes of content: a CHK in each, or
        one at the end, over all bytes of all of them."""
        body = self.cfg3()[16:-2]
        parts = [body[i:i + size] for i in range(0, len(body), size)]
        raws = []
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            index = struct.pack(">H", 0xFFFF if last else i + 1)
            frame = sealed(5, self.idcode, soc, 0, index + part, 2)
            if one_chk:
                length = len(frame) - (0 if last else 2)
                frame = frame[:2] + struct.pack(">H", length) + frame[4:-2]
            raws.append(frame)
        if one_chk:
            chk = binascii.crc_hqx(b"".join(raws), 0xFFFF)
            raws[-1] += struct.pack(">H", chk)
        return raws

    def data(self, k, stat=0, soc=SOC):
        """Frame k since `soc`: V0 = 100 + 50j V, 50.02 Hz, -0.25 Hz/s."""
        body = struct.pack(">H", stat)
        body += self.n * struct.pack(">hh", 10000, 5000)
        body += struct.pack(">hh", 20, -25)
        return sealed(0, self.idcode, soc + k // self.rate,
                      k % self.rate * 1000000 // self.rate, body,
                      self.version)


class Talk:
    """A TCP connection to a client: commands in, bytes out."""

    def __init__(self, sock):
        self.sock, self.stream, self.commands = sock, bytearray(), []

    def command(self):
        """The next command word; None when the client is gone."""
        while not self.commands:
            try:
                chunk = self.sock.recv(65536)
            except OSError:
                return None
            if not chunk:
                return None
            self.stream += chunk
            self.commands += [struct.unpack(">H", f.body)[0]
                              for f in split(self.stream)]
        return self.commands.pop(0)

    def send(self, *chunks):
        """False when the client is gone."""
        try:
            for chunk in chunks:
                self.sock.sendall(chunk)
        except OSError:
            return False
        return True

    def until(self, word, answers=()):
        """Answers commands by `answers` until `word` comes; all that came."""
        heard, answers = [], dict(answers)
        while True:
            command = self.command()
            heard.append(command)
            if command is None:
                return heard
            if command in answers:
                self.send(answers[command])
            if command == word:
                return heard

    def hold(self):
        """Until the client leaves."""
        while self.command() is not None:
            pass


class TcpPeer:
    """A server that runs one function for each connection, in turn."""

    def __init__(self, *scripts, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.server = socket.create_server((host, 0), family=family)
        self.port = self.server.getsockname()[1]
        self.scripts = scripts
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        for script in self.scripts:
            sock, _ = self.server.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with sock:
                script(Talk(sock))


def serve(device, *chunks, stays=True):
    """A script: knows CFG-2 alone, sends the chunks, waits or hangs up."""
    def script(talk):
        talk.until(DATA_ON, {SEND_CFG2: device.cfg2()})
        talk.send(*chunks)
        if stays:
            talk.hold()
    return script
