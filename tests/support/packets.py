"""Builds capture files: link, IP, UDP and TCP headers around payloads."""
import binascii
import struct

RAW, ETHERNET, NULL, LOOP, SLL, SLL2 = 101, 1, 0, 108, 113, 276
UDP, TCP = 17, 6


def frame(kind, idcode, soc, fracsec, body, version=1, quality=0):
    """A C37.118.2 frame; kind is the number in SYNC."""
    head = struct.pack(">BBHHII", 0xAA, kind << 4 | version, 16 + len(body),
                       idcode, soc, quality << 24 | fracsec)
    crc = binascii.crc_hqx(head + body, 0xFFFF)
    return head + body + struct.pack(">H", crc)


def config(idcode, time_base=1000000, rate=50, fmt=0xF, names=("VA", "IA"),
           kind=3):
    """CFG-2 (CFG-1: kind 2) of one PMU whose odd phasors are currents; 0.01 per bit."""
    body = struct.pack(">IH16sHHHHH", time_base, 1, b"STATION".ljust(16),
                       idcode, fmt, len(names), 0, 0)
    body += b"".join(n.encode().ljust(16) for n in names)
    for i in range(len(names)):
        body += struct.pack(">I", (i % 2) << 24 | 1000)
    return frame(kind, idcode, 1700000000, 0,
                 body + struct.pack(">HHh", 1, 0, rate))


def data(idcode, n, stat=0, phasors=((100.0, 0.5), (5.0, -0.5)), rate=50):
    """Data of that configuration, frame n of a second."""
    body = struct.pack(">H", stat)
    body += b"".join(struct.pack(">ff", *p) for p in phasors)
    body += struct.pack(">ff", 50.01, -0.25)
    return frame(0, idcode, 1700000001, n * 1000000 // rate, body)


def command(idcode, word):
    return frame(4, idcode, 1700000000, 0, struct.pack(">H", word))


class Capture:
    """A pcap in memory: `link` is its link type, `nano` its resolution."""

    def __init__(self, link=ETHERNET, nano=False, v6=False):
        self.link, self.v6, self.count = link, v6, 0
        magic = 0xA1B23C4D if nano else 0xA1B2C3D4
        self.bytes = struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, link)

    def add(self, packet, cut=None):
        kept = packet if cut is None else packet[:cut]
        self.bytes += struct.pack("<IIII", 1700000000, self.count, len(kept),
                                  len(packet)) + kept
        self.count += 1

    def link_layer(self, ip, vlan=()):
        kind = 0x86DD if self.v6 else 0x0800
        if self.link == ETHERNET:
            tags = b"".join(struct.pack(">HH", 0x8100, v) for v in vlan)
            packet = bytes(12) + tags + struct.pack(">H", kind) + ip
            return packet.ljust(60, b"\0")
        head = {RAW: b"", NULL: struct.pack("<I", 2),
                LOOP: struct.pack(">I", 2),
                SLL: bytes(14) + struct.pack(">H", kind),
                SLL2: struct.pack(">H", kind) + bytes(18)}
        return head[self.link] + ip

    def ip(self, proto, segment, way=0, fragment=0, ident=0):
        """`fragment` is the IPv4 flags and offset word."""
        ends = (10, 20) if way == 0 else (20, 10)
        if self.v6:
            address = [bytes(15) + bytes([e]) for e in ends]
            return struct.pack(">IHBB", 6 << 28, len(segment), proto,
                               64) + address[0] + address[1] + segment
        return struct.pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(segment), ident,
                           fragment, 64, proto, 0, 127, 0, 0, ends[0], 127, 0,
                           0, ends[1]) + segment

    def udp(self, payload, way=0, ports=(4713, 5000), vlan=()):
        a, b = ports if way == 0 else ports[::-1]
        segment = struct.pack(">HHHH", a, b, 8 + len(payload), 0) + payload
        self.add(self.link_layer(self.ip(UDP, segment, way), vlan))

    def udp_in_fragments(self, payload, size, order=None):
        segment = struct.pack(">HHHH", 4713, 5000, 8 + len(payload),
                              0) + payload
        parts = range(0, len(segment), size)
        for at in order(parts) if order else parts:
            more = 0x2000 if at + size < len(segment) else 0
            self.add(self.link_layer(self.ip(
                UDP, segment[at:at + size], 0, more | at // 8, 77)))

    def tcp(self, seq, payload=b"", way=0, ack=0, flags=0x18, cut=None,
            ports=(4712, 5000)):
        a, b = ports if way == 0 else ports[::-1]
        segment = struct.pack(">HHIIBBHHH", a, b, seq & 0xFFFFFFFF,
                              ack & 0xFFFFFFFF, 0x50, flags, 1000, 0,
                              0) + payload
        self.add(self.link_layer(self.ip(TCP, segment, way)), cut)

    def syn(self, seq, way=0, ports=(4712, 5000)):
        self.tcp(seq, way=way, flags=0x02 if way else 0x12, ports=ports)


def packets_of(path):
    """A pcap as its file header and its records, headers included."""
    blob = open(path, "rb").read()
    order = "<" if blob[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    at, records = 24, []
    while at < len(blob):
        length = struct.unpack(order + "I", blob[at + 8:at + 12])[0]
        records.append(blob[at:at + 16 + length])
        at += 16 + length
    return blob[:24], records


def write_packets(path, head, records):
    """The other way round."""
    with open(path, "wb") as f:
        f.write(head + b"".join(records))
