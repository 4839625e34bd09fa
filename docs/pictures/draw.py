#!/usr/bin/env python3
"""draw.py - the picture of README.md, from what the program really prints.

    docs/pictures/draw.py [build/cisoid]      writes reports.svg beside itself

A signal with a ramp and a step is captured and estimated; the reports are drawn
over the closed form of the signal, and below their distance to it, the TVE.
"""
import cmath
import csv
import math
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CISOID = os.path.join(HERE, "..", "..", "build", "cisoid")

F_NOM, V = 50.0, 120.0
RAMP_S, RAMP_END_S, ROCOF = 1.0, 3.0, 1.0
STEP_S, STEP_MAG, STEP_DEG = 4.0, 0.1, 10.0
END_S = 5.0
SNR_DB = 70
SIGNAL = ("mock:rate=18000,f=%g,v=%g,rocof=%g,rocof_s=%g,f_to=%g,step_s=%g,"
          "step_mag=%g,step_deg=%g,snr_db=%g"
          % (F_NOM, V, ROCOF, RAMP_S, F_NOM + ROCOF * (RAMP_END_S - RAMP_S),
             STEP_S, STEP_MAG, STEP_DEG, SNR_DB))
START_SOC = 1795176000
START = "2026-11-20T12:00:00Z"

WIDTH, LEFT, RIGHT = 800, 64, 16
PANEL, GAP, TOP, BOTTOM = 150, 34, 34, 44


# ---- the closed form ----

def truth(t):
    """Frequency and the phasor of phase A at t."""
    ramp = min(max(t - RAMP_S, 0), RAMP_END_S - RAMP_S)
    after = max(t - RAMP_END_S, 0)
    turns = ROCOF * ramp ** 2 / 2 + ROCOF * ramp * after
    stepped = t >= STEP_S
    phase = 2 * math.pi * turns + math.radians(STEP_DEG * stepped)
    return F_NOM + ROCOF * ramp, V * (1 + STEP_MAG * stepped) * cmath.exp(
        1j * phase)


# ---- reports ----

def reports(cisoid):
    """(t, frequency, phasor of phase A) of each report."""
    with tempfile.TemporaryDirectory() as folder:
        cfg = os.path.join(folder, "a.cfg")
        subprocess.run([cisoid, "capture", "--source", SIGNAL, "--start", START,
                        "--duration", "%g" % END_S, "-o", cfg, "--quiet"],
                       check=True)
        out = subprocess.run([cisoid, "estimate", cfg, "--quiet"], check=True,
                             capture_output=True, text=True)
    for row in csv.DictReader(out.stdout.splitlines()):
        t = int(row["soc"]) - START_SOC + float(row["fracsec"])
        yield t, float(row["freq_hz"]), cmath.rect(
            float(row["VA_rms"]), math.radians(float(row["VA_deg"])))


# ---- drawing ----

STYLE = """
text { font: 13px sans-serif; fill: #24292f }
.unit { font-weight: 600 }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.truth { stroke: #6e7781; fill: none; stroke-width: 1.2 }
.report { fill: #0072b2 }
.limit { stroke: #d55e00; stroke-dasharray: 6 4; stroke-width: 1.4 }
.limit-text { fill: #a84a00 }
@media (prefers-color-scheme: dark) {
  text { fill: #d0d7de }
  .truth { stroke: #9aa4ae }
  .report { fill: #56b4e9 }
  .limit-text { fill: #f0883e }
}
"""


