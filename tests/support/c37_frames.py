"""c37_frames.py - reads IEEE C37.118.2 frames, written from the standard alone.

The tests' own decoder: it shares nothing with the one under test. CFG-1 and
CFG-2, CFG-3 whole or in fragments, data frames of every FORMAT.
"""
import cmath
import math
import struct

DATA, HEADER, CFG1, CFG2, COMMAND, CFG3 = 0, 1, 2, 3, 4, 5


class Malformed(Exception):
    pass


def crc(data):
    """CRC-CCITT of Annex B: x^16 + x^12 + x^5 + 1, begun with ones."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ (0x1021 if value & 0x8000 else 0)
            value &= 0xFFFF
    return value


def split(stream):
    """The frames of a byte string, in order."""
    while stream:
        if len(stream) < 16 or stream[0] != 0xAA:
            raise Malformed("no frame where one should begin")
        size = struct.unpack(">H", stream[2:4])[0]
        if size < 16 or size > len(stream):
            raise Malformed("frame of %d bytes, %d are there"
                            % (size, len(stream)))
        yield stream[:size]
        stream = stream[size:]


class Frame:
    """What all frames have; raises Malformed on a wrong CRC."""

    def __init__(self, raw):
        sync, self.size, self.idcode, self.soc, frac = struct.unpack(
            ">HHHII", raw[:14])
        if crc(raw[:-2]) != struct.unpack(">H", raw[-2:])[0]:
            raise Malformed("wrong CRC")
        self.kind = sync >> 4 & 7
        self.version = sync & 15
        self.frac = frac & 0xFFFFFF
        self.time_quality = frac >> 24 & 15
        self.leap = frac >> 28 & 7
        self.body = raw[14:-2]


class Reader:
    """Takes fields from the front."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, fmt):
        size = struct.calcsize(fmt)
        if self.at + size > len(self.body):
            raise Malformed("frame too short")
        values = struct.unpack(fmt, self.body[self.at:self.at + size])
        self.at += size
        return values

    def one(self, fmt):
        return self.take(fmt)[0]


class Pmu:
    """One block of CFG-1 or CFG-2, tables 8 and 9."""

    def __init__(self, reader):
        take, one = reader.take, reader.one
        self.station = self._name(reader)
        self.idcode = one(">H")
        self._global_id(reader)
        self.format, n_ph, n_an, n_dg = take(">HHHH")
        self.phasors = [self._name(reader) for _ in range(n_ph)]
        self.analogs = [self._name(reader) for _ in range(n_an)]
        self.digitals = [[self._name(reader) for _ in range(16)]
                         for _ in range(n_dg)]
        self._scales(reader, n_ph, n_an)
        self.masks = [take(">HH") for _ in range(n_dg)]
        self._place(reader)
        fnom, self.cfgcnt = take(">HH")
        self.fnom_hz = 50 if fnom & 1 else 60
        self.n_analog, self.n_digital = n_an, n_dg

    def _name(self, reader):
        return reader.one(">16s").decode("ascii").rstrip()

    def _global_id(self, reader):
        pass

    def _scales(self, reader, n_ph, n_an):
        """PHUNIT is for int16 alone; ANUNIT's scale is the user's own."""
        words = reader.take(">%dI" % n_ph)
        self.units = [(u >> 24, (u & 0xFFFFFF) * 1e-5) for u in words]
        self.scales = [(1 if self.format & 2 else scale, 0)
                       for _, scale in self.units]
        self.anunits = reader.take(">%dI" % n_an)
        self.analog_scales = [(1, 0)] * n_an

    def _place(self, reader):
        pass


class Pmu3(Pmu):
    """One block of CFG-3, tables 10 to 12."""

    def _name(self, reader):
        return reader.one(">%ds" % reader.one(">B")).decode("utf-8").rstrip()

    def _global_id(self, reader):
        self.g_pmu_id = reader.one(">16s")

    def _scales(self, reader, n_ph, n_an):
        rows = [reader.take(">HBBff") for _ in range(n_ph)]
        self.modified = [row[0] for row in rows]
        self.units = [(row[1] >> 3 & 1, row[3]) for row in rows]
        self.components = [row[1] & 7 for row in rows]
        self.users = [row[2] for row in rows]
        self.scales = [row[3:] for row in rows]
        self.analog_scales = [reader.take(">ff") for _ in range(n_an)]

    def _place(self, reader):
        self.lat_deg, self.lon_deg, self.elev_m = reader.take(">fff")
        self.svc_class = reader.one(">c").decode("ascii")
        self.window_us, self.grp_dly_us = reader.take(">ii")


