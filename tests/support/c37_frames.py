"""c37_frames.py - reads IEEE C37.118.2 frames, written from the standard alone.

The tests' own decoder: it shares nothing with the one under test. CFG-2 and
data frames of float or int16 phasors, polar or rectangular.
"""
import cmath
import struct

DATA, HEADER, CFG1, CFG2, COMMAND = 0, 1, 2, 3, 4


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


class Pmu:
    """One block of a configuration."""

    def __init__(self, body):
        self.station = body[:16].decode("ascii").rstrip()
        self.idcode, self.format, n_ph, n_an, n_dg = struct.unpack(
            ">HHHHH", body[16:26])
        at = 26
        n_names = n_ph + n_an + 16 * n_dg
        names = [body[at + 16 * i:at + 16 * i + 16].decode("ascii").rstrip()
                 for i in range(n_names)]
        at += 16 * n_names
        units = struct.unpack(">%dI" % (n_ph + n_an + n_dg),
                              body[at:at + 4 * (n_ph + n_an + n_dg)])
        at += 4 * (n_ph + n_an + n_dg)
        fnom, self.cfgcnt = struct.unpack(">HH", body[at:at + 4])
        self.fnom_hz = 50 if fnom & 1 else 60
        self.phasors = names[:n_ph]
        self.units = [(u >> 24, (u & 0xFFFFFF) * 1e-5) for u in units[:n_ph]]
        self.n_analog, self.n_digital = n_an, n_dg
        self.size = at + 4


class Config:
    """A CFG-1 or CFG-2 frame."""

    def __init__(self, frame):
        base, n_pmu = struct.unpack(">IH", frame.body[:6])
        self.time_base = base & 0xFFFFFF
        self.pmus = []
        at = 6
        for _ in range(n_pmu):
            self.pmus.append(Pmu(frame.body[at:]))
            at += self.pmus[-1].size
        self.rate = struct.unpack(">h", frame.body[at:at + 2])[0]
        if at + 2 != len(frame.body):
            raise Malformed("configuration of the wrong size")


class Data:
    """A data frame; .pmus holds (stat, phasors, freq_hz, rocof_hz_per_s)."""

    def __init__(self, frame, config):
        self.pmus = []
        self.at = 0
        self.body = frame.body
        for pmu in config.pmus:
            self.pmus.append(self._pmu(pmu))
        if self.at != len(self.body):
            raise Malformed("data of the wrong size")

    def _take(self, fmt):
        size = struct.calcsize(fmt)
        values = struct.unpack(fmt, self.body[self.at:self.at + size])
        self.at += size
        return values

    def _phasor(self, pmu, i):
        is_float, is_polar = pmu.format & 2, pmu.format & 1
        if is_float:
            a, b = self._take(">ff")
            return cmath.rect(a, b) if is_polar else complex(a, b)
        scale = pmu.units[i][1]
        if is_polar:
            a, b = self._take(">Hh")
            return cmath.rect(a * scale, b * 1e-4)
        a, b = self._take(">hh")
        return complex(a, b) * scale

    def _pmu(self, pmu):
        stat = self._take(">H")[0]
        phasors = [self._phasor(pmu, i) for i in range(len(pmu.phasors))]
        if pmu.format & 8:
            freq_hz, rocof = self._take(">ff")
        else:
            freq, rocof = self._take(">hh")
            freq_hz, rocof = pmu.fnom_hz + freq * 1e-3, rocof * 1e-2
        self._take(">%d%s" % (pmu.n_analog, "f" if pmu.format & 4 else "h"))
        self._take(">%dH" % pmu.n_digital)
        return stat, phasors, freq_hz, rocof
