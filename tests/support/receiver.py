"""receiver.py - what a receiver of data frames must count, from a capture.

Written from what cisoid-listen(1) says that it counts, apart from the program:
datagrams in their order, one stream for each IDCODE, on the grid of one rate.
"""
import struct

from packets import packets_of

HEADERS = 16 + 14 + 20 + 8  # record, Ethernet, IPv4, UDP


def crc(data, table=[]):
    """CRC-CCITT of clause 6.2, a byte at a time."""
    if not table:
        for byte in range(256):
            value = byte << 8
            for _ in range(8):
                value = (value << 1 ^ (0x1021 if value & 0x8000 else 0)) \
                    & 0xFFFF
            table.append(value)
    value = 0xFFFF
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ table[byte ^ value >> 8]
    return value


class Stream:
    """One IDCODE."""

    def __init__(self):
        self.told = set()   # places that any datagram says, also spoilt ones
        self.chk = {}       # place: check word of the frame that took it
        self.first = self.newest = None
        self.last_bytes = None
        self.frames = self.duplicates = self.contradicted = self.late = 0
        self.adjacent = 0   # datagrams like the one before

    def lost(self):
        """Places between the first and the newest that were never taken."""
        span = range(self.first, self.newest + 1)
        return len(span) - sum(k in self.chk for k in span)

    def take(self, k, chk):
        self.frames += 1
        if self.first is None:
            self.first = self.newest = k
        elif k > self.newest:
            self.newest = k
        elif k not in self.chk:
            self.late += 1
        elif self.chk[k] == chk:
            self.duplicates += 1
            return
        else:
            self.contradicted += 1
            return
        self.chk[k] = chk


class Receiver:
    """All of a capture of frames by UDP over IPv4; n_data bytes are right."""

    def __init__(self, path, rate, time_base=1000000):
        self.rate, self.time_base = rate, time_base
        self.streams = {}
        self.crc_errors = self.wrong_length = self.truncated = 0
        frames = [r[HEADERS:] for r in packets_of(path)[1]]
        data = [f for f in frames if f[1] >> 4 & 7 == 0]
        sizes = [len(f) for f in data]
        self.n_data = max(set(sizes), key=sizes.count)
        for frame in data:
            self.take(frame)

    def take(self, frame):
        size, idcode, soc, frac = struct.unpack(">HHII", frame[2:14])
        s = self.streams.setdefault(idcode, Stream())
        s.adjacent += frame == s.last_bytes
        s.last_bytes = frame
        k = soc * self.rate + round((frac & 0xFFFFFF) * self.rate /
                                    self.time_base)
        s.told.add(k)
        chk = struct.unpack(">H", frame[-2:])[0]
        if len(frame) < size:
            self.truncated += 1
        elif crc(frame[:-2]) != chk:
            self.crc_errors += 1
        elif len(frame) != self.n_data:
            self.wrong_length += 1
        else:
            s.take(k, chk)

    def total(self, name):
        """Over all streams."""
        values = (getattr(s, name) for s in self.streams.values())
        return sum(v() if callable(v) else v for v in values)
