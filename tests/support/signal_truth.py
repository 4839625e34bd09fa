"""The signal keys of mock and simulate in closed form, from their definition.

Written apart from the program: cisoid-simulate(1), SIGNAL KEYS, and
C37.118.1 5.5.6 (modulation), 5.5.7 (ramp), 5.5.8 (steps).
"""
import cmath
import math

CHANNELS = ("VA", "VB", "VC", "IA", "IB", "IC")
PHASE_RAD = (0, -2 * math.pi / 3, 2 * math.pi / 3)
V_RMS, I_RMS = 120, 5


class Signal:
    """A fundamental at fnom 50; every t counts from t0, s."""

    def __init__(self, **keys):
        known = {"f": 50, "rocof": 0, "am": 0, "am_hz": 0, "pm": 0,
                 "pm_hz": 0, "step_mag": 0, "step_deg": 0,
                 "step_s": math.inf}
        assert set(keys) <= set(known), keys
        self.keys = keys
        self.__dict__.update({**known, **keys})

    def spec(self):
        """As of mock."""
        return ",".join(f"{k}={v}" for k, v in self.keys.items())

    def options(self):
        """As of simulate."""
        return [word for k, v in self.keys.items()
                for word in (f"--{k}", str(v))]

    def _modulation(self, t):
        w = 2 * math.pi * self.pm_hz
        return self.pm, w, w * t - math.pi

    def freq_hz(self, t):
        """The derivative of the phase, over 2 pi."""
        pm, w, x = self._modulation(t)
        return self.f + self.rocof * t - pm * w * math.sin(x) / 2 / math.pi

    def rocof_hz_per_s(self, t):
        """The derivative of the frequency."""
        pm, w, x = self._modulation(t)
        return self.rocof - pm * w * w * math.cos(x) / 2 / math.pi

    def phasor(self, chan, t):
        """The synchrophasor, rms, against a cosine of 50 Hz."""
        pm, _, x = self._modulation(t)
        turns = (self.f - 50) * t + self.rocof * t * t / 2
        rms = V_RMS if chan < 3 else I_RMS
        rms *= 1 + self.am * math.cos(2 * math.pi * self.am_hz * t)
        angle = 2 * math.pi * turns + pm * math.cos(x) + PHASE_RAD[chan % 3]
        if t >= self.step_s:
            rms *= 1 + self.step_mag
            angle += math.radians(self.step_deg)
        return cmath.rect(rms, angle)
