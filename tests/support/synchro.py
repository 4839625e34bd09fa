"""Reads C37.118.2-2011 frames of one PMU, written from the standard alone."""
import binascii
import cmath
import math
import struct


class Frame:
    """Any frame: its common part (6.2) and the bytes between it and CHK."""

    def __init__(self, raw):
        self.raw = raw
        (sync, self.length, self.idcode, self.soc, frac) = struct.unpack(
            ">HHHII", raw[:14])
        assert sync >> 8 == 0xAA, "SYNC"
        assert self.length == len(raw), "FRAMESIZE"
        self.kind = ("data", "hdr", "cfg1", "cfg2", "cmd", "cfg3")[
            sync >> 4 & 7]
        self.time_quality = frac >> 24
        self.fracsec = frac & 0xFFFFFF
        crc = binascii.crc_hqx(raw[:-2], 0xFFFF)
        self.crc_ok = crc == struct.unpack(">H", raw[-2:])[0]
        self.body = raw[14:-2]


class Config:
    """CFG-2 of one PMU (6.4)."""

    def __init__(self, frame):
        body = frame.body
        self.time_base, n_pmu = struct.unpack(">IH", body[:6])
        assert n_pmu == 1
        self.station = body[6:22].decode("ascii").rstrip()
        (self.idcode, self.format, self.n_phasor, self.n_analog,
         self.n_digital) = struct.unpack(">HHHHH", body[22:32])
        names = body[32:32 + 16 * self.n_phasor].decode("ascii")
        self.names = [names[i:i + 16].rstrip()
                      for i in range(0, len(names), 16)]
        at = 32 + 16 * (self.n_phasor + self.n_analog + 16 * self.n_digital)
        self.phunit = struct.unpack(f">{self.n_phasor}I",
                                    body[at:at + 4 * self.n_phasor])
        at += 4 * (self.n_phasor + self.n_analog + self.n_digital)
        fnom, self.cfgcnt, self.rate = struct.unpack(">HHh", body[at:])
        self.fnom_hz = 50 if fnom & 1 else 60


class Data:
    """A data frame (6.3) of that configuration, without analogs."""

    def __init__(self, cfg, frame):
        body = frame.body
        self.soc = frame.soc
        # FRACSEC is a rounding of k/N.
        self.k = round(frame.fracsec / cfg.time_base * cfg.rate)
        exact = self.k / cfg.rate * cfg.time_base
        assert abs(frame.fracsec - exact) <= 0.5, "not on the k/N grid"
        self.time_quality = frame.time_quality
        self.stat, = struct.unpack(">H", body[:2])
        at = 2
        self.phasors = []
        for unit in cfg.phunit:
            value, at = self._phasor(cfg.format, unit, body, at)
            self.phasors.append(value)
        if cfg.format & 8:
            self.freq_hz, self.rocof = struct.unpack(">ff", body[at:at + 8])
        else:
            mhz, centi = struct.unpack(">hh", body[at:at + 4])
            self.freq_hz = cfg.fnom_hz + mhz / 1000
            self.rocof = centi / 100

    @staticmethod
    def _phasor(fmt, unit, body, at):
        if fmt & 2:
            a, b = struct.unpack(">ff", body[at:at + 8])
            value = cmath.rect(a, b) if fmt & 1 else complex(a, b)
            return value, at + 8
        scale = (unit & 0xFFFFFF) * 1e-5
        if fmt & 1:
            a, b = struct.unpack(">Hh", body[at:at + 4])
            return cmath.rect(a * scale, b * 1e-4), at + 4
        a, b = struct.unpack(">hh", body[at:at + 4])
        return complex(a, b) * scale, at + 4


def command(idcode, word):
    """A command frame (6.6)."""
    raw = struct.pack(">HHHIIH", 0xAA41, 18, idcode, 0, 0, word)
    return raw + struct.pack(">H", binascii.crc_hqx(raw, 0xFFFF))


DATA_OFF, DATA_ON, SEND_HDR, SEND_CFG1, SEND_CFG2 = 1, 2, 3, 4, 5


def split(stream):
    """Whole frames at the front of a bytearray, which they leave."""
    frames = []
    while len(stream) >= 4:
        length = struct.unpack(">H", stream[2:4])[0]
        if len(stream) < length:
            break
        frames.append(Frame(bytes(stream[:length])))
        del stream[:length]
    return frames


def pcap_payloads(path):
    """UDP payloads of a capture of raw IP or Ethernet packets, IPv4."""
    blob = open(path, "rb").read()
    order = "<" if blob[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") \
        else ">"
    link = struct.unpack(order + "I", blob[20:24])[0] & 0xFFFF
    at, payloads = 24, []
    while at < len(blob):
        length = struct.unpack(order + "I", blob[at + 8:at + 12])[0]
        packet = blob[at + 16:at + 16 + length]
        ip = packet[14:] if link == 1 else packet
        payloads.append(ip[(ip[0] & 15) * 4 + 8:])
        at += 16 + length
    return payloads


def angle_close(a, b, tol):
    """Whether two angles differ by at most tol, whole turns apart."""
    return abs(math.remainder(a - b, 2 * math.pi)) <= tol