class Config:
    """A configuration frame, or the body that fragments make."""

    def __init__(self, frame, body=None):
        reader = Reader(frame.body if body is None else body)
        if frame.kind == CFG3 and body is None:
            if reader.one(">H") != 0:
                raise Malformed("a fragment")
        base, n_pmu = reader.take(">IH")
        self.time_base = base & 0xFFFFFF
        kind = Pmu3 if frame.kind == CFG3 else Pmu
        self.pmus = [kind(reader) for _ in range(n_pmu)]
        self.rate = reader.one(">h")
        if reader.at != len(reader.body):
            raise Malformed("configuration of the wrong size")


def joined(frames):
    """The configuration of CFG-3 fragments, each with its own CHK."""
    body = b""
    for i, frame in enumerate(frames):
        index = struct.unpack(">H", frame.body[:2])[0]
        if index != (0xFFFF if i == len(frames) - 1 else i + 1):
            raise Malformed("CONT_IDX %d" % index)
        body += frame.body[2:]
    return Config(frames[0], body)


def joined_one_chk(raws):
    """The same of fragments with one CHK, over all bytes of all of them."""
    everything = b"".join(raws)
    if crc(everything[:-2]) != struct.unpack(">H", everything[-2:])[0]:
        raise Malformed("wrong CRC")
    first = Frame(raws[0] + struct.pack(">H", crc(raws[0])))
    body = b"".join(raw[16:] for raw in raws)
    return Config(first, body[:-2])


class Data:
    """A data frame; .pmus holds (stat, phasors, freq_hz, rocof_hz_per_s), .analogs
    and .digitals those of each PMU. What does not exist is NaN."""

    def __init__(self, frame, config):
        self.pmus, self.analogs, self.digitals = [], [], []
        self.reader = Reader(frame.body)
        for pmu in config.pmus:
            self._pmu(pmu)
        if self.reader.at != len(frame.body):
            raise Malformed("data of the wrong size")

    def _int(self):
        value = self.reader.one(">h")
        return math.nan if value == -32768 else value

    def _raw_phasor(self, fmt):
        if fmt & 2:
            a, b = self.reader.take(">ff")
        else:
            a, b = self.reader.take(">Hh" if fmt & 1 else ">hh")
            if b == -32768 or a == (0x8000 if fmt & 1 else -32768):
                return complex(math.nan, math.nan)
            b *= 1e-4 if fmt & 1 else 1
        if math.isnan(a) or math.isnan(b):
            return complex(math.nan, math.nan)
        return cmath.rect(a, b) if fmt & 1 else complex(a, b)

    def _phasor(self, pmu, i):
        scale, theta = pmu.scales[i]
        raw = self._raw_phasor(pmu.format) * scale
        return raw * cmath.exp(-1j * theta) if theta else raw

    def _analog(self, pmu, i):
        scale, offset = pmu.analog_scales[i]
        raw = self.reader.one(">f") if pmu.format & 4 else self._int()
        return scale * raw + offset

    def _pmu(self, pmu):
        stat = self.reader.one(">H")
        phasors = [self._phasor(pmu, i) for i in range(len(pmu.phasors))]
        if pmu.format & 8:
            freq_hz, rocof = self.reader.take(">ff")
        else:
            freq_hz = pmu.fnom_hz + self._int() * 1e-3
            rocof = self._int() * 1e-2
        self.pmus.append((stat, phasors, freq_hz, rocof))
        self.analogs.append([self._analog(pmu, i)
                             for i in range(pmu.n_analog)])
        self.digitals.append(list(self.reader.take(">%dH" % pmu.n_digital)))