class Panel:
    """One plot: y from `low` to `high`, linear or logarithmic."""

    def __init__(self, number, title, low, high, ticks, log=False):
        self.top = TOP + number * (PANEL + GAP)
        self.log = log
        self.low, self.high = self.scale(low), self.scale(high)
        self.marks = ['<text class="unit" x="%d" y="%d">%s</text>'
                      % (LEFT, self.top - 9, title)]
        for value in ticks:
            self.tick(value)
        for t in range(int(END_S) + 1):
            self.marks.append(
                '<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>'
                % (x_of(t), x_of(t), self.top, self.top + PANEL))

    def scale(self, value):
        return math.log10(value) if self.log else value

    def y(self, value):
        part = (self.scale(value) - self.low) / (self.high - self.low)
        return self.top + PANEL * (1 - min(max(part, 0), 1))

    def tick(self, value):
        y = self.y(value)
        self.marks.append(
            '<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'
            '<text x="%d" y="%.1f" text-anchor="end">%s</text>'
            % (LEFT, WIDTH - RIGHT, y, y, LEFT - 8, y + 4.5,
               ("%f" % value).rstrip("0").rstrip(".")))

    def line(self, points, kind):
        self.marks.append('<polyline class="%s" points="%s"/>' % (
            kind, " ".join("%.1f,%.1f" % (x_of(t), self.y(v))
                           for t, v in points)))

    def dots(self, points, kind):
        self.marks += ['<circle class="%s" cx="%.1f" cy="%.1f" r="1.9"/>'
                       % (kind, x_of(t), self.y(v)) for t, v in points]

    def limit(self, value, text):
        y = self.y(value)
        self.marks.append(
            '<line class="limit" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'
            '<text class="limit-text" x="%d" y="%.1f">%s</text>'
            % (LEFT, WIDTH - RIGHT, y, y, LEFT + 6, y - 5, text))


def x_of(t):
    return LEFT + t / END_S * (WIDTH - LEFT - RIGHT)


def time_axis(bottom):
    return ['<text x="%.1f" y="%d" text-anchor="middle">%d%s</text>'
            % (x_of(t) - (8 if t == END_S else 0), bottom + 20, t,
               " s" if t == END_S else "") for t in range(int(END_S) + 1)]


def panels(rows):
    corners = [0, RAMP_S, RAMP_END_S, STEP_S - 1e-9, STEP_S, END_S]
    freq = Panel(0, "Frequency, Hz", 49.5, 53.5, (50, 51, 52, 53))
    freq.line([(t, truth(t)[0]) for t in corners], "truth")
    freq.dots([(t, f) for t, f, _ in rows], "report")
    mag = Panel(1, "Voltage of phase A, V rms", 118, 134, (120, 126, 132))
    mag.line([(t, abs(truth(t)[1])) for t in corners], "truth")
    mag.dots([(t, abs(x)) for t, _, x in rows], "report")
    tve = Panel(2, "Total vector error (TVE), %", 1e-4, 30,
                (0.001, 0.01, 0.1, 1, 10), log=True)
    tve.limit(1, "1 %: limit of the standard in steady state and ramps")
    tve.dots([(t, 100 * max(abs(x / truth(t)[1] - 1), 1e-9))
              for t, _, x in rows], "report")
    return [freq, mag, tve]


def legend():
    y = TOP - 13
    return ['<line class="truth" x1="%d" x2="%d" y1="%d" y2="%d"/>'
            '<text x="%d" y="%d">the signal</text>'
            % (WIDTH - 300, WIDTH - 272, y, y, WIDTH - 264, y + 4),
            '<circle class="report" cx="%d" cy="%d" r="3"/>'
            '<text x="%d" y="%d">reports, 50 a second</text>'
            % (WIDTH - 178, y, WIDTH - 168, y + 4)]


def svg(rows):
    all_panels = panels(rows)
    bottom = all_panels[-1].top + PANEL
    marks = time_axis(bottom) + legend()
    for panel in all_panels:
        marks += panel.marks
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
            'role="img">\n<title>Reports of a signal with a frequency ramp and '
            'a step</title>\n<style>%s</style>\n%s\n</svg>\n'
            % (WIDTH, bottom + BOTTOM, STYLE, "\n".join(marks)))


def main():
    cisoid = sys.argv[1] if len(sys.argv) > 1 else CISOID
    rows = list(reports(cisoid))
    with open(os.path.join(HERE, "reports.svg"), "w", encoding="utf-8") as out:
        out.write(svg(rows))
    most = max(100 * abs(x / truth(t)[1] - 1) for t, _, x in rows)
    print("%d reports; largest TVE %.2g %%" % (len(rows), most))


if __name__ == "__main__":
    main()
